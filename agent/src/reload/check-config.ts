import { fixForUnknown } from '@dynamic-informer/sdk/host';
import pLimit from 'p-limit';
import type { CatalogEntry } from '../catalog.ts';
import { listed } from '../config/diagnostic.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import { configDiagnostic, diagnosticAt, isWithin } from '../config/place.ts';
import { isReference } from '../config/substitute.ts';
import type { AgentConfig, Diagnostic, LoadedConfig, ResourceConfig } from '../config/types.ts';
import type { Lease, ValidateReply } from '../contract.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Redactor } from '../redactor.ts';
import type { DesiredResource } from '../resources/desired.ts';
import { type LookedCode, PluginCode } from './plugin-code.ts';
import { desiredOf } from './resolve.ts';

const CONCURRENT_CHECKS = 16;
const CHECK_TIMEOUT_MS = 10_000;

/** What came of looking at a configuration: all that is wrong with it, or what it wants. */
export interface CheckedConfig {
  readonly loaded: LoadedConfig;
  readonly issues: readonly Diagnostic[];
  readonly config: AgentConfig | undefined;
  /** Every resource in the configuration's order, enabled or not; empty if there are issues. */
  readonly desired: readonly DesiredResource[];
  /** The plugins, and what their code was read from; `undefined` if the configuration could not be read. */
  readonly code: LookedCode | undefined;
  /** Gives back the hosts that were started to ask. */
  release(): void;
}

/**
 * Loads a configuration and lets every plugin check its part of it, in hosts, also where other parts have issues:
 * what is wrong is told all at once. Resources in `running` with the same fingerprint have been checked before.
 * `look` reads the plugins that a configuration uses.
 */
export async function checkConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  pool: HostPool,
  redactor: Redactor,
  running: ReadonlyMap<string, DesiredResource> = new Map(),
  look: (config: AgentConfig) => Promise<LookedCode> = (config) => new PluginCode().look(config),
  webConfigFile?: string,
): Promise<CheckedConfig> {
  const loaded = await loadConfigOffThread(file, { env: environment, webConfigFile });
  redactor.add(loaded.secrets);
  const leases: Lease[] = [];
  const release = () => {
    for (const lease of leases) lease.release();
  };
  const { config, draft } = loaded;
  if (!draft) return { loaded, issues: loaded.issues, config, desired: [], code: undefined, release };

  const code = await look(draft.config);
  const issues = [...loaded.issues];
  const limit = pLimit(CONCURRENT_CHECKS);
  const found = await Promise.all(
    draft.config.resources.map(async (resource): Promise<DesiredResource | undefined> => {
      const entry = code.catalog.get(resource.plugin);
      if (!entry) {
        if (draft.knowsPlugins) issues.push(unknownPlugin(resource, [...code.catalog.keys()]));
        return undefined;
      }
      const wanted = desiredOf(draft.config, resource, entry, code.sourceOf(entry));
      if (running.get(resource.name)?.fingerprint !== wanted.fingerprint && mayAsk(entry, loaded)) {
        const problems = await limit(() => askPlugin(wanted, pool, redactor, leases));
        const placed = problems.map((problem) => configDiagnostic(resource, problem));
        issues.push(...placed.filter((problem) => !follows(problem, resource, loaded.issues)));
      }
      return wanted;
    }),
  );
  const desired = issues.length > 0 ? [] : found.filter((wanted) => wanted !== undefined);
  return { loaded, issues: listed(issues, Object.keys(loaded.texts)), config, desired, code, release };
}

/**
 * May the code of a plugin run? Not as the agent's user, or without its limits, because what is said about that
 * can't be read; what came with the agent may.
 */
function mayAsk({ name, builtin }: CatalogEntry, { issues, draft }: LoadedConfig): boolean {
  const isOf = ({ path = [] }: Diagnostic) => path[0] === 'plugins' && path[1] === name;
  return !issues.some(isOf) && (builtin || draft?.knowsPlugins === true);
}

/** Does a plugin complain about what could not be read, or put in, in the first place? */
function follows(
  { file, path = [], code }: Diagnostic,
  resource: ResourceConfig,
  known: readonly Diagnostic[],
): boolean {
  const inConfig = [...resource.at, 'config'];
  // What a plugin says beyond its schema may come of any part of its configuration.
  const within = code === 'CONFIG_INVALID' ? inConfig : undefined;
  return known.some(
    (issue) =>
      issue.file === file && (within ? isWithin(issue.path ?? [], within) : isWithin(path, issue.path ?? [])),
  );
}

/** What the plugin itself says of a configuration. That it can't be asked is no fault of the configuration. */
async function askPlugin(
  wanted: DesiredResource,
  pool: HostPool,
  redactor: Redactor,
  leases: Lease[],
): Promise<ValidateReply['issues']> {
  try {
    const { name, plugin, config, substituted } = wanted;
    const lease = await pool.lease(wanted.host, { resource: name, plugin: plugin.name });
    leases.push(lease);
    const request = { id: `${name}#0`, plugin, config, substituted };
    const { issues, secrets } = await lease.host.validate(request, CHECK_TIMEOUT_MS);
    redactor.add(secrets.filter((text) => !isReference(text)));
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
