import { formatValue } from '../exposition/number.ts';

/** A family as an exposition has it, its lines in an order of their own. */
export interface TextFamily {
  readonly name: string;
  help?: string;
  type?: string;
  readonly lines: TextLine[];
}

interface TextLine {
  readonly name: string;
  /** Sorted by name, as they are written: quoted and escaped. */
  readonly labels: readonly (readonly [name: string, quoted: string])[];
  /** The value, and a timestamp after it. */
  readonly rest: string;
}

const SUFFIXES = ['_bucket', '_sum', '_count', '_created', '_total', '_info'];

/**
 * Reads an exposition as far as two can be compared: what is no sample, HELP or TYPE is left out, and a line that is
 * none of the format stands for itself, so that it shows as a difference.
 */
export function familiesOf(text: string): Map<string, TextFamily> {
  const families = new Map<string, TextFamily>();
  const familyOf = (name: string): TextFamily => {
    const family = families.get(name) ?? { name, lines: [] };
    families.set(name, family);
    return family;
  };
  for (const line of text.split('\n').map((each) => each.trim())) {
    const [, keyword, name = '', told = ''] = /^#\s+(HELP|TYPE)\s+(\S+)\s*(.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') familyOf(name).help = told;
    else if (keyword === 'TYPE') familyOf(name).type = told;
    else if (line !== '' && !line.startsWith('#')) {
      const read = readLine(line);
      familyOf(ownerOf(read.name, families)).lines.push(read);
    }
  }
  return families;
}

/** The families as text, in an order and a spelling that depend on nothing but what they say. */
export function canonicalText(families: Iterable<TextFamily>): string {
  const sorted = [...families].sort((a, b) => compare(a.name, b.name));
  return sorted
    .flatMap(({ name, help, type, lines }) => [
      ...(help === undefined ? [] : [`# HELP ${name} ${help}`]),
      ...(type === undefined ? [] : [`# TYPE ${name} ${type}`]),
      ...[...lines].sort(inOrder).map(lineText),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function ownerOf(name: string, families: ReadonlyMap<string, TextFamily>): string {
  if (families.has(name)) return name;
  const suffix = SUFFIXES.find((each) => name.endsWith(each) && families.has(name.slice(0, -each.length)));
  return suffix === undefined ? name : name.slice(0, -suffix.length);
}

const LINE = /^([^\s{]+)\s*(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s*(.*)$/;
const LABEL = /([^\s,={}"]+)\s*=\s*("(?:[^"\\]|\\.)*")/g;

function readLine(line: string): TextLine {
  const [, name = line, block = '', rest = ''] = LINE.exec(line) ?? [];
  const labels = [...block.matchAll(LABEL)].map(([, label = '', quoted = '']) => [label, quoted] as const);
  labels.sort(([a], [b]) => compare(a, b));
  return { name, labels, rest: rest.split(/\s+/).map(numberText).join(' ') };
}

/** A number as this SDK writes it: `1.0` and `1e0` are the same value. */
function numberText(text: string): string {
  const spelled = text.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity');
  const number = Number(spelled);
  return text === '' || (Number.isNaN(number) && !/^nan$/i.test(text)) ? text : formatValue(number);
}

function lineText({ name, labels, rest }: TextLine): string {
  const block = labels.map(([label, quoted]) => `${label}=${quoted}`).join(',');
  return `${name}${block === '' ? '' : `{${block}}`} ${rest}`;
}

/** By labels, buckets by their bounds, and the parts of a histogram as they are usually written. */
function inOrder(a: TextLine, b: TextLine): number {
  const without = ({ labels }: TextLine) => JSON.stringify(labels.filter(([label]) => label !== 'le'));
  return compare(without(a), without(b)) || partOf(a) - partOf(b) || boundOf(a) - boundOf(b) || 0;
}

const partOf = ({ name }: TextLine): number =>
  SUFFIXES.findIndex((suffix) => suffix !== '_total' && name.endsWith(suffix));

function boundOf({ labels }: TextLine): number {
  const bound = labels.find(([label]) => label === 'le')?.[1].slice(1, -1) ?? '0';
  return bound === '+Inf' ? Number.MAX_VALUE : Number(bound);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
