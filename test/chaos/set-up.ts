import { type RunningInformer, startInformer } from '../support/program.ts';
import type { Fault, Placement } from './fault.ts';
import { pluginSource } from './plugin-source.ts';
import { isLong } from './report.ts';

/** How long everything takes: the short form follows the machine, the long one an operator's defaults. */
const OFFSET_SECONDS = isLong ? 0.5 : 10;
/** As the configuration has it. */
export const offset = `${OFFSET_SECONDS * 1000}ms`;
export const SCRAPE_TIMEOUT_SECONDS = isLong ? 5 : 20;
export const SCRAPES = isLong ? 40 : 10;
/** In the long form everybody has the same timeout, as with an operator's defaults. */
const TIMEOUT = isLong ? '2s' : '8s';
const SHORT_TIMEOUT = isLong ? TIMEOUT : '250ms';
export const PAUSE_MS = isLong ? 500 : 60;

/** When the agent answers at the latest, by what it documents of `web.scrape_timeout_offset`. */
export const deadlineMs = (timeoutSeconds: number): number =>
  1000 * (timeoutSeconds - Math.min(OFFSET_SECONDS, timeoutSeconds / 2));

/** A bad resource, and the healthy ones of its plugin. */
export interface BadPlugin {
  readonly placement: Placement;
  /** The name of the plugin and of the bad resource. */
  readonly name: string;
  readonly siblings: readonly string[];
}

/** Twenty healthy resources: in the shared host, in a host aside, and of the bad plugin. */
export interface Cast {
  readonly bad: readonly BadPlugin[];
  readonly healthy: readonly string[];
}

const HEALTHY = 20;
const ASIDE = ['aside-1', 'aside-2', 'aside-3'];

export function castOf(placements: readonly Placement[]): Cast {
  const bad = placements.map((placement) => {
    const name = `bad-${placement}`;
    const siblings = placement === 'dedicated' ? [] : [1, 2, 3].map((n) => `${name}-sibling-${n}`);
    return { placement, name, siblings };
  });
  const siblings = bad.flatMap((plugin) => plugin.siblings);
  const rest = HEALTHY - ASIDE.length - siblings.length;
  const shared = Array.from({ length: rest }, (_, n) => `shared-${String(n + 1).padStart(2, '0')}`);
  return { bad, healthy: [...shared, ...ASIDE, ...siblings] };
}

/** Starts an agent with the cast; bad resources stand last, as whatever is added to a configuration. */
export async function startCast(cast: Cast, fault: Fault): Promise<RunningInformer> {
  const files = [
    ['healthy', pluginSource('healthy')],
    ['aside', pluginSource('aside')],
    ...cast.bad.map(({ name }) => [name, pluginSource(name, fault.bad)]),
  ].map(([name, source]) => [`plugins/${name}.mjs`, source]);
  return startInformer({
    config: configOf(cast, fault),
    files: Object.fromEntries(files) as Record<string, string>,
    web: `scrape_timeout_offset: ${offset}`,
    args: ['--log.format', 'json'],
    outputLimit: 4 * 1024 * 1024,
  });
}

/** `turn` changes nothing but the bad resources' collectors. */
export function configOf({ bad, healthy }: Cast, { settings, hangs }: Fault, turn = 0): string {
  const owner = (name: string) =>
    bad.find(({ siblings }) => siblings.includes(name))?.name ?? (ASIDE.includes(name) ? 'aside' : 'healthy');
  // Some are collected at an interval, which is not a multiple of the scraper's.
  const resources = healthy.map((name, at) => {
    const every = at % 4 === 3 ? ', every: 700ms' : '';
    return `  ${name}: {plugin: ${owner(name)}${every}}`;
  });
  const more = Object.entries({
    ...(hangs && { [hangs === 'open' ? 'open_timeout' : 'timeout']: SHORT_TIMEOUT }),
    ...settings,
  })
    .map(([key, value]) => `${key}: ${value}, `)
    .join('');
  return [
    'plugin_dirs: [plugins]',
    'shared_host: {memory: 64MiB}',
    `defaults: {timeout: ${TIMEOUT}}`,
    'plugins:',
    '  healthy: {host: shared}',
    '  aside: {host: own}',
    ...bad.map(({ name, placement }) => {
      const memory = placement === 'shared' ? '' : ', memory: 64MiB';
      return `  ${name}: {host: ${placement}${memory}}`;
    }),
    'resources:',
    ...resources,
    ...bad.map(({ name }) => `  ${name}: {plugin: ${name}, ${more}config: {bad: true, turn: ${turn}}}`),
    '',
  ].join('\n');
}
