import { pluginError } from '../errors.ts';
import type { Descriptor } from '../metric/descriptor.ts';
import type { Sample } from '../metric/sample.ts';
import type { CollectContext } from '../plugin.ts';
import type { Registry } from './registry.ts';

/** What a plugin's `open` returns, and what a registry of the SDK registers. */
export interface RegistryCollector {
  /** The metrics that the registry has now, with its default labels. */
  describe(): Descriptor[];
  /**
   * For the SDK's registry: runs the metrics' callbacks, and gives all samples.
   * @throws what a callback throws; a plugin error if one gives a promise, which nobody would wait for
   */
  collect(): Sample[];
  /**
   * For the agent: waits for callbacks that give a promise. What fails is reported, and its metric left
   * out: the values of the last time are not the current ones.
   */
  collect(context: Pick<CollectContext, 'error'>): Promise<Sample[]>;
}

/**
 * The registry's metrics for the agent: `open: () => asCollector(register)` makes a plugin of an
 * application's metrics, and `context.registry.register(asCollector(register))` puts them beside others.
 * Metrics and default labels have to be there by then: what comes later is not described, and dropped.
 */
export function asCollector(registry: Registry): RegistryCollector {
  function collect(): Sample[];
  function collect(context: Pick<CollectContext, 'error'>): Promise<Sample[]>;
  function collect(context?: Pick<CollectContext, 'error'>): Sample[] | Promise<Sample[]> {
    return context === undefined ? collectNow(registry) : collectAwaiting(registry, context);
  }
  return { describe: () => registry.exposed().flatMap((metric) => metric.describe()), collect };
}

function collectNow(registry: Registry): Sample[] {
  const metrics = registry.exposed();
  for (const metric of metrics) {
    const pending = metric.refresh();
    if (!(pending instanceof Promise)) continue;
    // Its failure would end the process, and says no more than what is thrown here.
    pending.catch(() => undefined);
    const [descriptor] = metric.describe();
    throw pluginError(`The collect callback of the metric "${descriptor?.name}" gave a promise.`, {
      code: 'PLUGIN_ASYNC_COLLECT',
      fix: "Return asCollector(registry) from the plugin's open(), which waits for it.",
    });
  }
  return metrics.flatMap((metric) => metric.collect());
}

async function collectAwaiting(
  registry: Registry,
  context: Pick<CollectContext, 'error'>,
): Promise<Sample[]> {
  const metrics = registry.exposed();
  const outcomes = await Promise.allSettled(metrics.map(async (metric) => metric.refresh()));
  return outcomes.flatMap((outcome, index) => {
    if (outcome.status === 'fulfilled') return metrics[index]?.collect() ?? [];
    context.error(outcome.reason);
    return [];
  });
}
