// Writes dist/builtins.json: the plugins among the agent's dependencies, from what their package.json says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const agent = new URL('../', import.meta.url);
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', agent), 'utf8'));
const builtins = {};
for (const name of Object.keys(dependencies)) {
  const manifest = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, agent), 'utf8'));
  if (!manifest.informer?.plugin) continue;
  const { plugin, host = 'own', ...rest } = manifest.informer;
  builtins[plugin] = {
    package: name,
    host,
    version: manifest.version,
    description: manifest.description,
    ...rest,
  };
}
mkdirSync(new URL('dist/', agent), { recursive: true });
writeFileSync(new URL('dist/builtins.json', agent), `${JSON.stringify(builtins, null, 2)}\n`);
