import type { ResourceSettings } from '../api/types.ts';
import { intervalWords } from '../text.ts';
import { toYaml } from './yaml.ts';

/** Settings as the configuration file would have them, with where they stand; defaults are marked. */
export function settingsWords(plugin: string, settings: ResourceSettings): string {
  const { place, every, timeoutMs, openTimeoutMs, maxStaleMs, maxSeries, maxBytes } = settings;
  const { labels, relabel, fromDefaults, config } = settings;
  const entries: readonly (readonly [key: string, field: string, value: unknown])[] = [
    ['every', 'every', every === 'scrape' ? every : intervalWords(every)],
    ['timeout', 'timeoutMs', intervalWords(timeoutMs)],
    ['open_timeout', 'openTimeoutMs', intervalWords(openTimeoutMs)],
    ['max_stale', 'maxStaleMs', intervalWords(maxStaleMs)],
    ['max_series', 'maxSeries', maxSeries],
    ['max_bytes', 'maxBytes', maxBytes],
    ['labels', 'labels', labels],
    ['relabel', 'relabel', relabel],
  ];
  let text = `# ${place.file}:${place.line}:${place.column}\nplugin: ${plugin}\n`;
  for (const [key, field, value] of entries) {
    const line = toYaml({ [key]: value });
    text += fromDefaults.includes(field) ? `${line.trimEnd().padEnd(24)} # default\n` : line;
  }
  return config === null ? text : text + toYaml({ config });
}
