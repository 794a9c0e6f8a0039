import { isAbsolute, join } from 'node:path';
import {
  configError,
  type ErrorInfo,
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
  toErrorInfo,
} from '@dynamic-informer/sdk';
import { compileRelabel } from '@dynamic-informer/sdk/host';
import type { HostAccount } from '../contract.ts';
import { findAccount } from './accounts.ts';
import { digestOfData } from './digests.ts';
import { checkSocketPath, parseListenAddress } from './listen.ts';
import { parseNetwork } from './networks.ts';
import type { RawConfig, RawPlugin, RawResource } from './schema.ts';
import type { ListenAddress, Located, Path, PluginConfig, ResourceConfig, WebConfig } from './types.ts';

/** Takes an error about the part that is converted; its path is from that part inwards. */
export type Report = (error: ErrorInfo) => void;

/** Timers can't wait longer. */
const LONGEST_MS = parseDuration('24d');
const SMALLEST_MEMORY = parseSize('16MiB');
/** A result crosses the pipe of its host in one frame of 64 MiB at most. */
export const MOST_BYTES = parseSize('32MiB');
const FEWEST_BYTES = parseSize('1KiB');

const LIMITS = {
  every: [100, LONGEST_MS],
  timeout: [1, parseDuration('1h')],
  open_timeout: [1, parseDuration('1h')],
  max_stale: [0, LONGEST_MS],
  scrape_timeout_offset: [0, parseDuration('1h')],
} as const;

export type Defaults = Pick<
  ResourceConfig,
  'every' | 'timeoutMs' | 'openTimeoutMs' | 'maxSeries' | 'maxBytes' | 'maxStaleMs'
>;

export function convertWeb(
  raw: RawConfig['web'],
  directory: string,
  report: Report,
): Omit<WebConfig, keyof Located> {
  const listen = raw.listen.map((text, index): ListenAddress | undefined =>
    attempt(() => parseListenAddress(text), ['listen', index], report),
  );
  const allow = raw.allow?.map((text, index) => attempt(() => parseNetwork(text), ['allow', index], report));
  const tokenFile = raw.admin?.token_file;
  return {
    listen: listen.filter((address) => address !== undefined),
    metricsPath: raw.metrics_path,
    openmetricsCreated: raw.openmetrics_created,
    scrapeTimeoutOffsetMs: duration(raw, 'scrape_timeout_offset', report) ?? 0,
    allow: allow?.filter((network) => network !== undefined),
    hosts: raw.hosts.map((name) => name.toLowerCase()),
    adminTokenFile: tokenFile === undefined ? undefined : absolute(tokenFile, directory),
  };
}

/** The agent's own socket has to fit in there. */
export function checkStateDir(stateDir: string, report: Report): void {
  attempt(() => checkSocketPath(join(stateDir, 'agent.sock')), [], report);
}

export function convertDefaults(raw: RawConfig['defaults'], report: Report): Defaults {
  return {
    every: every(raw, report) ?? 'scrape',
    timeoutMs: duration(raw, 'timeout', report) ?? 0,
    openTimeoutMs: duration(raw, 'open_timeout', report) ?? 0,
    maxSeries: raw.max_series,
    maxBytes: bytes(raw.max_bytes, report),
    maxStaleMs: duration(raw, 'max_stale', report) ?? 0,
  };
}

export function convertPlugin(
  name: string,
  raw: RawPlugin,
  located: Located,
  directory: string,
  report: Report,
): PluginConfig {
  if (raw.host === 'shared') {
    for (const key of ['memory', 'cpu', 'nice', 'user', 'log_lines'] as const) {
      if (raw[key] === undefined) continue;
      const isOwn = key === 'nice' || key === 'user';
      const fix = isOwn ? 'remove it, or write host: own' : `remove it, or set shared_host.${key}`;
      report(problem([key], `"${key}" has no effect with host: shared`, fix));
    }
  }
  return {
    name,
    ...located,
    directory,
    path: raw.path,
    host: raw.host,
    memoryBytes: raw.memory === undefined ? undefined : memory(raw.memory, ['memory'], report),
    cpu: raw.cpu,
    nice: raw.nice,
    account: raw.user === undefined ? undefined : account(raw.user, report),
    logLines: raw.log_lines,
  };
}

