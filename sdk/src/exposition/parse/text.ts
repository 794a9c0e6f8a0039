import { decode } from './decode.ts';
import {
  type OpenFamily,
  type ParsedLabel,
  type ParsedType,
  type ParseOptions,
  type ParseResult,
  parseResult,
} from './family.ts';
import { type LabelSyntax, readLabels } from './labels.ts';
import { limits } from './limits.ts';
import { notANumber, numberFix, readFloat } from './number.ts';
import { shown } from './report.ts';
import { BRACE_OPEN, END, HASH, QUOTE, Scanner } from './scanner.ts';
import { TextFamilies } from './text-families.ts';

// prometheus.io/docs/instrumenting/exposition_formats, read as client_golang's expfmt reads it, which is
// what `promtool check metrics` goes by.

const TYPES: Readonly<Record<string, ParsedType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  gauge_histogram: 'gaugehistogram',
  summary: 'summary',
  untyped: 'untyped',
};

const BEFORE_NAME: LabelSyntax = { relaxed: true, looseEscapes: false, metricName: true };
const AFTER_NAME: LabelSyntax = { ...BEFORE_NAME, metricName: false };
const MAX_TIMESTAMP = 2 ** 63;
const MAX_DIGITS = 1_000;
const MAX_REST = 100;
const NO_TIMESTAMP = Symbol('no timestamp');

/**
 * Reads Prometheus' text format, 0.0.4 and 1.0.0: names in quotes are read wherever 1.0.0 allows them. A line with a
 * mistake costs that line. Time is linear in the size of the input, whatever is in it.
 */
export function parseText(input: string | Uint8Array, options: ParseOptions = {}): ParseResult {
  const { report, readable } = limits(input, options);
  const families = new TextFamilies();
  if (readable) new TextReader(new Scanner(decode(input), report), families).read();
  return parseResult('text', families.all, report);
}

class TextReader {
  readonly #scanner: Scanner;
  readonly #families: TextFamilies;
  #lastName = '';
  #lastFamily: OpenFamily | undefined;

  constructor(scanner: Scanner, families: TextFamilies) {
    this.#scanner = scanner;
    this.#families = families;
  }

  read(): void {
    const scanner = this.#scanner;
    while (scanner.nextLine()) {
      scanner.skipBlanks();
      const first = scanner.peek();
      if (first === END) continue;
      if (first === HASH) this.#comment();
      else this.#sample(first);
      if (!scanner.terminated) {
        scanner.error(
          scanner.end,
          'EXPOSITION_LINE_BREAK',
          'the last line does not end in a line break',
          'end it with a line feed',
        );
      }
    }
  }

