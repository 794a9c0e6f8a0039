import type { Registry } from '../registry/registry.ts';
import { ClientMetrics, type ClientOptions } from './client-metrics.ts';
import { hasBody } from './http-metrics.ts';

/** The global `fetch`, or what is called like it. */
type Fetch = typeof globalThis.fetch;

/**
 * Gives a `fetch` whose calls are measured; nothing else of the process is touched.
 *
 * | metric | type | labels |
 * |---|---|---|
 * | `http_client_requests_in_flight` | gauge | |
 * | `http_client_requests_total` | counter | `method`, `code`, `host` |
 * | `http_client_request_duration_seconds` | histogram | `method`, `code`, `host` |
 * | `http_client_request_size_bytes`, `http_client_response_size_bytes` | histogram | `method`, `host` |
 *
 * As with client_golang's InstrumentRoundTripper, a request lasts until its response's headers are there, `method` is in
 * lower case, and `code` is the status; it is `error` where the call rejects, for whatever reason. `host` is
 * there only if asked for. A call that follows redirects is one request.
 * Bodies are left alone, so a size is known, and observed, only where it stands beforehand: a response's Content-Length
 * (before decompression), a request's text, bytes, Blob or URLSearchParams. For all sizes use `instrumentClient`, but
 * not both for the same requests.
 *
 * @param fetch what is called; the global one by default
 * @throws PLUGIN_DUPLICATE_METRIC when the registry has such metrics already
 * @example
 * ```ts
 * const measured = instrumentFetch(registry, fetch, {
 *   host: ({ hostname }) => (hostname === 'billing.example' ? 'billing' : undefined),
 * });
 * await measured('https://billing.example/invoices');
 * ```
 */
export function instrumentFetch(
  registry: Registry,
  fetch: Fetch = globalThis.fetch,
  options: ClientOptions = {},
): Fetch {
  const metrics = new ClientMetrics(registry, options);
  return async (input, init) => {
    const method = methodOf(input, init);
    const request = metrics.begin(method, () => (input instanceof Request ? input.url : String(input)));
    const sent = requestSize(input, init);
    try {
      const response = await fetch(input, init);
      request.responded(response.status, sent);
      request.ended(responseSize(method, response));
      return response;
    } catch (error) {
      request.failed(sent);
      throw error;
    }
  };
}

/** `fetch` itself writes these in upper case however they are given, and leaves others as they are. */
const NORMALIZED = /^(get|head|post|put|delete|options)$/i;

function methodOf(input: unknown, init: RequestInit | undefined): string {
  const method = String(init?.method ?? (input instanceof Request ? input.method : 'GET'));
  return NORMALIZED.test(method) ? method.toUpperCase() : method;
}

function requestSize(input: unknown, init: RequestInit | undefined): number | undefined {
  const body: unknown = init?.body;
  if (body === undefined || body === null) return input instanceof Request && input.body ? undefined : 0;
  if (typeof body === 'string') return Buffer.byteLength(body);
  if (body instanceof URLSearchParams) return Buffer.byteLength(body.toString());
  if (body instanceof Blob) return body.size;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  return undefined;
}

function responseSize(method: string, { status, headers }: Response): number | undefined {
  if (!hasBody(method, status)) return 0;
  const length = headers.get('content-length');
  return length !== null && /^\d+$/.test(length) ? Number(length) : undefined;
}
