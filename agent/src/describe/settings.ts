import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { resourceSettings } from '../api/resources.ts';
import type { Shown } from '../api/shown.ts';
import { childOf, placeOf } from '../config/place.ts';
import type { ResourceConfig } from '../config/types.ts';
import { maskConfig } from './mask-config.ts';

/** What a resource is configured to do, with its defaults filled in and its secrets masked. */
export type ResourceSettings = Shown<typeof resourceSettings>;

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
