// A contestant that holds a mix in a registry: see conversation.ts.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip, constants as zlib } from 'node:zlib';
import type { RegistrySetting } from './contestants.ts';
import { type Ask, answerQuestions } from './conversation.ts';
import { millisecondsOf } from './harness.ts';
import { longestHold } from './longest-hold.ts';
import { openRegistry, type Rendered } from './registries.ts';

const compress = promisify(gzip);
const {
  library,
  mix,
  series,
  changed,
  format = 'text',
} = JSON.parse(process.argv[2] ?? '') as RegistrySetting & {
  library: string;
};
const registry = openRegistry(library, mix, series);
registry.change('all', 0);

await answerQuestions(async ({ do: what, round = 0, file = '' }: Ask) => {
  if (what === 'serve') return serve();
  if (what === 'write') {
    const { parts, done } = await registry.render(format);
    await writeFile(file, parts);
    done?.();
    return 0;
  }
  registry.change(changed, round);
  if (what === 'change') return 0;
  // Nobody's garbage is collected beforehand: who makes it pays for it, in the middle of a rendering as in life.
  if (what === 'hold') return longestHold(() => registry.renderAside?.() ?? registry.render(format));
  let rendered: Rendered | undefined;
  const took = await millisecondsOf(async () => {
    rendered = await registry.render(format);
  });
  rendered?.done?.();
  return took;
});

/** Serves the registry as the packages' own examples do. Who brings no compression gets ours' level of it. */
async function serve(): Promise<number> {
  const server = createServer(async (request, response) => {
    if (registry.handler) {
      await registry.handler(request, response);
      return;
    }
    const { parts } = await registry.render('text');
    const body = Buffer.concat(parts);
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    if (!String(request.headers['accept-encoding']).includes('gzip')) {
      response.end(body);
      return;
    }
    response.setHeader('content-encoding', 'gzip');
    response.end(await compress(body, { level: zlib.Z_BEST_SPEED }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
