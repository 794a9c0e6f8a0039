import { type DefaultMetricsCollectorConfiguration, MetricMaker } from './default-metrics/maker.ts';
import {
  osMemoryHeap,
  processCpuTotal,
  processMaxFileDescriptors,
  processOpenFileDescriptors,
  processStartTime,
} from './default-metrics/process.ts';
import {
  eventLoopLag,
  gc,
  heapSizeAndUsed,
  heapSpacesSizeAndUsed,
  processHandles,
  processRequests,
  processResources,
  version,
} from './default-metrics/runtime.ts';
import { misuse } from './misuse.ts';

export type { DefaultMetricsCollectorConfiguration } from './default-metrics/maker.ts';

const DEFAULT_METRICS = {
  processCpuTotal,
  processStartTime,
  osMemoryHeap,
  processOpenFileDescriptors,
  processMaxFileDescriptors,
  eventLoopLag,
  processResources,
  processHandles,
  processRequests,
  heapSizeAndUsed,
  heapSpacesSizeAndUsed,
  version,
  gc,
};

/**
 * Metrics of the process and of Node.js itself, under prom-client's names. In an agent that process is
 * the host's: it may run other resources too.
 * @throws an error if they are in the registry already
 */
function collectAll(configuration?: DefaultMetricsCollectorConfiguration | null): void {
  if (configuration !== undefined && configuration !== null && typeof configuration !== 'object') {
    throw misuse(TypeError, `config must be null, undefined, or an object, not ${String(configuration)}.`, {
      code: 'PLUGIN_BAD_DESCRIPTOR',
      fix: 'Give {register, prefix, labels}, or nothing.',
    });
  }
  const make = new MetricMaker(configuration ?? {});
  for (const add of Object.values(DEFAULT_METRICS)) add(make);
}

/** `collectAll`, and the names of the groups of metrics that it makes. */
export const collectDefaultMetrics = Object.assign(collectAll, {
  metricsList: Object.keys(DEFAULT_METRICS),
});
