import { fixForUnknown } from '@dynamic-informer/sdk/host';
import pLimit from 'p-limit';
import { breathe } from '../breathe.ts';
import type { CatalogEntry } from '../catalog.ts';
import { listed } from '../config/diagnostic.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import { configDiagnostic, diagnosticAt, isWithin } from '../config/place.ts';
import { isReference } from '../config/substitute.ts';
import type { AgentConfig, Diagnostic, LoadedConfig, ResourceConfig } from '../config/types.ts';
import type { Lease, PluginSource, ValidateReply } from '../contract.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Redactor } from '../redactor.ts';
import type { DesiredResource } from '../resources/desired.ts';
import { type LookedCode, PluginCode } from './plugin-code.ts';
import { resolverOf } from './resolve.ts';
import { type FilesLook, WatchedFiles } from './watched-files.ts';

const CONCURRENT_CHECKS = 16;
/** A host that has not answered by then is ended. */
const CHECK_TIMEOUT_MS = 10_000;

/** What came of looking at a configuration: all that is wrong with it, or what it wants. */
export interface CheckedConfig {
  readonly loaded: LoadedConfig;
  readonly issues: readonly Diagnostic[];
  /** What plugins advise against, of the resources that they were asked about. */
  readonly warnings: readonly Diagnostic[];
  readonly config: AgentConfig | undefined;
  /** Every resource in the configuration's order, enabled or not; empty if there are issues. */
  readonly desired: readonly DesiredResource[];
  /** By name, of the resources that plugins have found nothing wrong with: as long as it is the same they need not be asked. */
  readonly fingerprints: ReadonlyMap<string, string>;
  /** The plugins, and what their code was read from; `undefined` if the configuration could not be read. */
  readonly code: LookedCode | undefined;
  /** What of the files was seen that plugins read because their configurations name them. */
  readonly files: FilesLook;
  /** Gives back the hosts that were started to ask. */
  release(): void;
}

export interface CheckPorts {
  readonly pool: HostPool;
  readonly redactor: Redactor;
  /** `fingerprints` of an earlier check. */
  readonly checked?: CheckedConfig['fingerprints'];
  /** Reads the plugins that a configuration uses. */
  readonly look?: ((config: AgentConfig) => Promise<LookedCode>) | undefined;
  /** Knows which files configurations name; who checks only once needs none. */
  readonly files?: WatchedFiles | undefined;
  /** How long a plugin is waited for, once its host runs. It goes on after that, and opening tells what is wrong. */
  readonly patienceMs?: number;
}

/** What else is known to who checks a configuration. */
export interface CheckOptions {
  readonly look?: CheckPorts['look'];
  readonly files?: CheckPorts['files'];
  /** Resources with the same fingerprint have been checked before. */
  readonly running?: ReadonlyMap<string, DesiredResource>;
  /** Instead of `web.config_file`. */
  readonly webConfigFile?: string | undefined;
}

/** Loads a configuration, and checks it as `checkLoaded` does. */
export async function checkConfig(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
  pool: HostPool,
  redactor: Redactor,
  { running = new Map(), look, files, webConfigFile }: CheckOptions = {},
): Promise<CheckedConfig> {
  const loaded = await loadConfigOffThread(file, { env: environment, webConfigFile });
  const checked = new Map([...running].map(([name, { fingerprint }]) => [name, fingerprint]));
  return checkLoaded(loaded, { pool, redactor, checked, files, ...(look && { look }) });
}

/**
 * Lets every plugin check its part of a configuration, in hosts, also where other parts have issues: what is wrong is
 * told all at once. It holds nobody up, however many resources there are.
 */
