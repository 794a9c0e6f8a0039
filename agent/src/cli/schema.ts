import { configError, toErrorInfo } from '@dynamic-informer/sdk';
import { builtinPlugins, type CatalogEntry, sourceOf } from '../catalog.ts';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { configJsonSchema, type PluginSchema } from '../config/json-schema.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import type { ConfigDraft, Diagnostic } from '../config/types.ts';
import type { HostPool } from '../hosts/pool.ts';
import { catalogOf, placementOf } from '../reload/resolve.ts';
import { LOAD_TIMEOUT_MS, loadPlugins } from './plugins.ts';

export interface WrittenSchema {
  readonly text: string;
  /** Why it lacks something: a plugin that can't be loaded, a file that may name more of them. */
  readonly problems: readonly string[];
}

/** The JSON schema of a configuration, with its own plugins; without a file, with those that came with the agent. */
export async function schemaText(pool: HostPool, file: string | undefined): Promise<WrittenSchema> {
  const plugins = new Map<string, PluginSchema>();
  for (const plugin of await loadPlugins(pool, builtinPlugins())) plugins.set(plugin.name, plugin);
  const problems: string[] = [];
  const loaded = file === undefined ? undefined : await loadConfigOffThread(file);
  if (loaded && !loaded.draft?.knowsPlugins) problems.push(...loaded.issues.map(formatDiagnostic));
  for (const entry of (await catalogOf(loaded?.draft?.config)).values()) {
    if (entry.builtin || !loaded?.draft) continue;
    const { name, description } = entry;
    try {
      plugins.set(name, await loadInPlace(pool, entry, loaded.draft, loaded.issues));
    } catch (error) {
      plugins.set(name, { name, description, schema: undefined });
      problems.push(`${name}: ${toErrorInfo(error).message} Under its config the schema allows anything.`);
    }
  }
  return { text: `${JSON.stringify(configJsonSchema([...plugins.values()]), null, 2)}\n`, problems };
}

/** Loads a plugin as the configuration has it run: as whom, and with what limits. */
async function loadInPlace(
  pool: HostPool,
  entry: CatalogEntry,
  { config, knowsPlugins }: ConfigDraft,
  issues: readonly Diagnostic[],
): Promise<PluginSchema> {
  const { name } = entry;
  if (!knowsPlugins || issues.some(({ path = [] }) => path[0] === 'plugins' && path[1] === name)) {
    throw configError('What the configuration says about it is wrong.');
  }
  const source = sourceOf(entry);
  const lease = await pool.lease(placementOf(config, name, entry, source));
  try {
    const { schema, description } = await lease.host.load(source, LOAD_TIMEOUT_MS);
    return { name, schema, description: entry.description || description };
  } finally {
    lease.release();
  }
}
