import { relative } from 'node:path';
import { formatDuration, formatSize } from '@dynamic-informer/sdk';
import { formatPath } from '../config/diagnostic.ts';
import { formatListenAddress } from '../config/listen.ts';
import type { AgentConfig } from '../config/types.ts';
import type { DesiredResource } from '../resources/desired.ts';
import type { PlanReason } from './change-plan.ts';
import { type Difference, differences } from './differences.ts';

/** Versions are hashes: their beginning tells them apart. */
const VERSION_LENGTH = 12;
const MAX_VALUE = 200;

/** What of a resource differs that makes a plan replace or adjust it, in the words of the configuration. */
export function resourceDifferences(before: DesiredResource, after: DesiredResource): Difference[] {
  // Another plugin's configuration is another one altogether.
  const isSamePlugin = before.plugin.name === after.plugin.name;
  const config = isSamePlugin ? differences(before.config, after.config, ['config']) : [];
  const found = [
    ...pluginDifferences(before, after),
    ...hostDifferences(before, after),
    ...differences(before.directory, after.directory, ['directory']),
    ...config,
    // What the configuration names now are other files anyway.
    ...(isSamePlugin && config.length === 0 ? fileDifferences(before, after) : []),
    ...differences(schedule(before), schedule(after)),
    ...differences(before.labels, after.labels, ['labels']),
    ...differences(before.relabel, after.relabel, ['relabel']),
  ];
  // What can't be named is still said: something made the plan differ.
  return found.length > 0 ? found : [{ path: ['host'], from: undefined, to: undefined }];
}

function pluginDifferences(
  { plugin: before }: DesiredResource,
  { plugin: after }: DesiredResource,
): Difference[] {
  if (before.name !== after.name) return [{ path: ['plugin'], from: before.name, to: after.name }];
  if (before.url !== after.url) return [{ path: ['plugin path'], from: before.url, to: after.url }];
  const code = differences(before.version.slice(0, VERSION_LENGTH), after.version.slice(0, VERSION_LENGTH), [
    'plugin code',
  ]);
  const isElse = code.length === 0 && differences(before, after).length > 0;
  return isElse ? [{ path: ['plugin package.json'], from: undefined, to: undefined }] : code;
}

/** Files that the configuration names, relative to its folder. */
function fileDifferences(
  { files: before = {} }: DesiredResource,
  { files: after = {}, directory }: DesiredResource,
): Difference[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = paths.filter((path) => before[path] !== after[path]);
  return changed.map((path) => ({
    path: ['file', relative(directory, path)],
    from: undefined,
    to: undefined,
  }));
}

function hostDifferences({ host: before }: DesiredResource, { host: after }: DesiredResource): Difference[] {
  return [
    ...differences(before.name, after.name, ['host']),
    ...differences(formatSize(before.memoryBytes), formatSize(after.memoryBytes), ['host', 'memory']),
    ...differences(before.cpu, after.cpu, ['host', 'cpu']),
    ...differences(before.nice, after.nice, ['host', 'nice']),
    ...differences(before.account?.name, after.account?.name, ['host', 'user']),
    ...differences(before.logLines, after.logLines, ['host', 'log_lines']),
  ];
}

const schedule = (resource: DesiredResource) => ({
  every: resource.every === 'scrape' ? 'scrape' : formatDuration(resource.every),
  timeout: formatDuration(resource.timeoutMs),
  open_timeout: formatDuration(resource.openTimeoutMs),
  max_series: resource.maxSeries,
  max_bytes: formatSize(resource.maxBytes),
  max_stale: formatDuration(resource.maxStaleMs),
});

const SEEN: ReadonlySet<unknown> = new Set(['timeout', 'max_series', 'max_bytes', 'labels', 'relabel']);

/** Whether what is adjusted can change which series there are. */
export const concernsSeries = (found: readonly Difference[]): boolean =>
  found.some(({ path: [first] }) => SEEN.has(first));

/** What of the whole agent's settings differs, without what resources say of it. */
export function settingDifferences(
  before: AgentConfig,
  after: AgentConfig,
  listensElsewhere: boolean,
): Difference[] {
  const found = differences(settingsOf(before), settingsOf(after));
  const isListen = ({ path }: Difference) => path[0] === 'web' && path[1] === 'listen';
  return listensElsewhere ? found.filter((difference) => !isListen(difference)) : found;
}

function settingsOf({ resources: _resources, plugins: _plugins, web, ...rest }: AgentConfig): unknown {
  const { listen, adminTokenFile, ...others } = web;
  const admin = adminTokenFile === undefined ? {} : { admin: { token_file: adminTokenFile } };
  return inWords({ web: { listen: listen.map(formatListenAddress), ...others, ...admin }, ...rest });
}

/** Where something is written is no setting. */
const PLACE: ReadonlySet<string> = new Set(['file', 'at', 'marks']);

/** Converted settings with the keys and the values that they have in the configuration. */
function inWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inWords);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => !PLACE.has(key) && inner !== undefined);
  return Object.fromEntries(
    entries.map(([key, inner]): [string, unknown] => {
      const name = (unit: string) => snakeCase(key.slice(0, -unit.length));
      if (typeof inner === 'number' && key.endsWith('Ms')) return [name('Ms'), formatDuration(inner)];
      if (typeof inner === 'number' && key.endsWith('Bytes')) return [name('Bytes'), formatSize(inner)];
      return [snakeCase(key), inWords(inner)];
    }),
  );
}

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A difference as it is shown: `mask` hides secrets in each text of it. */
export function shownReason({ path, from, to }: Difference, mask: (text: string) => string): PlanReason {
  const [before, after] = [shownValue(from, mask), shownValue(to, mask)];
  const isAlike = before === after && typeof from !== typeof to;
  const quoted = (shown: string | undefined, value: unknown) =>
    isAlike && typeof value === 'string' ? JSON.stringify(shown) : shown;
  const [shownFrom, shownTo] = [quoted(before, from), quoted(after, to)];
  return {
    path: mask(formatPath(path)),
    ...(shownFrom !== undefined && { from: shownFrom }),
    ...(shownTo !== undefined && { to: shownTo }),
  };
}

function shownValue(value: unknown, mask: (text: string) => string): string | undefined {
  if (value === undefined) return undefined;
  const masked = (_key: string, inner: unknown) => (typeof inner === 'string' ? mask(inner) : inner);
  // Masked before it is cut: the beginning of a secret is none that is known.
  const text = typeof value === 'string' ? mask(value) : mask(JSON.stringify(value, masked));
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
