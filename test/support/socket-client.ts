import { type RequestOptions, request } from 'node:http';
import { json } from 'node:stream/consumers';

interface SocketAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what the agent answers is what the test is about.
  readonly body: any;
}

/** Asks an agent over its unix socket, as the command line does. */
export function askOverSocket(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<SocketAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { 'content-type': 'application/json' };
  return send({ socketPath, method, path, headers: { ...type, ...headers } }, text);
}

/** Posts a body as it is. */
export function sendOverSocket(
  socketPath: string,
  path: string,
  body: string,
  type: string,
): Promise<SocketAnswer> {
  return send({ socketPath, method: 'POST', path, headers: { 'content-type': type } }, body);
}

function send(options: RequestOptions, text: string | undefined): Promise<SocketAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<SocketAnswer>();
  const client = request({ ...options, agent: false });
  client.on('error', reject);
  client.on('response', (response) => {
    json(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
  });
  client.end(text);
  return promise;
}