export function convertResource(
  name: string,
  raw: RawResource,
  located: Located,
  context: Pick<ResourceConfig, 'directory' | 'substituted' | 'hidden'> & { readonly defaults: Defaults },
  report: Report,
): ResourceConfig {
  const { defaults, directory, substituted, hidden } = context;
  const relabel = raw.relabel ?? [];
  for (const [index, rule] of relabel.entries()) {
    attempt(() => compileRelabel([rule]), ['relabel', index], report, 1);
  }
  const settings = {
    probe: raw.probe,
    every: every(raw, report) ?? defaults.every,
    timeoutMs: duration(raw, 'timeout', report) ?? defaults.timeoutMs,
    openTimeoutMs: duration(raw, 'open_timeout', report) ?? defaults.openTimeoutMs,
    maxSeries: raw.max_series ?? defaults.maxSeries,
    maxBytes: raw.max_bytes === undefined ? defaults.maxBytes : bytes(raw.max_bytes, report),
    maxStaleMs: duration(raw, 'max_stale', report) ?? defaults.maxStaleMs,
    labels: raw.labels ?? {},
    relabel,
  };
  const config = raw.config ?? {};
  return {
    name,
    ...located,
    plugin: raw.plugin,
    enabled: raw.enabled,
    ...settings,
    config,
    substituted,
    hidden,
    directory,
    digests: {
      collector: digestOfData([digestOfData(config), substituted, directory]),
      settings: digestOfData(settings),
    },
  };
}

export function memory(text: string, path: Path, report: Report): number {
  const bytes = parseSize(text);
  if (bytes < SMALLEST_MEMORY) {
    report(
      problem(path, `${text} is too little for a process`, `use ${formatSize(SMALLEST_MEMORY)} or more`),
    );
  }
  return bytes;
}

function account(user: string | number, report: Report): HostAccount | undefined {
  const refuse = (message: string, fix: string) => void report(problem(['user'], message, fix));
  if (process.platform !== 'linux') {
    refuse('a host runs as another user on Linux only', 'remove it');
    return undefined;
  }
  if (process.geteuid?.() !== 0) {
    refuse(
      'only root can run a host as another user, and this is not root',
      'run the agent as root, or remove it',
    );
    return undefined;
  }
  const found = findAccount(user);
  if (!found) refuse(`there is no user "${user}" on this machine`, 'correct the name, or create the user');
  else if (found.uid === 0)
    refuse('this is the user that the agent runs as', 'name another one, or remove it');
  return found;
}

function bytes(text: string, report: Report): number {
  const size = parseSize(text);
  const path = ['max_bytes'];
  if (size < FEWEST_BYTES) {
    report(problem(path, `${text} is too little`, `use ${formatSize(FEWEST_BYTES)} or more`));
  } else if (size > MOST_BYTES) {
    report(problem(path, `${text} is too much for one resource`, `use ${formatSize(MOST_BYTES)} or less`));
  }
  return size;
}

export const absolute = (path: string, directory: string): string =>
  isAbsolute(path) ? path : join(directory, path);

function every(raw: { readonly every?: string }, report: Report): 'scrape' | number | undefined {
  return raw.every === 'scrape' ? 'scrape' : duration(raw, 'every', report);
}

function duration<K extends keyof typeof LIMITS>(
  raw: { readonly [key in K]?: string },
  key: K,
  report: Report,
): number | undefined {
  const text = raw[key];
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  const [least, most] = LIMITS[key];
  if (milliseconds < least) {
    report(problem([key], `${text} is too short`, `use ${formatDuration(least)} or more`));
  } else if (milliseconds > most) {
    report(problem([key], `${text} is too long`, `use ${formatDuration(most)} or less`));
  }
  return milliseconds;
}

function problem(path: Path, message: string, fix: string): ErrorInfo {
  return toErrorInfo(configError(message, { code: 'CONFIG_BAD_VALUE', path, fix }));
}

/** What `make` returns; what it throws is reported below `path`, without the first `skip` keys of its own. */
function attempt<T>(make: () => T, path: Path, report: Report, skip = 0): T | undefined {
  try {
    return make();
  } catch (error) {
    const info = toErrorInfo(error);
    if (info.class !== 'config') throw error;
    report({ ...info, path: [...path, ...(info.path ?? []).slice(skip)] });
    return undefined;
  }
}
