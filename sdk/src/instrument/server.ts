import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { performance } from 'node:perf_hooks';
import { pluginError } from '../errors.ts';
import type { HistogramOptions } from '../metric/descriptor.ts';
import type { Registry } from '../registry/registry.ts';
import { countReceived, countWritten } from './body-bytes.ts';
import { durationHistogram, hasBody, sizeHistogram } from './http-metrics.ts';
import { BoundedValues, methodLabel } from './labels.ts';

/** The request of HTTP/1, HTTPS or HTTP/2's compatibility API. */
export type ServerRequest = IncomingMessage | Http2ServerRequest;
/** The response that belongs to it. */
export type ServerAnswer = ServerResponse | Http2ServerResponse;

/** Gives the route's pattern, such as `/orders/:id`, never the path itself; called when the exchange is over. */
export type RouteOf<Q extends ServerRequest, S extends ServerAnswer> = (
  request: Q,
  response: S,
) => string | undefined;

/** What `instrumentServer` takes. */
export interface ServerOptions<
  Q extends ServerRequest = IncomingMessage,
  S extends ServerAnswer = ServerResponse,
> {
  /**
   * Adds the label `route`. A function, or `true` where each wrapped listener names its own. Where no route is
   * given its value is `unmatched`, and `error` where the function throws.
   */
  route?: true | RouteOf<Q, S>;
  /** Different routes, 500 by default; beyond, the label's value is `other`. */
  maxRoutes?: number;
  /** Of `http_server_request_duration_seconds`; `DEFAULT_BUCKETS` by default. */
  duration?: HistogramOptions;
  /** Of the two sizes; powers of ten from 100 bytes to 1 GB by default. */
  size?: HistogramOptions;
}

/**
 * Gives the listener with its requests measured; further arguments (Express' `next`) are handed through.
 * @param route the listener's route; the instrumentation has to be made with the option `route`
 */
export type ServerInstrumentation<Q extends ServerRequest, S extends ServerAnswer> = <R extends unknown[]>(
  listener: (request: Q, response: S, ...rest: R) => unknown,
  route?: string,
) => (request: Q, response: S, ...rest: R) => unknown;

/**
 * Measures the requests that HTTP servers of this process answer: HTTP/1, HTTPS, HTTP/2's compatibility API, and what is
 * built on them. It gives a wrapper for request listeners; wrap as many as there are, one registry needs it once.
 *
 * | metric | type | labels |
 * |---|---|---|
 * | `http_server_requests_in_flight` | gauge | |
 * | `http_server_requests_total` | counter | `method`, `code`, `route` |
 * | `http_server_request_duration_seconds` | histogram | `method`, `code`, `route` |
 * | `http_server_request_size_bytes`, `http_server_response_size_bytes` | histogram | `method`, `route` |
 *
 * Names of labels and their values are those of client_golang's promhttp: `method` is in lower case, and `other` for what
 * is not a usual method; `route` is there only if asked for. A size is that of the body as it is transferred, without headers.
 *
 * An exchange is counted once, when its response is handed to the system or its connection breaks, with the `code` that
 * was sent. Without one it is `499` if the client left (nginx' number), `500` if the listener threw. A response that
 * breaks off has the code it began with. Upgrades and CONNECT do not pass through request listeners and are not counted.
 * Nothing remains of an exchange when it is over.
 *
 * @throws PLUGIN_DUPLICATE_METRIC when the registry has such metrics already
 * @throws PLUGIN_BAD_LABEL when a listener names a route and the option `route` is not given
 * @example
 * ```ts
 * const instrument = instrumentServer(registry, { route: true });
 * createServer(instrument((request, response) => response.end('ok'), '/'));
 *
 * // Express: the route is known when the response is sent.
 * const express = instrumentServer(registry, { route: (request: Request) => request.route?.path });
 * app.use(express((request, response, next) => next()));
 *
 * // Fastify: the route is known before the first hook.
 * app.addHook('onRequest', (request, reply, done) => {
 *   instrument(() => done(), request.routeOptions.url)(request.raw, reply.raw);
 * });
 * ```
 */
export function instrumentServer<
  Q extends ServerRequest = IncomingMessage,
  S extends ServerAnswer = ServerResponse,
