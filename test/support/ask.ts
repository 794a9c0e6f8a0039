import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  json(): Readonly<Record<string, unknown>>;
}

export type AskOptions = Omit<RequestOptions, 'host' | 'port' | 'path'> & { readonly body?: string };

/** One request, each on a connection of its own unless there is an `agent`. */
export async function ask(url: string, { body, ...options }: AskOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const make = url.startsWith('https:') ? request : plainRequest;
  const sent = make(url, { agent: false, ...options }, (response) => {
    text(response).then((content) => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: content,
        json: () => JSON.parse(content),
      });
    }, reject);
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}
