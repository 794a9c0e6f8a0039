import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Who still sends is given so long to read the answer. */
const LINGER_MS = 1_000;

const ANSWERS: Readonly<Record<string, readonly [status: number, detail: string, fix: string]>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The head of the request is too large.',
    'Send a shorter URL and fewer headers.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The body of the request is too large.', 'Send a smaller one.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come in time.', 'Send it faster.'],
};
const OTHERWISE = [400, 'That is not an HTTP request.', 'See whether http:// or https:// is meant.'] as const;

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const problem = (document: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ type: 'about:blank', ...document });

const BUSY_SECONDS = 1;

/** Answers a client that has too many requests under way, and closes the connection. */
export function answerBusy(response: ServerResponse): void {
  response.writeHead(429, {
    'content-type': PROBLEM_TYPE,
    'x-content-type-options': 'nosniff',
    'retry-after': String(BUSY_SECONDS),
    connection: 'close',
  });
  response.end(
    problem({
      status: 429,
      code: 'HTTP_TOO_MANY',
      title: 'Too many requests',
      detail: 'Too many requests of this address are not answered yet.',
      fix: 'Read the answers to those before asking more.',
    }),
  );
}

/** Answers what could not be read as a request, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  if (socket.writableEnded) return;
  // Half an answer is on its way already, or nobody is there any more.
  if (isBusy || !socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, detail, fix] = ANSWERS[error.code ?? ''] ?? OTHERWISE;
  const title = STATUS_CODES[status] ?? '';
  const body = problem({ status, code: 'HTTP_BAD_REQUEST', title, detail, fix });
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      `Content-Type: ${PROBLEM_TYPE}`,
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
