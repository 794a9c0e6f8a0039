import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { parseExposition } from '../lint.ts';
import { Registry } from '../registry/registry.ts';
import { acceptedCoding } from './compress.ts';
import { type HandlerOptions, metricsHandler } from './handler.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(options?: HandlerOptions) {
  const registry = new Registry();
  const family = registry.gauge('load_ratio', 'Load.', ['part']);
  for (let part = 0; part < 3000; part++) family.with({ part: `part-${part}` }).set(part / 7);
  const handler = metricsHandler(registry, options);
  const server = createServer((request, response) => void handler(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const get = async (headers: Record<string, string> = {}, method = 'GET') => {
    const sent = httpRequest({ port, host: '127.0.0.1', headers, method }).end();
    const [response] = await once(sent, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
  };
  return { registry, family, port, get };
}

it.each([
  ['gzip', gunzipSync],
  ['zstd', zstdDecompressSync],
] as const)('answers in %s with what it answers without, scrape after scrape', async (coding, decompress) => {
  const { family, get } = await serve();
  for (let round = 0; round < 4; round++) {
    const [plain, packed] = await Promise.all([get(), get({ 'accept-encoding': coding })]);
    expect(packed.headers).toMatchObject({ 'content-encoding': coding, vary: 'Accept, Accept-Encoding' });
    expect(packed.headers['content-length']).toBe(String(packed.body.length));
    expect(decompress(packed.body).equals(plain.body)).toBe(true);
    expect(plain.body.toString()).toContain(
      `load_ratio{part="part-1"} ${round === 0 ? 1 / 7 : round * 1000}\n`,
    );
    for (let part = round; part < 3000; part += 10) family.with({ part: `part-${part}` }).inc(round);
    family.with({ part: 'part-1' }).set((round + 1) * 1000);
  }
});

it('speaks the format that is asked for', async () => {
  const { get } = await serve();
  const { headers, body } = await get({ accept: 'application/openmetrics-text; version=1.0.0' });
  expect(headers['content-type']).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores',
  );
  const { families, errors } = parseExposition(body);
  expect(errors).toEqual([]);
  expect(families[0]?.samples).toHaveLength(3000);
});

it('answers HEAD without a body, and nothing else than GET', async () => {
  const { get } = await serve();
  const head = await get({}, 'HEAD');
  expect(head.body).toHaveLength(0);
  expect(Number(head.headers['content-length'])).toBe((await get()).body.length);
  expect(await get({}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

it('tells what could not be exposed', async () => {
  const errors: string[] = [];
  const { registry, get } = await serve({ onError: ({ message }) => errors.push(message) });
  registry.gaugeFunction('broken', 'Broken.', () => {
    throw new Error('no sensor');
  });
  expect((await get()).status).toBe(200);
  expect(errors).toEqual(['no sensor']);
});

it('sends each scraper what was true when it asked, however slowly it reads', async () => {
  const { family, port, get } = await serve();
  await get();
  const before = (await get()).body.toString();
  const slow = connect(port, '127.0.0.1');
  closers.push(() => slow.destroy());
  slow.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  slow.pause();
  await once(slow, 'connect');
  await get();
  for (let round = 0; round < 3; round++) {
    for (let part = 0; part < 3000; part++) family.with({ part: `part-${part}` }).set(round * 10_000 + part);
    await get();
  }
  const chunks: Buffer[] = [];
  for await (const chunk of slow) chunks.push(chunk as Buffer);
  const answer = Buffer.concat(chunks).toString();
  expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(before);
});

it.each([
  [undefined, undefined],
  ['', undefined],
  ['identity', undefined],
  ['gzip', 'gzip'],
  ['GZIP;q=0.5', 'gzip'],
  ['gzip;q=0', undefined],
  ['*', 'gzip'],
  ['br, zstd', 'zstd'],
  ['gzip, zstd', 'gzip'],
  ['gzip;q=0.5, zstd;q=0.9', 'zstd'],
  ['gzip;q=0, *', undefined],
])('for the encodings %s takes %s', (header, coding) => {
  expect(acceptedCoding(header)).toBe(coding);
});

it('never answers with what was compressed before a change, however small', async () => {
  const registry = new Registry();
  const total = registry.counter('jobs_total', 'Jobs.');
  const steady = registry.gauge('steady', 'Never changes.', ['i']);
  for (let i = 0; i < 100; i++) steady.with({ i: String(i) }).set(i);
  const handler = metricsHandler(registry);
  const server = createServer((request, response) => void handler(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const accepts = ['text/plain', 'application/openmetrics-text', PROTOBUF];
  for (let round = 0; round < 12; round++) {
    const headers = { 'accept-encoding': 'gzip', accept: accepts[round % 3] as string };
    const body = await fetch(`http://127.0.0.1:${port}/`, { headers });
    const bytes = Buffer.from(await body.arrayBuffer());
    if (round % 3 === 2) expect(bytes.includes(doubleOf(round))).toBe(true);
    else expect(bytes.toString()).toMatch(new RegExp(`\\njobs_total ${round}(\\.0)?\\n`));
    total.with().inc();
  }
});

const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';

function doubleOf(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0x09;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}
