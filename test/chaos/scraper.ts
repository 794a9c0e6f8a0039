import { get } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Exposition } from '../support/agent.ts';

const unzip = promisify(gunzip);

/** How an answer came: `undefined` in place of a page if the scraper gave up. */
export interface Answer {
  readonly page: Exposition | undefined;
  /** From the request to the last byte. */
  readonly milliseconds: number;
  readonly failure?: string;
}

/** Scrapes as Prometheus does: it says how long it waits, and waits no longer. */
export async function scrapeLikePrometheus(url: string, timeoutSeconds: number): Promise<Answer> {
  const started = performance.now();
  try {
    const { status, gzipped, body } = await request(`${url}/metrics`, timeoutSeconds);
    const milliseconds = performance.now() - started;
    const bytes = gzipped ? await unzip(body) : body;
    if (status !== 200) return { page: undefined, milliseconds, failure: `HTTP ${status}: ${bytes}` };
    return { page: new Exposition(bytes.toString()), milliseconds };
  } catch (error) {
    return { page: undefined, milliseconds: performance.now() - started, failure: String(error) };
  }
}

function request(
  url: string,
  timeoutSeconds: number,
): Promise<{ status: number | undefined; gzipped: boolean; body: Buffer }> {
  const headers = {
    accept: 'text/plain;version=0.0.4',
    'accept-encoding': 'gzip',
    'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds),
  };
  return new Promise((resolve, reject) => {
    const outgoing = get(url, { headers, signal: AbortSignal.timeout(timeoutSeconds * 1000) }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode,
          gzipped: incoming.headers['content-encoding'] === 'gzip',
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.on('error', reject);
  });
}
