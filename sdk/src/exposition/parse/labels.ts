import type { ParsedLabel } from './family.ts';
import { shown } from './report.ts';
import { BRACE_CLOSE, COMMA, EQUALS, QUOTE, type Scanner } from './scanner.ts';

/** How a format writes what stands between braces. */
export interface LabelSyntax {
  /** Blanks may stand around names, values and commas, and a comma after the last label. */
  readonly relaxed: boolean;
  /** A backslash before any other character than `\`, `"` and `n` stands for itself. */
  readonly looseEscapes: boolean;
  /** A quoted metric name may stand first. */
  readonly metricName: boolean;
}

export interface LabelBlock {
  /** The metric's name, where it stands within the braces. */
  readonly name?: string;
  readonly labels: ParsedLabel[];
}

/** From so many labels on, a set tells sooner than a search whether a name is there twice. */
const MANY = 16;

/** Reads from behind the opening brace to behind the closing one. */
export function readLabels(scanner: Scanner, syntax: LabelSyntax): LabelBlock | undefined {
  const labels: ParsedLabel[] = [];
  const names = new Names();
  let metric: string | undefined;
  const blanks = () => {
    if (syntax.relaxed) scanner.skipBlanks();
  };
  blanks();
  if (scanner.take(BRACE_CLOSE)) return { labels };
  for (;;) {
    const at = scanner.at;
    const quoted = scanner.peek() === QUOTE;
    const name = quoted
      ? scanner.quoted('the name', syntax.looseEscapes)
      : scanner.bareName(syntax.metricName && labels.length === 0);
    if (name === undefined) return undefined;
    if (name === '' && !quoted) return badLabelName(scanner, at);
    blanks();
    if (scanner.take(EQUALS)) {
      if (!checkName(scanner, at, name, quoted, names)) return undefined;
      blanks();
      const value = readValue(scanner, name, syntax);
      if (value === undefined) return undefined;
      labels.push([name, value]);
    } else if (!isMetricName(scanner, syntax, quoted, at, metric !== undefined || labels.length > 0)) {
      return undefined;
    } else {
      metric = name;
    }
    blanks();
    if (scanner.take(BRACE_CLOSE)) break;
    if (!scanner.take(COMMA)) return noSeparator(scanner);
    blanks();
    if (syntax.relaxed && scanner.take(BRACE_CLOSE)) break;
  }
  return metric === undefined ? { labels } : { name: metric, labels };
}

class Names {
  readonly #list: string[] = [];
  #set: Set<string> | undefined;

  /** False if the name is there already. */
  add(name: string): boolean {
    if (this.#set ? this.#set.has(name) : this.#list.includes(name)) return false;
    if (this.#set) this.#set.add(name);
    else if (this.#list.push(name) > MANY) this.#set = new Set(this.#list);
    return true;
  }
}

function badLabelName(scanner: Scanner, at: number): undefined {
  if (at >= scanner.end) return unfinished(scanner);
  const character = String.fromCodePoint(scanner.text.codePointAt(at) ?? 0);
  const fix =
    character === ','
      ? 'remove the comma that is too many'
      : 'begin it with a letter or "_", or put the name in quotes';
  return scanner.error(at, 'EXPOSITION_BAD_LABEL', `${shown(character)} can not begin a label's name`, fix);
}

const unfinished = (scanner: Scanner): undefined =>
  scanner.error(
    scanner.end,
    'EXPOSITION_UNFINISHED',
    'the labels have no closing brace on their line',
    'close them with "}"',
  );

function checkName(scanner: Scanner, at: number, name: string, quoted: boolean, names: Names): boolean {
  let message = '';
  let fix = '';
  if (name === '') [message, fix] = ["a label's name is empty", 'give it a name'];
  else if (name === '__name__') {
    [message, fix] = ['the label "__name__" is reserved', "write the metric's name before the braces"];
  } else if (!quoted && name.includes(':')) {
    [message, fix] = [`the label name ${shown(name)} has a colon`, 'use "_", or put the name in quotes'];
  } else if (!names.add(name)) {
    [message, fix] = [`the label ${shown(name)} is there twice`, 'give each label once'];
  } else return true;
  scanner.error(at, 'EXPOSITION_BAD_LABEL', message, fix);
  return false;
}

function readValue(scanner: Scanner, name: string, { looseEscapes }: LabelSyntax): string | undefined {
  if (scanner.peek() === QUOTE) return scanner.quoted(`the value of ${shown(name)}`, looseEscapes);
  return scanner.error(
    scanner.at,
    'EXPOSITION_BAD_LABEL',
    `the value of the label ${shown(name)} is not in double quotes`,
    `write ${shown(name).slice(1, -1)}="…"`,
  );
}

/** Reports a name without a value that can't be the metric's. */
function isMetricName(
  scanner: Scanner,
  { metricName }: LabelSyntax,
  quoted: boolean,
  at: number,
  notFirst: boolean,
): boolean {
  const name = shown(scanner.text.slice(at, scanner.at).trimEnd());
  if (metricName && quoted && !notFirst) return true;
  if (scanner.at >= scanner.end) unfinished(scanner);
  else if (!quoted || !metricName) {
    const fix =
      metricName && !notFirst
        ? 'write ="…" after it, or quote it if it is the metric\'s name'
        : 'write ="…" after it';
    scanner.error(scanner.at, 'EXPOSITION_BAD_LABEL', `the label ${name} has no value`, fix);
  } else {
    const message = `the metric's name ${name} is not the first thing within the braces, or there are two`;
    scanner.error(at, 'EXPOSITION_BAD_NAME', message, 'write one name, before the labels');
  }
  return false;
}

function noSeparator(scanner: Scanner): undefined {
  if (scanner.at >= scanner.end) return unfinished(scanner);
  const character = String.fromCodePoint(scanner.text.codePointAt(scanner.at) ?? 0);
  return scanner.error(
    scanner.at,
    'EXPOSITION_BAD_LABEL',
    `${shown(character)} stands where "," or "}" should`,
    'separate labels with commas; within a value, write a quote as \\"',
  );
}
