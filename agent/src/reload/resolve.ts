import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtinPlugins, type CatalogEntry, pluginAt, pluginsIn, sourceOf } from '../catalog.ts';
import type { AgentConfig, PluginConfig, ResourceConfig } from '../config/types.ts';
import type { HostGroup, PluginSource } from '../contract.ts';
import { userStateFolder } from '../hosts/state-owner.ts';
import type { HostKind } from '../manifest.ts';
import { type DesiredResource, withFingerprints } from '../resources/desired.ts';

const BUILTIN_NICE = 0;
const FOREIGN_NICE = 10;
export const OWN_HOST_MEMORY = 128 * 1024 * 1024;

/** Every plugin that can be used, by name; what a configuration names itself wins over what came with the agent. */
export function catalogOf(config?: Pick<AgentConfig, 'pluginDirs' | 'plugins'>): Map<string, CatalogEntry> {
  const entries = [...builtinPlugins(), ...pluginsIn(config?.pluginDirs ?? [])];
  for (const { name, path, directory } of config?.plugins ?? []) {
    if (path !== undefined) entries.push(pluginAt(name, path, directory));
  }
  return new Map(entries.map((entry) => [entry.name, entry]));
}

/** A configured resource with its plugin found and its host decided. */
export function desiredOf(
  config: AgentConfig,
  resource: ResourceConfig,
  entry: CatalogEntry,
): DesiredResource {
  const { name, directory, file: _file, at: _at, marks: _marks, ...rest } = resource;
  const plugin = locatedSource(entry, directory);
  return withFingerprints({
    ...rest,
    name,
    directory,
    plugin,
    host: placementOf(config, name, entry, plugin),
    stateFile: join(config.stateDir, 'resources', `${name}.state`),
  });
}

export function locatedSource(entry: CatalogEntry, directory: string): PluginSource {
  try {
    return sourceOf(entry, directory);
  } catch {
    // Importing what is not there fails with a message that says so, in the host that opens the resource.
    const { name, origin, problem } = entry;
    return { name, url: pathToFileURL(origin).href, version: 'missing', ...(problem && { problem }) };
  }
}

/** What can't be changed in a running process is part of its group's key: a change of it is a move to another one. */
export function placementOf(
  config: AgentConfig,
  resource: string,
  { name, host, builtin }: CatalogEntry,
  { version }: PluginSource,
): HostGroup {
  const settings = config.plugins.find((plugin) => plugin.name === name);
  const account = settings?.account;
  const kind = hostKindOf(settings, host);
  const nice = settings?.nice ?? (builtin ? BUILTIN_NICE : FOREIGN_NICE);
  if (kind === 'shared') {
    const { memoryBytes, cpu, logLines } = config.sharedHost;
    const key = ['shared', memoryBytes, logLines].join(':');
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
