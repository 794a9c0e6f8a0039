import type { Descriptor } from '@dynamic-informer/sdk';
import type { GatherSettings, Lease, OpenRequest } from '../contract.ts';
import type { DesiredResource } from './desired.ts';

/** A collector that has been opened, and its place in a host. */
export interface Opened {
  readonly id: string;
  readonly lease: Lease;
  readonly desired: DesiredResource;
  readonly stateful: boolean;
  readonly descriptors: readonly Descriptor[];
}

/** How a host is asked to open it. */
export function openRequest(id: string, desired: DesiredResource): OpenRequest {
  const { plugin, config, substituted, directory, stateFile, openTimeoutMs: timeoutMs } = desired;
  return {
    id,
    plugin,
    config,
    substituted,
    gather: gatherSettings(desired),
    directory,
    stateFile,
    timeoutMs,
  };
}

/** Closes it, and gives back its place. */
export async function discard({ id, lease }: Opened): Promise<void> {
  await lease.host.close(id).catch(() => undefined);
  lease.release();
}

/** What can be changed while it is open. */
export function gatherSettings({
  name,
  labels,
  relabel,
  maxSeries,
  maxBytes,
}: DesiredResource): GatherSettings {
  return { resource: name, labels, relabel, maxSeries, maxBytes };
}
