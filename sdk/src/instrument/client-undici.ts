import { sizeOf } from './body-bytes.ts';
import type { ChannelListener } from './channel-listener.ts';
import type { ClientMetrics, ClientRequestMeasure } from './client-metrics.ts';
import { hasBody } from './http-metrics.ts';

/** What the channels of undici 5 to 7 tell of a request; some leave parts out. */
interface UndiciRequest {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  readonly body?: unknown;
  readonly contentLength?: number | null;
}

interface UndiciResponse {
  readonly statusCode: number;
  /** Names and values in turn. */
  readonly headers: readonly (Uint8Array | string)[];
}

interface UnderWay {
  readonly measure: ClientRequestMeasure;
  sent: number;
  received: number;
  response?: UndiciResponse;
}

/** Requests of undici, which is what the global `fetch` stands on. */
export function undiciChannels(metrics: ClientMetrics): ChannelListener {
  // A response that nobody reads is ended by the collection of its garbage, so only what waits for headers is held fast.
  const waiting = new Set<ClientRequestMeasure>();
  const underWay = new WeakMap<UndiciRequest, UnderWay>();

  const on =
    <M extends { request: UndiciRequest }>(act: (found: UnderWay, message: M) => void) =>
    (message: unknown) => {
      const found = underWay.get((message as M).request);
      if (found) act(found, message as M);
    };
  const ended = (request: UndiciRequest, { measure, received, response }: UnderWay) => {
    underWay.delete(request);
    if (response) measure.ended(receivedSize(request, response, received));
  };

  return {
    channels: {
      'undici:request:create': (message) => {
        const { request } = message as { request: UndiciRequest };
        const measure = metrics.begin(request.method, () => urlOf(request));
        waiting.add(measure);
        underWay.set(request, { measure, sent: 0, received: 0 });
      },
      'undici:request:bodyChunkSent': on<{ request: UndiciRequest; chunk: unknown }>((found, { chunk }) => {
        found.sent += sizeOf(chunk);
      }),
      'undici:request:bodyChunkReceived': on<{ request: UndiciRequest; chunk: unknown }>(
        (found, { chunk }) => {
          found.received += sizeOf(chunk);
        },
      ),
      'undici:request:headers': on<{ request: UndiciRequest; response: UndiciResponse }>(
        (found, { request, response }) => {
          if (response.statusCode < 200 && response.statusCode !== 101) return;
          found.response = response;
          waiting.delete(found.measure);
          found.measure.responded(response.statusCode, sentSize(request, found.sent));
        },
      ),
      'undici:request:trailers': on((found, { request }) => ended(request, found)),
      'undici:request:error': on((found, { request }) => {
        waiting.delete(found.measure);
        found.measure.failed(sentSize(request, found.sent));
        ended(request, found);
      }),
    },
    forget() {
      for (const measure of waiting) measure.forget();
      waiting.clear();
    },
  };
}

/** What was seen; what the request says of itself where undici does not tell of chunks; unknown for a stream then. */
function sentSize({ body, contentLength }: UndiciRequest, seen: number): number | undefined {
  if (seen > 0) return seen;
  if (typeof contentLength === 'number') return contentLength;
  return body === undefined || body === null ? 0 : undefined;
}

function receivedSize(
  { method }: UndiciRequest,
  { statusCode, headers }: UndiciResponse,
  seen: number,
): number | undefined {
  if (seen > 0) return seen;
  if (!hasBody(method, statusCode)) return 0;
  const at = headers.findIndex((name, i) => i % 2 === 0 && /^content-length$/i.test(String(name)));
  const length = at < 0 ? '' : String(headers[at + 1]);
  return /^\d+$/.test(length) ? Number(length) : undefined;
}

function urlOf({ origin, path }: UndiciRequest): string {
  return `${origin}${path.startsWith('/') ? path : ''}`;
}
