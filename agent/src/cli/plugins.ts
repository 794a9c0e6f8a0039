import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configError, toErrorInfo } from '@dynamic-informer/sdk';
import { fixForUnknown } from '@dynamic-informer/sdk/host';
import { type CatalogEntry, sourceOf } from '../catalog.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import type { PluginInfo } from '../contract.ts';
import { HostPool } from '../hosts/pool.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { catalogOf, OWN_HOST_MEMORY } from '../reload/resolve.ts';
import { configFile } from './output.ts';
import { pluginText } from './plugin-text.ts';
import { processHosts } from './start-host.ts';

export const LOAD_TIMEOUT_MS = 10_000;

/** The plugins that a configuration can use; without a configuration, those that came with the agent. */
export async function readCatalog(named: string | undefined): Promise<Map<string, CatalogEntry>> {
  let file: string;
  try {
    file = configFile(named);
  } catch (error) {
    if (named !== undefined) throw error;
    return catalogOf();
  }
  const { config } = await loadConfigOffThread(file);
  return catalogOf(config);
}

/** @throws a config error that suggests the name that was probably meant */
export async function findPlugin(name: string, configFile: string | undefined): Promise<CatalogEntry> {
  const catalog = await readCatalog(configFile);
  const entry = catalog.get(name);
  if (entry) return entry;
  throw configError(`There is no plugin "${name}".`, {
    code: 'CONFIG_UNKNOWN_PLUGIN',
    fix: fixForUnknown(name, [...catalog.keys()], 'the plugins are'),
  });
}

/** Loads plugins in a host that is thrown away. */
export async function loadPlugins(pool: HostPool, entries: readonly CatalogEntry[]): Promise<PluginInfo[]> {
  const lease = await pool.lease({ key: 'show', name: 'show', memoryBytes: OWN_HOST_MEMORY, nice: 0 });
  try {
    const loads = entries.map((entry) => lease.host.load(sourceOf(entry), LOAD_TIMEOUT_MS));
    return await Promise.all(loads);
  } finally {
    lease.release();
  }
}

export async function listPlugins(options: { config?: string }): Promise<void> {
  const entries = [...(await readCatalog(options.config)).values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const width = Math.max(...entries.map(({ name }) => name.length));
  for (const { name, host, description, builtin, origin, problem } of entries) {
    const where = builtin ? '' : ` (${origin})`;
    const what = problem ? `${problem.code}: ${problem.message} ${problem.fix ?? ''}` : description;
    process.stdout.write(`${name.padEnd(width)}  ${host.padEnd(9)}  ${what.trim()}${where}\n`);
  }
}

export async function showPlugin(name: string, options: { config?: string; json?: boolean }): Promise<void> {
  const entry = await findPlugin(name, options.config);
  const log = createLog({ level: 'error', format: 'logfmt', redactor: new Redactor() });
  const pool = new HostPool(processHosts(log));
  try {
    const [plugin] = await loadPlugins(pool, [entry]);
    if (!plugin) return;
    const sample = sampleOf(entry);
    process.stdout.write(
      options.json ? pluginJson(entry, plugin, sample) : pluginText(entry, plugin, sample),
    );
  } catch (error) {
    const { code, message, fix } = toErrorInfo(error);
    throw configError(message, { code, ...(fix !== undefined && { fix }) });
  } finally {
    await pool.stop();
  }
}

function pluginJson(entry: CatalogEntry, plugin: PluginInfo, sample: string | undefined): string {
  const { name, version, host, origin } = entry;
  const { schema, metrics } = plugin;
  const description = entry.description || plugin.description;
  const needs = entry.needs ? { enforced: false, ...entry.needs } : null;
  const shown = { name, version, description, host, origin, needs, schema, metrics, sample };
  return `${JSON.stringify(shown, null, 2)}\n`;
}

/** The sample.yaml beside the plugin's package.json. */
export function sampleOf(entry: CatalogEntry): string | undefined {
  let folder = dirname(fileURLToPath(sourceOf(entry).url));
  for (let up = 0; up < 3; up++, folder = dirname(folder)) {
    const file = join(folder, 'sample.yaml');
    if (existsSync(file)) return readFileSync(file, 'utf8');
  }
  return undefined;
}
