import { type ConfigurationRow, type ConfigurationSection, configurationSections } from './configuration.ts';
import { type DescribedMetric, metricRows } from './metrics.ts';
import { NEED_KINDS, type Needs } from './needs.ts';
import { plain } from './type-words.ts';

/** A default that is longer stands below the table. */
const LONGEST_DEFAULT = 60;

/** The configuration's tables in Markdown, one for each kind of configuration. */
export function configurationMarkdown(schema: unknown): string {
  return configurationSections(schema).map(sectionMarkdown).join('\n\n');
}

function sectionMarkdown({ when, rows }: ConfigurationSection): string {
  if (rows.length === 0) return 'There is nothing to configure.';
  const isLong = (row: ConfigurationRow) => row.default.length > LONGEST_DEFAULT;
  const lines = rows.map((row) => [
    `\`${row.key}\``,
    row.type,
    isLong(row) ? 'see below' : row.default,
    row.description,
  ]);
  return [
    ...(when === undefined ? [] : [`With \`${when}\`:`]),
    tableMarkdown(['key', 'type', 'default', 'description'], lines),
    ...rows
      .filter(isLong)
      .map((row) => `\`${row.key}\` is by default:\n\n\`\`\`yaml\n${inLines(row)}\n\`\`\``),
  ].join('\n\n');
}

/** A long default as YAML, a list with an item a line. */
function inLines({ value }: ConfigurationRow): string {
  return Array.isArray(value) ? value.map((item) => `- ${plain(item)}`).join('\n') : plain(value);
}

/** The metrics' table in Markdown; it has a column for units when some metric has one. */
export function metricsMarkdown(descriptors: Iterable<DescribedMetric>): string {
  const rows = metricRows(descriptors);
  if (rows.length === 0) return 'No metric is known without a configuration.';
  const hasUnits = rows.some(({ unit }) => unit !== '');
  const lines = rows.map(({ name, type, unit, labels, help }) => [
    `\`${name}\``,
    type,
    ...(hasUnits ? [unit] : []),
    labelsMarkdown(labels),
    help,
  ]);
  return tableMarkdown(['metric', 'type', ...(hasUnits ? ['unit'] : []), 'labels', 'description'], lines);
}

function labelsMarkdown(sets: readonly (readonly string[])[]): string {
  const listed = sets.map((labels) => labels.map((label) => `\`${label}\``).join(', '));
  if (listed.length === 1) return listed[0] ?? '';
  return listed.map((labels) => labels || 'none').join('; or ');
}

/** What a plugin says that it needs, in Markdown; `undefined` if it does not say. */
export function needsMarkdown(needs: Needs | undefined): string {
  if (needs === undefined) return 'The plugin does not say what it needs.';
  const rows = NEED_KINDS.flatMap((kind) => needs[kind].map((need) => [kind, needInCell(need)]));
  if (rows.length === 0) return 'The plugin says that it needs no host, no path and no program.';
  return `${tableMarkdown(['needs', 'which'], rows)}\n\n${NOT_ENFORCED}`;
}

const NOT_ENFORCED =
  'Declared, not enforced: `${config.KEY}` is what the configuration says there, and the plugin can do whatever its user can.';

/** One word is code, be it a path, a program, an address or a key; among words only the keys are. */
function needInCell(need: string): string {
  if (/^[^\s`]+$/.test(need)) return `\`${need}\``;
  const parts = need.split(/(`[^`]+`)/);
  return parts
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/\$\{[^{}]*\}/g, '`$&`')))
    .join('');
}

/** A table as formatters of Markdown lay it out, so that they leave it as it is. */
function tableMarkdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(escapeCell))];
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => lengthOf(row[column] ?? ''))));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell))).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...cells.slice(1).map(line)].join('\n');
}

const lengthOf = (text: string): number => [...text].length;

/** Text that means itself in a table's cell; what stands in backticks stays code. */
function escapeCell(text: string): string {
  const parts = text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .split(/(`[^`]+`)/);
  return parts.map((part, index) => (index % 2 === 1 ? codeInCell(part) : escapeText(part))).join('');
}

const escapeText = (text: string): string => text.replace(/[*<|\\]/g, '\\$&');

/** A bar ends a cell even in code. Behind a backslash it can't be escaped by one, as code knows no escapes. */
function codeInCell(code: string): string {
  if (!/\\\||\\`$/.test(code)) return code.replaceAll('|', '\\|');
  const inner = code.slice(1, -1).replace(/[^\w ]/g, (character) => `&#${character.codePointAt(0)};`);
  return `<code>${inner}</code>`;
}
