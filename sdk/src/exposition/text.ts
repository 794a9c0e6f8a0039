import type { GatheredFamily, GatheredSeries } from '../gather/family.ts';
import { TEXT_TYPES } from '../metric/descriptor.ts';
import { formatValue } from './number.ts';

// The text format 0.0.4: prometheus.io/docs/instrumenting/exposition_formats.

const LABEL_ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replace(/[\\"\n]/g, (character) => LABEL_ESCAPES[character] as string)
    : value;
}

export function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => LABEL_ESCAPES[character] as string);
}

/** `a="1",b="2"`, without braces, in the order given. */
export function labelBlock(labels: readonly (readonly [string, string])[]): string {
  let block = '';
  for (const [name, value] of labels) {
    block += `${block === '' ? '' : ','}${name}="${escapeLabelValue(value)}"`;
  }
  return block;
}

/** The `# HELP` and `# TYPE` lines of a family. */
export function textHeader({ name, help, type }: Pick<GatheredFamily, 'name' | 'help' | 'type'>): string {
  const helpLine = help === '' ? '' : `# HELP ${name} ${escapeHelp(help)}\n`;
  return `${helpLine}# TYPE ${name} ${TEXT_TYPES[type]}\n`;
}

/** The sample lines of a family, without its header: fragments of one family can be put one after the other. */
export function textBody({ name, series }: GatheredFamily): string {
  let body = '';
  for (const each of series) body += seriesLines(name, each);
  return body;
}

function seriesLines(name: string, { block, value }: GatheredSeries): string {
  if (typeof value === 'number') return line(name, block, value);
  let lines = '';
  for (const [bound, count] of value.buckets) {
    lines += line(`${name}_bucket`, `${block}${block === '' ? '' : ','}le="${formatValue(bound)}"`, count);
  }
  if (value.sum !== undefined) lines += line(`${name}_sum`, block, value.sum);
  if (value.count !== undefined) lines += line(`${name}_count`, block, value.count);
  return lines;
}

function line(name: string, block: string, value: number): string {
  return block === '' ? `${name} ${formatValue(value)}\n` : `${name}{${block}} ${formatValue(value)}\n`;
}

/** A whole exposition: families by name, each with its header. */
export function encodeText(families: readonly GatheredFamily[]): string {
  const sorted = [...families].sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.map((family) => textHeader(family) + textBody(family)).join('');
}
