import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorInfo } from '../errors.ts';
import type { Exposition } from '../registry/expose.ts';
import type { Registry } from '../registry/registry.ts';
import { acceptedCoding, Compressor, MIN_COMPRESSED_BYTES } from './compress.ts';

/** What `metricsHandler` takes. */
export interface HandlerOptions {
  /** OpenMetrics with the lines that tell when series began; scrapers take them for series of their own. */
  created?: boolean;
  /** Told what could not be exposed, once for each scrape and problem; the rest is exposed all the same. */
  onError?: (error: ErrorInfo) => void;
}

/**
 * Answers scrapes of a registry, as promhttp's handler does: `createServer(metricsHandler(registry))`, or as
 * a route of a framework that hands on Node's request and response. It speaks every format that Prometheus
 * asks for, and gzip and zstd; it renders in slices of about a millisecond, and renders and compresses only
 * what changed since the last scrape.
 */
export function metricsHandler(
  registry: Registry,
  { created = false, onError }: HandlerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const compressor = new Compressor();
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' });
      response.end('Metrics are read with GET.\n');
      return;
    }
    const exposition = await registry.exposeInSlices(request.headers.accept, { created });
    for (const error of exposition.errors) onError?.(error);
    response.setHeader('content-type', exposition.contentType);
    response.setHeader('vary', 'Accept, Accept-Encoding');
    const coding = acceptedCoding(request.headers['accept-encoding']);
    if (coding === undefined || exposition.byteLength < MIN_COMPRESSED_BYTES) {
      sendParts(response, exposition, request.method === 'HEAD');
      return;
    }
    const bytes = await compressor.compress(exposition.parts, coding).finally(() => exposition.done());
    response.setHeader('content-encoding', coding);
    response.setHeader('content-length', bytes.byteLength);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
}

function sendParts(response: ServerResponse, exposition: Exposition, isHead: boolean): void {
  response.setHeader('content-length', exposition.byteLength);
  // Sent, or given up by the scraper.
  response.once('close', () => exposition.done());
  response.cork();
  for (const part of isHead ? [] : exposition.parts) response.write(part);
  response.end();
  response.uncork();
}
