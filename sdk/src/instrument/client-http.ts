import type { ClientRequest, IncomingMessage } from 'node:http';
import { countReceived, countWritten } from './body-bytes.ts';
import type { ChannelListener } from './channel-listener.ts';
import type { ClientMetrics, ClientRequestMeasure } from './client-metrics.ts';
import { hasBody } from './http-metrics.ts';

interface UnderWay {
  readonly measure: ClientRequestMeasure;
  readonly sent: () => number | undefined;
  readonly closed: () => void;
}

/** Requests of `node:http` and `node:https`. */
export function httpChannels(metrics: ClientMetrics): ChannelListener {
  const underWay = new Map<ClientRequest, UnderWay>();
  const seen = new WeakSet<ClientRequest>();

  const begin = (request: ClientRequest, sent: () => number | undefined) => {
    seen.add(request);
    const measure = metrics.begin(request.method, () => urlOf(request));
    // Comes last, however a request ends; the only word of an upgrade.
    const closed = () => settle(request, responseOf(request)?.statusCode);
    request.once('close', closed);
    underWay.set(request, { measure, sent, closed });
  };
  const settle = (request: ClientRequest, code: number | undefined): ClientRequestMeasure | undefined => {
    const found = underWay.get(request);
    if (!found) return undefined;
    if (code === undefined) found.measure.failed(found.sent());
    else found.measure.responded(code, found.sent());
    release(request, found);
    return found.measure;
  };
  const release = (request: ClientRequest, { closed }: UnderWay) => {
    request.off('close', closed);
    underWay.delete(request);
  };

  return {
    channels: {
      'http.client.request.created': (message) => {
        const { request } = message as { request: ClientRequest };
        begin(request, countWritten(request));
      },
      // When it is fully written, which can be after its response.
      'http.client.request.start': (message) => {
        const { request } = message as { request: ClientRequest };
        if (!seen.has(request)) begin(request, () => declaredSize(request));
      },
      'http.client.request.error': (message) => {
        const { request } = message as { request: ClientRequest };
        settle(request, undefined);
      },
      'http.client.response.finish': (message) => {
        const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
        const code = response.statusCode ?? 0;
        const measure = settle(request, code);
        if (!measure) return;
        const received = countReceived(response);
        response.once('close', () => measure.ended(hasBody(request.method, code) ? received() : 0));
      },
    },
    forget() {
      for (const [request, found] of underWay) {
        found.measure.forget();
        release(request, found);
      }
    },
  };
}

/** Where the request was written unseen: what its headers say; without Content-Length nobody can tell. */
function declaredSize(request: ClientRequest): number | undefined {
  const length = request.getHeader('content-length');
  return length === undefined ? undefined : Number(length);
}

const responseOf = (request: ClientRequest) => (request as { res?: IncomingMessage | null }).res;

function urlOf(request: ClientRequest): string {
  const host = request.getHeader('host') ?? request.host;
  return `${request.protocol}//${host}${request.path.startsWith('/') ? request.path : ''}`;
}