export async function checkLoaded(loaded: LoadedConfig, ports: CheckPorts): Promise<CheckedConfig> {
  const { pool, redactor, checked = new Map(), patienceMs = CHECK_TIMEOUT_MS } = ports;
  const { look = (config) => new PluginCode().look(config), files: watched = new WatchedFiles() } = ports;
  redactor.add(loaded.secrets);
  const { config, draft } = loaded;
  const fingerprints = new Map<string, string>();
  const asking = new Asking(pool, redactor, patienceMs, (resource, patterns) =>
    watched.learn(resource, patterns),
  );
  const files = watched.look();
  const release = () => asking.release();
  if (!draft) {
    const nothing = { warnings: [], desired: [], code: undefined };
    return { ...nothing, loaded, issues: loaded.issues, config, fingerprints, files, release };
  }

  const code = await look(draft.config);
  const resolve = resolverOf(draft.config);
  const sources = new Map<CatalogEntry, PluginSource>();
  const issues = [...loaded.issues];
  const warnings: Diagnostic[] = [];
  const desired: DesiredResource[] = [];
  const ask = async (at: number, wanted: DesiredResource, resource: ResourceConfig) => {
    const answer = await asking.ask(wanted);
    // Its plugin has said by now which files there are.
    const whole = await files.withFiles(wanted);
    desired[at] = whole;
    if (answer.issues.length > 0) fingerprints.delete(wanted.name);
    else fingerprints.set(wanted.name, whole.fingerprint);
    for (const warning of answer.warnings) {
      warnings.push({ ...configDiagnostic(resource, warning), severity: 'warning' });
    }
    const placed = answer.issues.map((problem) => configDiagnostic(resource, problem));
    issues.push(...placed.filter((problem) => !follows(problem, resource, loaded.issues)));
  };
  const asked: Promise<void>[] = [];
  const breath = breathe();
  for (const resource of draft.config.resources) {
    if (breath.isDue()) await breath.now();
    const entry = code.catalog.get(resource.plugin);
    if (!entry) {
      if (draft.knowsPlugins) issues.push(unknownPlugin(resource, code));
      continue;
    }
    const source = sources.get(entry) ?? code.sourceOf(entry);
    sources.set(entry, source);
    const bare = resolve(resource, entry, source);
    const wanted = await files.withFiles(bare);
    const { name, fingerprint } = wanted;
    const at = desired.push(wanted) - 1;
    const isKnown = checked.get(name) === fingerprint;
    if (!isKnown && !mayAsk(entry, loaded)) continue;
    fingerprints.set(name, fingerprint);
    if (!isKnown) asked.push(ask(at, bare, resource));
  }
  await Promise.all(asked);
  return {
    loaded,
    issues: listed(issues, Object.keys(loaded.texts)),
    warnings: listed(warnings, Object.keys(loaded.texts)),
    config,
    desired: issues.length > 0 ? [] : desired,
    fingerprints,
    code,
    files,
    release,
  };
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

type Answer = Pick<ValidateReply, 'issues' | 'warnings'>;

const NOTHING_WRONG: Answer = { issues: [], warnings: [] };

/** Asks plugins what they say of configurations. */
class Asking {
  readonly #pool: HostPool;
  readonly #redactor: Redactor;
  readonly #patienceMs: number;
  readonly #learned: (resource: DesiredResource, watched: readonly string[]) => void;
  readonly #limit = pLimit(CONCURRENT_CHECKS);
  readonly #leases: Lease[] = [];
  /** Keys of hosts that did not answer in time: more questions would only wait longer. */
  readonly #hanging = new Set<string>();

  /** `learned` is told which files a configuration names, also by an answer that comes too late. */
  constructor(
    pool: HostPool,
    redactor: Redactor,
    patienceMs: number,
    learned: (resource: DesiredResource, watched: readonly string[]) => void,
  ) {
    this.#learned = learned;
    this.#pool = pool;
    this.#redactor = redactor;
    this.#patienceMs = patienceMs;
  }

  /** What the plugin itself finds wrong. That it can't be asked is no fault of the configuration. */
  ask(wanted: DesiredResource): Promise<Answer> {
    return this.#limit(async () => {
      if (this.#hanging.has(wanted.host.key)) return NOTHING_WRONG;
      try {
        return await this.#askNow(wanted);
      } catch {
        // Opening it will fail for the same reason, and that failure belongs to the resource alone.
        return NOTHING_WRONG;
      }
    });
  }

  release(): void {
    for (const lease of this.#leases) lease.release();
  }

  async #askNow(wanted: DesiredResource): Promise<Answer> {
    const { name, plugin, host, config, substituted, directory } = wanted;
    const lease = await this.#pool.lease(host, { resource: name, plugin: plugin.name });
    this.#leases.push(lease);
    const request = { id: `${name}#0`, plugin, config, substituted, directory };
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => {
      this.#hanging.add(host.key);
      resolve(NOTHING_WRONG);
    }, this.#patienceMs);
    lease.host.validate(request, CHECK_TIMEOUT_MS).then(({ issues, warnings, secrets, watched }) => {
      this.#learned(wanted, watched);
      this.#redactor.add(secrets.filter((text) => !isReference(text)));
      resolve({ issues, warnings });
    }, reject);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }
}

function unknownPlugin(resource: ResourceConfig, { catalog, unreadable }: LookedCode): Diagnostic {
  const [folder] = unreadable;
  return diagnosticAt(resource, {
    code: 'CONFIG_UNKNOWN_PLUGIN',
    class: 'config',
    path: ['plugin'],
    ...(folder === undefined
      ? {
          message: `unknown plugin "${resource.plugin}"`,
          fix: fixForUnknown(resource.plugin, [...catalog.keys()].sort(), 'the plugins are'),
        }
      : {
          message: `unknown plugin "${resource.plugin}", and permission denied to read ${folder}`,
          fix: 'make that folder readable for the agent, or correct plugin_dirs',
        }),
  });
}