>(registry: Registry, options: ServerOptions<Q, S> = {}): ServerInstrumentation<Q, S> {
  const metrics = new ServerMetrics(registry, options);
  return (listener, route) => {
    if (route !== undefined && options.route === undefined) {
      throw pluginError(`A listener of the route "${route}" is wrapped, but there is no label "route".`, {
        code: 'PLUGIN_BAD_LABEL',
        fix: 'Call instrumentServer with route: true, or leave the route out.',
      });
    }
    return (request, response, ...rest) => {
      const exchange = metrics.begin(request, response, route);
      try {
        const result = listener(request, response, ...rest);
        return exchange === undefined ? result : observeRejection(result, () => exchange.fail());
      } catch (error) {
        exchange?.fail();
        throw error;
      }
    };
  };
}

/** The same promise for whoever handles it or not, with a look at how it ends. */
function observeRejection(result: unknown, rejected: () => void): unknown {
  if (!(result instanceof Promise)) return result;
  return result.catch((error: unknown) => {
    rejected();
    throw error;
  });
}

class ServerMetrics<Q extends ServerRequest, S extends ServerAnswer> {
  readonly #routeOf: RouteOf<Q, S> | undefined;
  readonly #routes: BoundedValues | undefined;
  readonly #inFlight;
  readonly #total;
  readonly #duration;
  readonly #received;
  readonly #sent;
  /** One that passes through two wrapped listeners is still one request. */
  readonly #begun = new WeakSet<ServerAnswer>();

  constructor(registry: Registry, { route, maxRoutes = 500, duration, size }: ServerOptions<Q, S>) {
    this.#routeOf = typeof route === 'function' ? route : undefined;
    this.#routes = route === undefined ? undefined : new BoundedValues(maxRoutes, 'unmatched');
    const perRoute: readonly string[] = route === undefined ? ['method'] : ['method', 'route'];
    const perCode: readonly string[] = [...perRoute, 'code'];
    this.#inFlight = registry
      .gauge('http_server_requests_in_flight', 'Requests that the server is answering now.')
      .with();
    this.#total = registry.counter(
      'http_server_requests_total',
      'Requests that the server answered.',
      perCode,
    );
    this.#duration = durationHistogram(
      registry,
      'http_server_request_duration_seconds',
      'From the headers of a request to the end of its response.',
      perCode,
      duration,
    );
    this.#received = sizeHistogram(
      registry,
      'http_server_request_size_bytes',
      'Size of request bodies as received, without headers.',
      perRoute,
      size,
    );
    this.#sent = sizeHistogram(
      registry,
      'http_server_response_size_bytes',
      'Size of response bodies as sent, without headers.',
      perRoute,
      size,
    );
  }

  begin(request: Q, response: S, route: string | undefined): Exchange | undefined {
    if (this.#begun.has(response)) return undefined;
    this.#begun.add(response);
    this.#inFlight.inc();
    return new Exchange(request, response, (ended) =>
      this.#ended(ended, methodLabel(request.method), () => route ?? this.#routeOf?.(request, response)),
    );
  }

  #ended({ seconds, code, received, sent }: Ended, method: string, routeOf: () => string | undefined): void {
    const perRoute = this.#routes ? { method, route: this.#routes.from(routeOf) } : { method };
    const perCode = { ...perRoute, code };
    this.#inFlight.dec();
    this.#total.with(perCode).inc();
    this.#duration.with(perCode).observe(seconds);
    this.#received.with(perRoute).observe(received);
    this.#sent.with(perRoute).observe(sent);
  }
}

interface Ended {
  readonly seconds: number;
  readonly code: string;
  readonly received: number;
  readonly sent: number;
}

/** One request and its response, from the headers on. */
class Exchange {
  readonly #start = performance.now();
  #failed = false;

  constructor(request: ServerRequest, response: ServerAnswer, ended: (how: Ended) => void) {
    const received = mayHaveBody(request) ? countReceived(request) : () => 0;
    const sent = countWritten(response);
    // A response that waits for an earlier one of its connection has no socket, and is not told when that closes.
    const waiting = request.httpVersionMajor === 1 && response.socket === null ? request.socket : undefined;
    const end = () => {
      response.off('finish', end).off('close', end);
      waiting?.off('close', end);
      ended({
        seconds: (performance.now() - this.#start) / 1000,
        code: this.#codeOf(response),
        received: received(),
        sent: hasBody(request.method, response.statusCode) ? sent() : 0,
      });
    };
    response.once('finish', end).once('close', end);
    waiting?.once('close', end);
  }

  fail(): void {
    this.#failed = true;
  }

  #codeOf({ headersSent, statusCode }: ServerAnswer): string {
    if (headersSent) return String(statusCode);
    return this.#failed ? '500' : '499';
  }
}

function mayHaveBody(request: ServerRequest): boolean {
  if (request.httpVersionMajor >= 2) return true;
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  return length !== '0' || encoding !== undefined;
}
