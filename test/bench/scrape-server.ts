// A peer of the scrape bench: a Node.js HTTP server that serves a registry as the packages' own examples
// do, compressing with the level that the agent uses. Its port is the first line that it prints.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gzip, constants as zlib } from 'node:zlib';
import { openRegistry } from './registries.ts';

const compress = promisify(gzip);
const [name, series] = process.argv.slice(2) as [string, string];
const registry = await openRegistry(name, Number(series));
registry.change('all', 0);

const server = createServer(async (request, response) => {
  const body = await registry.render();
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  if (!String(request.headers['accept-encoding']).includes('gzip')) {
    response.end(body);
    return;
  }
  response.setHeader('content-encoding', 'gzip');
  response.end(await compress(body, { level: zlib.Z_BEST_SPEED }));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
