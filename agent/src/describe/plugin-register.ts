import { type ErrorInfo, pluginError, toErrorInfo } from '@dynamic-informer/sdk';
import pLimit from 'p-limit';
import type { pluginDetails, pluginSummary } from '../api/catalog.ts';
import type { Shown } from '../api/shown.ts';
import type { CatalogEntry } from '../catalog.ts';
import type { AgentConfig } from '../config/types.ts';
import type { PluginInfo, PluginSource } from '../contract.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { LookedCode } from '../reload/plugin-code.ts';
import { hostKindOf, placementOf } from '../reload/resolve.ts';

/** A plugin that can be used, as it is known without loading it. */
export type PluginSummary = Shown<typeof pluginSummary>;
export type PluginDetails = Shown<typeof pluginDetails>;

type Answer = { readonly info: PluginInfo } | { readonly problem: ErrorInfo };

interface Question {
  /** Of the plugin's code. */
  readonly version: string;
  readonly answer: Promise<Answer>;
  /** What could not be loaded is tried again after this; it may be a missing import that is there now. */
  readonly expiresAt: number;
}

const LOAD_TIMEOUT_MS = 10_000;
const FAILURE_KEPT_MS = 30_000;
/** Hosts that are started at one time only to ask. */
const CONCURRENT_QUESTIONS = 2;

/**
 * What is known of every plugin that the configuration can use. Plugins are asked in hosts of their own, which end
 * after that, so that nothing that collects is touched; what one said is kept while its code stays the same.
 */
export class PluginRegister {
  readonly #pool: HostPool;
  readonly #questions = new Map<string, Question>();
  readonly #limit = pLimit(CONCURRENT_QUESTIONS);
  readonly #look: (config: AgentConfig) => Promise<LookedCode>;
  #config: AgentConfig | undefined;
  #looked: Promise<LookedCode> | undefined;

  /** `look` reads the plugins that a configuration can use, which is done once for each configuration. */
  constructor(pool: HostPool, look: (config: AgentConfig) => Promise<LookedCode>) {
    this.#pool = pool;
    this.#look = look;
  }

  /** By name. */
  async list(config: AgentConfig): Promise<PluginSummary[]> {
    const { catalog } = await this.#lookedAt(config);
    const entries = [...catalog.values()];
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1)).map((entry) => summaryOf(config, entry));
  }

  /** Loads it if nobody has asked yet. `undefined` if there is none of that name. */
  async show(config: AgentConfig, name: string): Promise<PluginDetails | undefined> {
    const { catalog, sourceOf } = await this.#lookedAt(config);
    const entry = catalog.get(name);
    if (!entry) return undefined;
    const summary = summaryOf(config, entry);
    const answer = await this.#ask(config, entry, sourceOf(entry));
    if ('problem' in answer) return { ...summary, schema: null, metrics: [], ...answer };
    const { description, schema, metrics } = answer.info;
    return {
      ...summary,
      description: summary.description || description,
      schema,
      metrics: metrics.map(({ name, help, type, unit, labels }) => ({
        name,
        help,
        type,
        labels,
        ...(unit !== undefined && { unit }),
      })),
    };
  }

  /** The schema of the configuration of a plugin that a resource uses, or why it is not known. */
  async schemaOf(
    config: AgentConfig,
    plugin: PluginSource,
  ): Promise<{ schema: unknown } | { problem: ErrorInfo }> {
    const { catalog } = await this.#lookedAt(config);
    const entry = catalog.get(plugin.name);
    if (!entry) return { problem: toErrorInfo(new Error(`There is no plugin "${plugin.name}" any more.`)) };
    const answer = await this.#ask(config, entry, plugin);
    return 'problem' in answer ? answer : { schema: answer.info.schema };
  }

  #lookedAt(config: AgentConfig): Promise<LookedCode> {
    if (this.#looked === undefined || this.#config !== config) this.#looked = this.#look(config);
    this.#config = config;
    return this.#looked;
  }

  #ask(config: AgentConfig, entry: CatalogEntry, source: PluginSource): Promise<Answer> {
    const known = this.#questions.get(entry.name);
    const version = `${source.url} ${source.version}`;
    if (known?.version === version && Date.now() < known.expiresAt) return known.answer;
    const answer = this.#limit(() => this.#load(config, entry, source));
    const keep = (expiresAt: number) => this.#questions.set(entry.name, { version, answer, expiresAt });
    keep(Number.POSITIVE_INFINITY);
    void answer.then((given) => 'problem' in given && keep(Date.now() + FAILURE_KEPT_MS));
    return answer;
  }

  async #load(config: AgentConfig, entry: CatalogEntry, source: PluginSource): Promise<Answer> {
    try {
      const placement = placementOf(config, entry.name, entry, source);
      // As the user that it collects as, with the memory that it has then.
      const lease = await this.#pool.lease({ ...placement, key: `show:${placement.key}`, name: 'show' });
      try {
        const info = await lease.host.load(source, LOAD_TIMEOUT_MS);
        // What a plugin's host sends need not be what it should be.
        if (!Array.isArray(info.metrics)) throw pluginError('It does not say which metrics it has.');
        return { info };
      } finally {
        lease.release();
      }
    } catch (error) {
      return { problem: toErrorInfo(error) };
    }
  }
}

function summaryOf(config: AgentConfig, entry: CatalogEntry): PluginSummary {
  const { name, description, version, builtin, origin, needs, problem } = entry;
  const settings = config.plugins.find((plugin) => plugin.name === name);
  return {
    name,
    description,
    version,
    origin: builtin ? 'builtin' : origin.startsWith('/') ? 'file' : 'package',
    host: hostKindOf(settings, entry.host),
    needs: needs ?? null,
    resources: config.resources.filter((resource) => resource.plugin === name).length,
    ...(problem && { problem }),
  };
}
