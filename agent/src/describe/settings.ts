import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { RelabelConfig } from '@dynamic-informer/sdk/host';
import { childOf, placeOf } from '../config/place.ts';
import type { Place, ResourceConfig } from '../config/types.ts';
import { maskConfig } from './mask-config.ts';

/** What a resource is configured to do, with its defaults filled in and its secrets masked. */
export interface ResourceSettings {
  /** Where it is written. */
  readonly place: Place;
  readonly every: 'scrape' | number;
  readonly timeoutMs: number;
  readonly openTimeoutMs: number;
  readonly maxStaleMs: number;
  readonly maxSeries: number;
  readonly maxBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly relabel: readonly RelabelConfig[];
  /** Which of these it does not say itself. */
  readonly fromDefaults: readonly string[];
  /** The plugin's own; `null` if its schema is not known, without which nobody can tell what is secret. */
  readonly config: unknown;
  /** Why `config` is `null`. */
  readonly problem?: ErrorInfo;
}

/** As they are called in a configuration file. */
const KEYS = {
  every: 'every',
  timeoutMs: 'timeout',
  openTimeoutMs: 'open_timeout',
  maxStaleMs: 'max_stale',
  maxSeries: 'max_series',
  maxBytes: 'max_bytes',
  labels: 'labels',
  relabel: 'relabel',
} as const;

/** `plugin` is what the plugin says of its configuration, or why it does not. */
export function settingsOf(
  resource: ResourceConfig,
  plugin: { readonly schema: unknown } | { readonly problem: ErrorInfo },
  redact: (text: string) => string,
): ResourceSettings {
  const { every, timeoutMs, openTimeoutMs, maxStaleMs, maxSeries, maxBytes, labels, relabel } = resource;
  const fromDefaults = Object.entries(KEYS)
    .filter(([, key]) => childOf(resource.marks, key) === undefined)
    .map(([name]) => name);
  // Rules and labels have no schema that marks secrets; values that are known elsewhere are masked.
  const masked = <T>(value: T) => maskConfig({}, value, redact) as T;
  return {
    place: placeOf(resource, [], 'key'),
    every,
    timeoutMs,
    openTimeoutMs,
    maxStaleMs,
    maxSeries,
    maxBytes,
    labels: masked(labels),
    relabel: masked(relabel),
    fromDefaults,
    ...('problem' in plugin
      ? { config: null, ...plugin }
      : { config: maskConfig(plugin.schema, resource.config, redact, resource.hidden) }),
  };
}
