import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Registry } from '../registry/registry.ts';
import type { ChannelListener } from './channel-listener.ts';
import { httpChannels } from './client-http.ts';
import { ClientMetrics, type ClientOptions } from './client-metrics.ts';
import { undiciChannels } from './client-undici.ts';

/**
 * Measures every request that this thread sends with `node:http`, `node:https`, `fetch` or undici, whoever sends it,
 * by Node's diagnostics channels. The metrics are those of `instrumentFetch`, with these differences: sizes are observed
 * as bodies are transferred, and each hop of a redirect is a request. Clients of `node:http2` are not seen.
 *
 * A request of `node:http` that was made before begins when it is fully written, and its size is what its
 * Content-Length says. On Node 20 that is so for all of them, and a size of undici's is what a Content-Length says.
 *
 * Gives a function that ends it: nothing listens any more, and requests under way leave
 * `http_client_requests_in_flight` without being counted. The metrics stay in the registry.
 *
 * @throws PLUGIN_DUPLICATE_METRIC when the registry has such metrics already
 * @example
 * ```ts
 * const stop = instrumentClient(registry, { host: ({ host }) => host.replace(/^db\d+\./, 'db.') });
 * await fetch('https://db1.example/');
 * stop();
 * ```
 */
export function instrumentClient(registry: Registry, options: ClientOptions = {}): () => void {
  const metrics = new ClientMetrics(registry, options);
  const listeners: ChannelListener[] = [httpChannels(metrics), undiciChannels(metrics)];
  const channels = listeners.flatMap((listener) => Object.entries(listener.channels));
  for (const [name, listener] of channels) subscribe(name, listener);
  return () => {
    for (const [name, listener] of channels) unsubscribe(name, listener);
    for (const listener of listeners) listener.forget();
  };
}
