import {
  type ConfigurationSection,
  configurationSections,
  metricRows,
  NEED_KINDS,
  type Needs,
} from '@dynamic-informer/sdk/docs';
import type { CatalogEntry } from '../catalog.ts';
import type { PluginInfo } from '../contract.ts';

/** A default that is longer gets a line of its own. */
const LONGEST_DEFAULT = 40;
/** A cell that is longer pushes only its own row to the right. */
const WIDEST_COLUMN = 64;

/** A plugin for a person to read; its tables say what those of its README say. */
export function pluginText(entry: CatalogEntry, plugin: PluginInfo, sample: string | undefined): string {
  const metrics = metricRows(plugin.metrics).map(({ name, type, unit, labels, help }) => [
    `${name}${labelsText(labels)}`,
    unit === '' ? bare(type) : `${bare(type)}, ${unit}`,
    help,
  ]);
  const lines = [
    `${entry.name} ${entry.version}`.trim(),
    entry.description || plugin.description,
    '',
    `host: ${entry.host}`,
    `code: ${entry.origin}`,
    '',
    ...needsLines(entry.needs),
    ...configurationSections(plugin.schema).flatMap(sectionLines),
    '',
    'Metrics that are known without a configuration:',
    ...(metrics.length > 0 ? columns(metrics) : ['  none']),
  ];
  if (sample) lines.push('', 'Sample:', sample.trimEnd());
  return `${lines.join('\n')}\n`;
}

function needsLines(needs: Needs | undefined): string[] {
  if (needs === undefined) return ['Needs: not declared'];
  const rows = NEED_KINDS.flatMap((kind) => {
    const [first = 'none', ...more] = needs[kind].map(bare);
    return [[kind, first], ...more.map((need) => ['', need])];
  });
  return ['Needs (declared, not enforced):', ...columns(rows)];
}

function sectionLines({ when, rows }: ConfigurationSection): string[] {
  const isLong = (text: string) => text.length > LONGEST_DEFAULT;
  const shown = columns(
    rows.map((row) => [
      row.key,
      bare(row.type),
      isLong(row.default) ? '' : bare(row.default),
      row.description,
    ]),
  );
  const lines = shown.flatMap((line, index) => {
    const text = rows[index]?.default ?? '';
    return isLong(text) ? [line, `      default: ${bare(text)}`] : [line];
  });
  const title = when === undefined ? 'Configuration:' : `Configuration with ${when}:`;
  return ['', title, ...(lines.length > 0 ? lines : ['  none'])];
}

/** The marks that make code of a word in Markdown are noise in a terminal. */
const bare = (markdown: string): string => markdown.replaceAll('`', '');

function labelsText(sets: readonly (readonly string[])[]): string {
  const [only] = sets;
  if (sets.length === 1 && only?.length === 0) return '';
  return sets.map((labels) => `{${labels.join(',')}}`).join(' or ');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const count = rows[0]?.length ?? 0;
  const widths = Array.from({ length: count - 1 }, (_, column) => {
    const lengths = rows.map((row) => row[column]?.length ?? 0);
    return Math.max(0, ...lengths.filter((length) => length <= WIDEST_COLUMN));
  });
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd());
}
