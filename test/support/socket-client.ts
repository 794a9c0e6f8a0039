import { request } from 'node:http';
import { json } from 'node:stream/consumers';

/** Asks an agent over its unix socket, as the command line does. */
export async function askOverSocket(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    // biome-ignore lint/suspicious/noExplicitAny: what the agent answers is what the test is about.
    body: any;
  }>();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { 'content-type': 'application/json' };
  const client = request({ socketPath, method, path, agent: false, headers: { ...type, ...headers } });
  client.on('error', reject);
  client.on('response', (response) => {
    json(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
  });
  client.end(text);
  return promise;
}
