import { isLegacyLabelName, isLegacyMetricName } from './names.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

/** A label's value as the text formats write it between quotes. */
export function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replace(/[\\"\n]/g, (character) => ESCAPES[character] as string)
    : value;
}

/** A help text as the text format 0.0.4 writes it. */
export function escapeHelp(help: string): string {
  return help.replace(/[\\\n]/g, (character) => ESCAPES[character] as string);
}

const quoted = (text: string): string => `"${escapeLabelValue(text)}"`;

/** A metric's name as it stands in a header: in quotes unless it is of the old form. */
export const headerName = (name: string): string => (isLegacyMetricName(name) ? name : quoted(name));

/** A label's name as it stands in a line: in quotes unless it is of the old form. */
export const labelText = (name: string): string => (isLegacyLabelName(name) ? name : quoted(name));

/** `a="1",b="2"`, without braces, in the order given. */
export function labelBlock(names: readonly string[], values: readonly string[]): string {
  let block = '';
  for (let i = 0; i < names.length; i++) {
    block += `${i === 0 ? '' : ','}${labelText(names[i] as string)}="${escapeLabelValue(values[i] as string)}"`;
  }
  return block;
}

/** What stands before the labels of a line that has some: `name{`, or `{"a name",`. */
export const seriesHead = (name: string): string =>
  isLegacyMetricName(name) ? `${name}{` : `{${quoted(name)},`;

/** What stands before a line's value and its space: `name{block}`, or `{"a name",block}`. */
export function seriesName(name: string, block: string): string {
  if (isLegacyMetricName(name)) return block === '' ? name : `${name}{${block}}`;
  return `{${quoted(name)}${block === '' ? '' : ','}${block}}`;
}
