// Reads a configuration for a support bundle and tells its parent what it finds, the most needed first. What blocks it
// blocks nobody else. Run by hand it says nothing: secrets are among what it tells.
import { resolve } from 'node:path';
import type { CatalogEntry } from '../catalog.ts';
import { stateDirOf } from '../cli/client.ts';
import { loadPlugins } from '../cli/plugins.ts';
import { processHosts } from '../cli/start-host.ts';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import { HostPool } from '../hosts/pool.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { checkConfig } from '../reload/check-config.ts';
import { catalogOf } from '../reload/resolve.ts';
import type { Facts } from './facts.ts';

/** Tells the parent of every secret as soon as it is known. */
class TellingRedactor extends Redactor {
  override add(values: Iterable<string>): void {
    const secrets = [...values];
    super.add(secrets);
    if (secrets.length > 0) void tell({ secrets });
  }
}

function tell(facts: Facts): Promise<void> {
  const { promise, resolve: told } = Promise.withResolvers<void>();
  if (process.send) process.send(facts, () => told());
  else told();
  return promise;
}

process.on('disconnect', () => process.exit(1));
const file = resolve(process.argv[2] ?? '');
const redactor = new TellingRedactor();
const log = createLog({ level: 'error', format: 'logfmt', redactor });
const pool = new HostPool(processHosts(log, { stateFolder: () => undefined, redactor }));

const stateDir = await stateDirOf(file).catch(() => undefined);
if (stateDir !== undefined) await tell({ stateDir });
const { config, sources, secrets } = await loadConfigOffThread(file);
redactor.add(secrets);
await tell({ files: sources ? [sources.mainFile, ...sources.included] : [file] });
const catalog = await catalogOf(config);
await tell({ plugins: [...catalog.values()] });
await Promise.all([schemas(), check()]);
await pool.stop();
process.exit(0);

/** Of the plugins in use; if the configuration is not usable, of those that came with the agent. */
async function schemas(): Promise<void> {
  const names = new Set(config?.resources.map(({ plugin }) => plugin));
  const wanted = [...catalog.values()].filter(({ name, builtin }) => (config ? names.has(name) : builtin));
  // One that can't be loaded brings down what is loaded in the same host.
  const builtin = wanted.filter((entry) => entry.builtin);
  const groups: CatalogEntry[][] = [
    builtin,
    ...wanted.filter((entry) => !entry.builtin).map((entry) => [entry]),
  ];
  const found: Record<string, unknown> = {};
  for (const group of groups) {
    const loaded = await loadPlugins(pool, group).catch(() => []);
    for (const [index, { schema }] of loaded.entries()) found[group[index]?.name ?? ''] = schema;
    await tell({ schemas: found });
  }
}

async function check(): Promise<void> {
  const { issues, warnings, release } = await checkConfig(file, process.env, pool, redactor);
  await tell({ check: [...issues, ...warnings].map((issue) => redactor.redact(formatDiagnostic(issue))) });
  release();
}
