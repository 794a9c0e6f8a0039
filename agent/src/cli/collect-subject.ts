import { configError } from '@dynamic-informer/sdk';
import { fixForUnknown } from '@dynamic-informer/sdk/host';
import { sourceOf } from '../catalog.ts';
import { MOST_BYTES } from '../config/convert.ts';
import { loadConfigOffThread } from '../config/load-off-thread.ts';
import type { AgentConfig, Diagnostic, ResourceConfig } from '../config/types.ts';
import type { HostGroup, OpenRequest } from '../contract.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Redactor } from '../redactor.ts';
import { checkConfig } from '../reload/check-config.ts';
import { PluginCode } from '../reload/plugin-code.ts';
import { OWN_HOST_MEMORY, resolverOf } from '../reload/resolve.ts';
import type { DesiredResource } from '../resources/desired.ts';
import { configFile } from './output.ts';
import { findPlugin } from './plugins.ts';

/** What is opened, and where. */
export interface Subject {
  readonly host: HostGroup;
  readonly request: Omit<OpenRequest, 'stateFile'>;
  readonly collectTimeoutMs: number;
  /** Where it is written; `undefined` for a plugin with settings of the command line. */
  readonly resource?: ResourceConfig;
}

const PLUGIN_TIMEOUT_MS = 10_000;

/** A resource of a configuration in which nothing is wrong. */
export async function configuredSubject(
  name: string | undefined,
  file: string | undefined,
  pool: HostPool,
  redactor: Redactor,
): Promise<Subject> {
  const resource = named(name);
  const path = configFile(file);
  const { issues, config, desired, release } = await checkConfig(path, process.env, pool, redactor);
  release();
  if (issues[0] || !config) throw notUsable(path, issues);
  return subjectOf(found(resource, desired, path));
}

/** A resource of a configuration that can be read, whatever plugins will say of their part. */
export async function uncheckedSubject(
  name: string | undefined,
  file: string | undefined,
  redactor: Redactor,
): Promise<Subject> {
  const wanted = named(name);
  const path = configFile(file);
  const { issues, config, secrets } = await loadConfigOffThread(path);
  redactor.add(secrets);
  if (!config) throw notUsable(path, issues);
  const resource = found(wanted, config.resources, path);
  return { ...subjectOf(await resolved(resource, config)), resource };
}

/** A plugin with settings of the command line: pairs KEY=VALUE. */
export async function adHocSubject(
  name: string,
  settings: readonly string[],
  file: string | undefined,
): Promise<Subject> {
  const entry = await findPlugin(name, file);
  return {
    host: { key: name, name, memoryBytes: OWN_HOST_MEMORY, nice: 0 },
    collectTimeoutMs: PLUGIN_TIMEOUT_MS,
    request: {
      id: `${name}#1`,
      plugin: sourceOf(entry),
      config: await settingsOf(settings),
      substituted: [],
      directory: process.cwd(),
      gather: {
        resource: name,
        labels: {},
        relabel: [],
        maxSeries: Number.MAX_SAFE_INTEGER,
        maxBytes: MOST_BYTES,
      },
      timeoutMs: PLUGIN_TIMEOUT_MS,
    },
  };
}

function named(name: string | undefined): string {
  if (name !== undefined) return name;
  throw configError('Nothing was named to collect.', { fix: 'name a resource, or a plugin with --plugin' });
}

function notUsable(path: string, [issue]: readonly Diagnostic[]): Error {
  return configError(`${path} is not usable: ${issue?.message ?? ''}`, {
    fix: 'see all of it with "informer check"',
  });
}

function found<R extends { readonly name: string }>(name: string, resources: readonly R[], path: string): R {
  const resource = resources.find((each) => each.name === name);
  if (resource) return resource;
  const names = resources.map((each) => each.name);
  throw configError(`There is no resource "${name}" in ${path}.`, {
    code: 'CONFIG_UNKNOWN_RESOURCE',
    fix: fixForUnknown(name, names, 'the resources are'),
  });
}

async function resolved(resource: ResourceConfig, config: AgentConfig): Promise<DesiredResource> {
  const code = await new PluginCode().look({ ...config, resources: [resource] });
  const entry = code.catalog.get(resource.plugin);
  if (entry) return resolverOf(config)(resource, entry, code.sourceOf(entry));
  throw configError(`There is no plugin "${resource.plugin}".`, {
    code: 'CONFIG_UNKNOWN_PLUGIN',
    fix: fixForUnknown(resource.plugin, [...code.catalog.keys()].sort(), 'the plugins are'),
  });
}

function subjectOf(wanted: DesiredResource): Subject {
  const { name, plugin, config, substituted, directory, labels, relabel, maxSeries, maxBytes } = wanted;
  return {
    host: wanted.host,
    collectTimeoutMs: wanted.timeoutMs,
    request: {
      id: `${name}#1`,
      plugin,
      config,
      substituted,
      directory,
      gather: { resource: name, labels, relabel, maxSeries, maxBytes },
      timeoutMs: wanted.openTimeoutMs,
    },
  };
}

/** `a.b=1` becomes `{a: {b: 1}}`; values are read as YAML. */
async function settingsOf(pairs: readonly string[]): Promise<Record<string, unknown>> {
  const { parse } = await import('yaml');
  const settings: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw configError(`--set ${pair} has no value.`, { fix: 'write --set KEY=VALUE' });
    }
    const path = key.split('.');
    const last = path.pop() as string;
    let at = settings;
    for (const step of path) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    at[last] = parse(value);
  }
  return settings;
}
