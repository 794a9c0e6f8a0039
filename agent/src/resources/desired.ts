import type { Located, ResourceConfig } from '../config/types.ts';
import type { HostGroup, PluginSource } from '../contract.ts';
import type { Planned } from './plan.ts';

/** One resource as the configuration wants it, enabled or not, with its plugin found. */
export interface DesiredResource extends Planned, Omit<ResourceConfig, 'plugin' | keyof Located> {
  readonly plugin: PluginSource;
  readonly host: HostGroup;
  readonly stateFile: string;
}

/** Fills in what the plan compares. Key order in the configuration is no difference. */
export function withFingerprints(
  resource: Omit<DesiredResource, 'fingerprint' | 'adjustable'>,
): DesiredResource {
  const {
    plugin,
    host,
    probe,
    config,
    directory,
    every,
    timeoutMs,
    openTimeoutMs,
    maxSeries,
    maxBytes,
    maxStaleMs,
    labels,
    relabel,
  } = resource;
  const { cpu, ...placement } = host;
  return {
    ...resource,
    fingerprint: canonical({ plugin, host: placement, config, directory }),
    adjustable: canonical({
      cpu,
      probe,
      every,
      timeoutMs,
      openTimeoutMs,
      maxSeries,
      maxBytes,
      maxStaleMs,
      labels,
      relabel,
    }),
  };
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
