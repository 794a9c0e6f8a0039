export { instrumentClient } from './client.ts';
export type { ClientOptions } from './client-metrics.ts';
export type { InstrumentCollector } from './collector.ts';
export { instrumentFetch } from './fetch.ts';
export { type NodeCollectorOptions, nodeCollector } from './node.ts';
export { processCollector } from './process.ts';
export {
  instrumentServer,
  type RouteOf,
  type ServerAnswer,
  type ServerInstrumentation,
  type ServerOptions,
  type ServerRequest,
} from './server.ts';
