import { digestOfData } from '../config/digests.ts';
import type { Digests, Located, ResourceConfig } from '../config/types.ts';
import type { HostGroup, PluginSource } from '../contract.ts';
import type { Planned } from './plan.ts';

/** One resource as the configuration wants it, enabled or not, with its plugin found. */
export interface DesiredResource extends Planned, Omit<ResourceConfig, 'plugin' | keyof Located> {
  readonly plugin: PluginSource;
  readonly host: HostGroup;
  readonly stateFile: string;
  /** What the files are that its plugin reads because its configuration names them; absent if it names none. */
  readonly files?: Digests;
}

/** Fills in what the plan compares. Key order in the configuration is no difference. */
export function withFingerprints(
  resource: Omit<DesiredResource, 'fingerprint' | 'adjustable'>,
): DesiredResource {
  const { plugin, host, digests } = resource;
  return {
    ...resource,
    fingerprint: `${digestOfData(plugin)} ${digestOfPlacement(host)} ${digests.collector}`,
    adjustable: `${host.cpu} ${digests.settings}`,
  };
}

/** The same resource with the files that its configuration names: with other ones it needs a new collector. */
export function withFiles(resource: DesiredResource, files: Digests): DesiredResource {
  return { ...resource, files, fingerprint: `${resource.fingerprint} ${digestOfData(files)}` };
}

const placements = new WeakMap<HostGroup, string>();

/** Of what a move to another host would change. */
function digestOfPlacement(host: HostGroup): string {
  const known = placements.get(host);
  if (known !== undefined) return known;
  const { cpu: _cpu, ...placement } = host;
  const digest = digestOfData(placement);
  placements.set(host, digest);
  return digest;
}
