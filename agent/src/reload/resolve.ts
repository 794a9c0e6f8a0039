import { join } from 'node:path';
import { builtinPlugins, type CatalogEntry, pluginAt, pluginsIn } from '../catalog.ts';
import type { AgentConfig, PluginConfig, ResourceConfig } from '../config/types.ts';
import type { HostGroup, PluginSource } from '../contract.ts';
import { FilesRead } from '../files-read.ts';
import { userStateFolder } from '../hosts/state-owner.ts';
import type { HostKind } from '../manifest.ts';
import { type DesiredResource, withFingerprints } from '../resources/desired.ts';

const BUILTIN_NICE = 0;
const FOREIGN_NICE = 10;
export const OWN_HOST_MEMORY = 128 * 1024 * 1024;

/**
 * Every plugin that can be used, by name; what a configuration names itself wins over what came with the agent.
 * `reads` remembers what of the configuration's own they were read from.
 */
export async function catalogOf(
  config?: Pick<AgentConfig, 'pluginDirs' | 'plugins'>,
  reads = new FilesRead(),
): Promise<Map<string, CatalogEntry>> {
  const entries = [...builtinPlugins(), ...(await pluginsIn(config?.pluginDirs ?? [], reads))];
  for (const { name, path, directory } of config?.plugins ?? []) {
    if (path !== undefined) entries.push(await pluginAt(name, path, directory, reads));
  }
  return new Map(entries.map((entry) => [entry.name, entry]));
}

/** Gives a configured resource with its host decided; `plugin` is where the code of the entry's is. */
export type Resolve = (
  resource: ResourceConfig,
  entry: CatalogEntry,
  plugin: PluginSource,
) => DesiredResource;

/** Resolves the resources of one configuration: those with the same plugin and host share what says so. */
export function resolverOf(config: AgentConfig): Resolve {
  const groups = new Map<string, HostGroup>();
  return (resource, entry, plugin) => {
    const { name, directory, file: _file, at: _at, marks: _marks, ...rest } = resource;
    const placement = placementOf(config, name, entry, plugin);
    const host = groups.get(placement.key) ?? placement;
    groups.set(host.key, host);
    return withFingerprints({
      ...rest,
      name,
      directory,
      plugin,
      host,
      stateFile: join(config.stateDir, 'resources', `${name}.state`),
    });
  };
}

/** What can't be changed in a running process is part of its group's key: a change of it is a move to another one. */
export function placementOf(
  config: AgentConfig,
  resource: string,
  { name, host, builtin }: CatalogEntry,
  { version, revision = 0 }: PluginSource,
): HostGroup {
  const settings = config.plugins.find((plugin) => plugin.name === name);
  const account = settings?.account;
  const kind = hostKindOf(settings, host);
  const nice = settings?.nice ?? (builtin ? BUILTIN_NICE : FOREIGN_NICE);
  if (kind === 'shared') {
    const { memoryBytes, cpu, logLines } = config.sharedHost;
    // A module can't be loaded anew: who has changed leaves those who have not, and has a process with that name alone.
    const own = revision === 0 ? [] : [name, version];
    const key = ['shared', memoryBytes, logLines, ...own].join(':');
    return { key, name: 'shared', memoryBytes, cpu, nice: BUILTIN_NICE, logLines };
  }
  const owner = kind === 'own' ? name : resource;
  const memoryBytes = settings?.memoryBytes ?? OWN_HOST_MEMORY;
  const { cpu, logLines } = settings ?? {};
  // What can't be changed in a process that runs gets a new one; so does code, since a module can't be loaded anew.
  const key = [kind, owner, version, memoryBytes, nice, logLines, account?.uid].join(':');
  const group = { key, name: owner, memoryBytes, cpu, nice, logLines };
  return account ? { ...group, account, stateFolder: userStateFolder(config.stateDir, account.uid) } : group;
}

/** Which process a plugin's resources run in, as it is configured, or else as the plugin wants it: `host`. */
export function hostKindOf(settings: PluginConfig | undefined, host: HostKind): HostKind {
  // What others share can't be another user's.
  return settings?.host ?? (settings?.account && host === 'shared' ? 'own' : host);
}