  #comment(): void {
    const scanner = this.#scanner;
    scanner.at++;
    scanner.skipBlanks();
    const keyword = scanner.tokenEnd() - scanner.at === 4 ? scanner.token() : '';
    if (keyword !== 'HELP' && keyword !== 'TYPE') return;
    scanner.skipBlanks();
    if (scanner.peek() === END) return;
    const name = this.#describedName(keyword);
    if (name === undefined) return;
    scanner.skipBlanks();
    const owner = this.#families.of(name, scanner.line);
    if (scanner.peek() === END) return;
    if (owner.name !== name) {
      const message = `${shown(name)} is a part of the ${owner.type} ${shown(owner.name)}`;
      scanner.error(scanner.at, 'EXPOSITION_NAME_CLASH', message, 'rename one of them');
    } else if (keyword === 'HELP') this.#help(owner);
    else this.#type(owner);
  }

  #describedName(keyword: string): string | undefined {
    const scanner = this.#scanner;
    const at = scanner.at;
    const name = scanner.peek() === QUOTE ? scanner.quoted('the name', false) : scanner.bareName(true);
    if (name === undefined) return undefined;
    if (name !== '' && scanner.at === scanner.tokenEnd()) return name;
    scanner.at = at;
    return scanner.error(
      at,
      'EXPOSITION_BAD_NAME',
      `${shown(scanner.token())} after ${keyword} is not a metric name`,
      'use letters, digits, "_" and ":", or put the name in quotes',
    );
  }

  #help(family: OpenFamily): void {
    const scanner = this.#scanner;
    const at = scanner.at;
    if (family.help !== undefined) {
      const message = `there is a HELP line for ${shown(family.name)} already`;
      scanner.error(at, 'EXPOSITION_BAD_METADATA', message, 'write it once for each metric');
      return;
    }
    const help = scanner.help(false);
    if (help !== undefined) family.help = help;
  }

  #type(family: OpenFamily): void {
    const scanner = this.#scanner;
    const at = scanner.at;
    const name = shown(family.name);
    if (family.type !== undefined) {
      const [message, fix] =
        family.samples.length > 0
          ? [`the TYPE line of ${name} comes after samples of it`, 'write it before the first sample']
          : [`there is a TYPE line for ${name} already`, 'write it once for each metric'];
      scanner.error(at, 'EXPOSITION_BAD_METADATA', message, fix);
      return;
    }
    const written = scanner.rest();
    // Prometheus takes types in any case.
    const word = written.length > 20 ? '' : written.toLowerCase();
    if (Object.hasOwn(TYPES, word)) family.type = TYPES[word];
    else {
      const known = 'counter, gauge, histogram, summary and untyped';
      const fix = Object.hasOwn(TYPES, word.trim())
        ? 'remove the blanks behind it'
        : `the types are ${known}`;
      scanner.error(at, 'EXPOSITION_BAD_TYPE', `${shown(written)} is not a type`, fix);
    }
  }

  #sample(first: number): void {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (first === BRACE_OPEN) {
      scanner.at++;
      const block = readLabels(scanner, BEFORE_NAME);
      if (!block) return;
      if (block.name === undefined || block.name === '') {
        const fix = 'write it before the braces, or in quotes as the first thing within them';
        scanner.error(start, 'EXPOSITION_BAD_NAME', "the sample has no metric's name", fix);
        return;
      }
      this.#measured(this.#families.of(block.name, scanner.line), block.name, block.labels, start, -1);
      return;
    }
    const end = scanner.nameEnd(true);
    if (end === start) {
      this.#badName(start);
      return;
    }
    let family = this.#lastFamily;
    let name = this.#lastName;
    if (!family || end - start !== name.length || !scanner.text.startsWith(name, start)) {
      name = scanner.text.slice(start, end);
      family = this.#families.of(name, scanner.line);
    }
    scanner.at = end;
    scanner.skipBlanks();
    if (scanner.peek() !== BRACE_OPEN) {
      this.#measured(family, name, [], start, end);
      return;
    }
    scanner.at++;
    const block = readLabels(scanner, AFTER_NAME);
    if (block) this.#measured(family, name, block.labels, start, -1);
    else family.incomplete = true;
  }

  #badName(start: number): void {
    const scanner = this.#scanner;
    const token = scanner.token();
    const quoted = token.startsWith('"');
    const fix = quoted
      ? 'put it within the braces: {"the.name",label="value"} 1'
      : 'begin it with a letter, "_" or ":"';
    const message = quoted
      ? `the quoted name ${shown(token.slice(1).split('"', 1)[0] ?? '')} stands before the braces`
      : `${shown(token)} does not begin with a metric's name`;
    scanner.error(start, 'EXPOSITION_BAD_NAME', message, fix);
  }

  /** The value, the timestamp and the end of a sample line. `nameEnd` is where a name without labels ends. */
  #measured(
    family: OpenFamily,
    name: string,
    labels: readonly ParsedLabel[],
    start: number,
    nameEnd: number,
  ): void {
    const scanner = this.#scanner;
    const { line } = scanner;
    this.#lastName = name;
    this.#lastFamily = family;
    scanner.skipBlanks();
    const value = this.#value(nameEnd);
    const timestamp = value === undefined ? undefined : this.#timestamp();
    if (value === undefined || timestamp === undefined || !this.#fits(family, name, labels, value, start)) {
      family.incomplete = true;
      return;
    }
    const column = scanner.columnOf(start);
    family.type ??= 'untyped';
    family.samples.push(
      timestamp === NO_TIMESTAMP
        ? { name, labels, value, line, column }
        : { name, labels, value, timestamp, line, column },
    );
  }

  #value(nameEnd: number): number | undefined {
    const scanner = this.#scanner;
    const at = scanner.at;
    const end = scanner.tokenEnd();
    scanner.at = end;
    const value = readFloat(scanner.text, at, end);
    if (value !== undefined) return value;
    const token = scanner.text.slice(at, end);
    if (at === nameEnd && token !== '' && !token.startsWith('#')) {
      const character = shown(String.fromCodePoint(scanner.text.codePointAt(at) ?? 0));
      const fix =
        'use "_" instead, or write the name in quotes within the braces: {"the.name",label="value"} 1';
      return scanner.error(
        at,
        'EXPOSITION_BAD_NAME',
        `${character} can not stand in a name without quotes`,
        fix,
      );
    }
    return scanner.error(at, 'EXPOSITION_BAD_VALUE', notANumber('the value', token), numberFix(token));
  }

  /** Milliseconds; `NO_TIMESTAMP` if there is none, undefined if there is something else. */
  #timestamp(): number | typeof NO_TIMESTAMP | undefined {
    const scanner = this.#scanner;
    if (scanner.at === scanner.end) return NO_TIMESTAMP;
    scanner.skipBlanks();
    const at = scanner.at;
    const token = scanner.token();
    if (token === '') {
      this.#blanksAtTheEnd();
      return NO_TIMESTAMP;
    }
    const timestamp = isInteger(token) ? Number(token) : Number.NaN;
    if (!(Math.abs(timestamp) < MAX_TIMESTAMP)) {
      const fix = token.startsWith('#')
        ? 'exemplars and comments behind a sample are not part of the text format: leave them out, or expose OpenMetrics'
        : 'write milliseconds since the epoch as a whole number, or leave it out';
      return scanner.error(
        at,
        'EXPOSITION_BAD_TIMESTAMP',
        `the timestamp ${shown(token)} is not a whole number`,
        fix,
      );
    }
    if (scanner.at < scanner.end) {
      scanner.skipBlanks();
      if (scanner.at === scanner.end) this.#blanksAtTheEnd();
      else {
        const message = `${shown(scanner.text.slice(scanner.at, Math.min(scanner.end, scanner.at + MAX_REST)))} stands behind the timestamp`;
        return scanner.error(scanner.at, 'EXPOSITION_TRAILING', message, 'remove it');
      }
    }
    return timestamp;
  }

  /** What the line says is plain all the same, so its sample is kept. */
  #blanksAtTheEnd(): void {
    const { end } = this.#scanner;
    this.#scanner.error(end, 'EXPOSITION_TRAILING', 'there are blanks at the end of the line', 'remove them');
  }

  /** The bounds of histograms and summaries are numbers, and nothing was observed less than no time. */
  #fits(
    { type, name: whole }: OpenFamily,
    name: string,
    labels: readonly ParsedLabel[],
    value: number,
    start: number,
  ): boolean {
    const bound =
      type === 'summary' ? 'quantile' : type === 'histogram' || type === 'gaugehistogram' ? 'le' : '';
    if (bound === '') return true;
    const written = labels.find(([label]) => label === bound)?.[1];
    if (written !== undefined && readFloat(written, 0, written.length) === undefined) {
      const message = notANumber(`the label "${bound}"`, written);
      this.#scanner.error(start, 'EXPOSITION_BAD_LABEL', message, numberFix(written));
      return false;
    }
    const part = name.slice(whole.length);
    if (bound !== 'le' || !(part === '_bucket' || part === '_count') || !(value < 0)) return true;
    const message = `${shown(name)} counts ${value} observations`;
    this.#scanner.error(start, 'EXPOSITION_BAD_VALUE', message, 'count from 0 upwards');
    return false;
  }
}

function isInteger(token: string): boolean {
  const digits = token.startsWith('-') || token.startsWith('+') ? token.slice(1) : token;
  return digits.length > 0 && digits.length < MAX_DIGITS && !/\D/.test(digits);
}
