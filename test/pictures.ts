// Writes the README's pictures of the page, from a real agent in a real browser: `node test/pictures.ts` after `npm run build`.
// What it watches is on this machine; two of its targets are not there, so that there is something to see.
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPage, startBrowser } from './support/browser.ts';
import { startHttp } from './support/http-server.ts';
import { ACME } from './support/plugins.ts';
import { startInformer } from './support/program.ts';
import { askOverSocket } from './support/socket-client.ts';
import { waitFor } from './support/wait.ts';

const FOLDER = fileURLToPath(new URL('../deploy/quickstart/', import.meta.url));

/** So many collects make a history that one can see something in. */
const COLLECTS = 45;

/** Reads a broker that does not always answer well. */
const BROKER = `
import { definePlugin, gauge, targetError, Type } from '@dynamic-informer/sdk';

const messages = gauge('queue_messages', 'Messages waiting in the queue.', ['queue']);

export default definePlugin({
  name: 'acme-broker',
  config: Type.Object({
    url: Type.String({ description: 'Broker management URL.' }),
    queues: Type.Array(Type.String(), { description: 'Queues to read.' }),
    token: Type.String({ secret: true, description: 'What the broker asks for.' }),
  }),
  open: (config) => ({
    describe: () => [messages],
    async collect({ signal }) {
      const response = await fetch(config.url, { signal });
      if (response.ok) return config.queues.map((queue) => messages.sample(7, { queue }));
      throw targetError('The broker answered HTTP ' + response.status + '.', {
        fix: 'Look whether it is out of memory: it refuses then.',
      });
    },
  }),
});
`;

let requests = 0;
await using site = await startHttp((request, response) => {
  // The broker is well for a while, and then it is not.
  if (request.url === '/broker' && ++requests % 30 > 24) response.statusCode = 503;
  setTimeout(() => response.end('ok'), 2 + Math.random() * 12);
});
await using run = await startInformer({
  files: {
    'plugins/acme.ts': ACME,
    'plugins/acme-broker.ts': BROKER,
    'spool/incoming/job-1': 'x',
    'access.log': 'GET /\n',
  },
  config: `plugin_dirs: [plugins]
defaults: {every: 1s}
resources:
  website: {plugin: http-probe, config: {targets: ['${site.url}/health']}}
  website-login: {plugin: http-probe, config: {targets: ['${site.url}/login']}}
  payments-queue: {plugin: acme-broker, config: {url: '${site.url}/broker', queues: [payments, refunds], token: f81d4fae}}
  orders-database: {plugin: db-pool, config: {engine: postgres, url: 'postgres://informer:secret@127.0.0.1:1/orders'}}
  import-folder: {plugin: queue-depth, config: {broker: spool, path: spool}}
  access-log:
    plugin: file-tail
    labels: {part: website}
    config: {files: [access.log], patterns: [{match: '^(?<method>[A-Z]+) ', metrics: [
      {name: http_requests_total, type: counter, help: Requests answered., labels: {method: method}}]}]}
  loyalty-points: {plugin: acme, config: {mode: duplicate}}
  mail-queue: {plugin: queue-depth, config: {broker: spool, path: spool}}
  host: {plugin: host}
  processes: {plugin: process, config: {processes: [{name: agent, match: 'informer.mjs run', scope: tree}]}}
  nightly-import: {plugin: acme, enabled: false}
`,
});
const reason = 'mail server is being moved';
await askOverSocket(
  join(run.folder, 'state', 'agent.sock'),
  'POST',
  '/api/v1/resources/mail-queue/disable',
  { for: '2h', reason },
  { 'x-informer-user': 'anna' },
);
const statusOf = async (name: string) => {
  const response = await fetch(`${run.url}/api/v1/resources/${name}`);
  return (await response.json()) as { up: boolean; history: { at: readonly number[] } };
};
await waitFor(
  async () => {
    await appendFile(join(run.folder, 'access.log'), 'GET /\nPOST /orders\n');
    const broker = await statusOf('payments-queue');
    return broker.history.at.length >= COLLECTS && !broker.up;
  },
  { what: 'a history that ends badly', timeout: 180_000, interval: 500 },
);

const browser = await startBrowser();
try {
  const pictures = [
    { name: 'page', path: '', colorScheme: 'light', viewport: { width: 1280, height: 720 } },
    {
      name: 'page-resource',
      path: '#/resources/payments-queue',
      colorScheme: 'dark',
      viewport: { width: 1280, height: 1000 },
    },
    { name: 'page-phone', path: '', colorScheme: 'light', viewport: { width: 390, height: 780 } },
  ] as const;
  for (const { name, path, ...options } of pictures) {
    await using opened = await openPage(browser, run.url, path, options);
    const { page } = opened;
    await page.getByText('live', { exact: true }).waitFor();
    // In a list histories come after all else, in a view the chart does.
    await page
      .locator(path === '' ? 'tbody .spark' : '.chart canvas')
      .first()
      .waitFor();
    if (path !== '') await page.locator('section pre').waitFor();
    await writeFile(join(FOLDER, `${name}.png`), await page.screenshot());
  }
} finally {
  await browser.close();
}
