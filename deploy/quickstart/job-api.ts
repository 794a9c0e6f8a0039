import { rename, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { AccessLog } from './access-log.ts';
import type { Folder } from './folder.ts';
import type { JobStore } from './job-store.ts';
import { reasonOf } from './say.ts';

const MAX_BODY_BYTES = 256 * 1024;

export interface JobApi {
  readonly url: string;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** An HTTP service that takes jobs: what is known of them goes to PostgreSQL, their content to the spool folder. */
export async function startJobApi(store: JobStore, folder: Folder): Promise<JobApi> {
  const log = new AccessLog(folder.accessLog);
  const server = createServer((request, response) => {
    log.watch(request, response);
    void answer(request, store, folder).then(({ status, body }) => send(response, status, body));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await log.flushed();
    },
  };
}

/** Never rejects: whatever goes wrong is an answer too. */
async function answer(request: IncomingMessage, store: JobStore, folder: Folder): Promise<Answer> {
  const { method, url = '/' } = request;
  const [, id] = /^\/jobs\/(\d{1,18})$/.exec(url) ?? [];
  try {
    if (method === 'GET' && url === '/health') {
      await store.ping();
      return { status: 200, body: { status: 'ok' } };
    }
    if (method === 'GET' && url === '/jobs') return { status: 200, body: await store.latest() };
    if (method === 'POST' && url === '/jobs') return await accept(request, store, folder);
    if (method === 'GET' && id !== undefined) {
      const job = await store.find(id);
      return job ? { status: 200, body: job } : { status: 404, body: { error: `There is no job ${id}.` } };
    }
    return { status: 404, body: { error: `There is nothing at ${method} ${url}.` } };
  } catch (error) {
    return { status: 503, body: { error: `The database can not be asked: ${reasonOf(error)}` } };
  }
}

async function accept(request: IncomingMessage, store: JobStore, folder: Folder): Promise<Answer> {
  const content = await readBody(request);
  if (content === undefined)
    return { status: 413, body: { error: `A job has at most ${MAX_BODY_BYTES} bytes.` } };
  const kind = request.headers['content-type']?.split(';', 1)[0] ?? 'application/octet-stream';
  const id = await store.add(kind, content.length);
  // Renamed when it is whole, so that the worker never sees half a job.
  const file = join(folder.spool, `${id}.job`);
  await writeFile(`${file}.tmp`, content);
  await rename(`${file}.tmp`, file);
  return { status: 201, body: { id } };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = `${JSON.stringify(body)}\n`;
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}
