import type { ErrorInfo } from '@dynamic-informer/sdk';
import { fixForUnknown } from '@dynamic-informer/sdk/host';
import pLimit from 'p-limit';
import { byPlace } from '../config/diagnostic.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import { configDiagnostic, diagnosticAt } from '../config/place.ts';
import type { AgentConfig, Diagnostic, LoadedConfig, ResourceConfig } from '../config/types.ts';
import type { Lease } from '../contract.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Redactor } from '../redactor.ts';
import type { DesiredResource } from '../resources/desired.ts';
import { catalogOf, desiredOf } from './resolve.ts';

const CONCURRENT_CHECKS = 16;
const CHECK_TIMEOUT_MS = 10_000;

/** What came of looking at a configuration: all that is wrong with it, or what it wants. */
export interface CheckedConfig {
  readonly loaded: LoadedConfig;
  readonly issues: readonly Diagnostic[];
  readonly config: AgentConfig | undefined;
  /** Every resource in the configuration's order, enabled or not; empty if there are issues. */
  readonly desired: readonly DesiredResource[];
  /** Gives back the hosts that were started to ask. */
  release(): void;
}

/**
 * Loads a configuration and lets every plugin check its part of it, in hosts. Resources in `running` with the
 * same fingerprint have been checked before.
 */
export async function checkConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  pool: HostPool,
  redactor: Redactor,
  running: ReadonlyMap<string, DesiredResource> = new Map(),
): Promise<CheckedConfig> {
  const loaded = await loadConfigOffThread(file, { env: environment });
  redactor.add(loaded.secrets);
  const leases: Lease[] = [];
  const release = () => {
    for (const lease of leases) lease.release();
  };
  const { config } = loaded;
  if (!config) return { loaded, issues: loaded.issues, config, desired: [], release };

  const catalog = catalogOf(config);
  const issues: Diagnostic[] = [];
  const limit = pLimit(CONCURRENT_CHECKS);
  const found = await Promise.all(
    config.resources.map(async (resource): Promise<DesiredResource | undefined> => {
      const entry = catalog.get(resource.plugin);
      if (!entry) {
        issues.push(unknownPlugin(resource, [...catalog.keys()]));
        return undefined;
      }
      const wanted = desiredOf(config, resource, entry);
      if (running.get(resource.name)?.fingerprint !== wanted.fingerprint) {
        const problems = await limit(() => askPlugin(wanted, pool, redactor, leases));
        issues.push(...problems.map((problem) => configDiagnostic(resource, problem)));
      }
      return wanted;
    }),
  );
  const desired = issues.length > 0 ? [] : found.filter((wanted) => wanted !== undefined);
  return { loaded, issues: issues.sort(byPlace(loaded.files)), config, desired, release };
}

/** What the plugin itself says of a configuration. That it can't be asked is no fault of the configuration. */
async function askPlugin(
  wanted: DesiredResource,
  pool: HostPool,
  redactor: Redactor,
  leases: Lease[],
): Promise<readonly ErrorInfo[]> {
  try {
    const { name, plugin, config, substituted } = wanted;
    const lease = await pool.lease(wanted.host, { resource: name, plugin: plugin.name });
    leases.push(lease);
    const request = { id: `${name}#0`, plugin, config, substituted };
    const { issues, secrets } = await lease.host.validate(request, CHECK_TIMEOUT_MS);
    redactor.add(secrets);
    return issues;
  } catch {
    // Opening it will fail for the same reason, and that failure belongs to the resource alone.
    return [];
  }
}

function unknownPlugin(resource: ResourceConfig, known: string[]): Diagnostic {
  return diagnosticAt(resource, {
    code: 'CONFIG_UNKNOWN_PLUGIN',
    class: 'config',
    path: ['plugin'],
    message: `unknown plugin "${resource.plugin}"`,
    fix: fixForUnknown(resource.plugin, known.sort(), 'the plugins are'),
  });
}
