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
import { OpenMetricsFamilies, SUFFIXES } from './openmetrics-families.ts';
import { readMeasure } from './openmetrics-measure.ts';
import { shown } from './report.ts';
import { BRACE_OPEN, HASH, QUOTE, Scanner, SPACE } from './scanner.ts';

// OpenMetrics 1.0.0 (prometheus.io/docs/specs/om/open_metrics_spec), with the quoted names that Prometheus adds to it.
// What a value may be and how the samples of a histogram hang together is for the linter to judge.

const TYPES: Readonly<Record<string, ParsedType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'untyped',
};

const BEFORE_NAME: LabelSyntax = { relaxed: false, looseEscapes: true, metricName: true };
const AFTER_NAME: LabelSyntax = { ...BEFORE_NAME, metricName: false };
const MAX_SHOWN = 100;

/**
 * Reads OpenMetrics 1.0.0. Timestamps are given in milliseconds, as everywhere. A line with a mistake costs that line.
 * Time is linear in the size of the input, whatever is in it.
 */
export function parseOpenMetrics(input: string | Uint8Array, options: ParseOptions = {}): ParseResult {
  const { report, readable } = limits(input, options);
  const families = new OpenMetricsFamilies();
  if (readable) new OpenMetricsReader(new Scanner(decode(input), report), families).read();
  return parseResult('openmetrics', families.all, report);
}

class OpenMetricsReader {
  readonly #scanner: Scanner;
  readonly #families: OpenMetricsFamilies;
  /** The family whose names are noted. */
  #claimed: OpenFamily | undefined;

  constructor(scanner: Scanner, families: OpenMetricsFamilies) {
    this.#scanner = scanner;
    this.#families = families;
  }

  read(): void {
    const scanner = this.#scanner;
    while (scanner.nextLine()) {
      if (this.#isEnd()) {
        this.#claim();
        if (scanner.nextLine()) {
          scanner.error(scanner.at, 'EXPOSITION_TRAILING', 'there is text behind # EOF', 'end with # EOF');
        }
        return;
      }
      if (scanner.peek() === HASH) this.#metadata();
      else if (scanner.at === scanner.end) {
        scanner.error(scanner.at, 'EXPOSITION_BLANK_LINE', 'the line is empty', 'remove it');
      } else this.#sample();
    }
    this.#claim();
    scanner.error(
      scanner.end,
      'EXPOSITION_NO_EOF',
      'the exposition does not end with # EOF',
      'end it with "# EOF"; without it, it counts as cut off',
    );
  }

  #isEnd(): boolean {
    const { at, end, text } = this.#scanner;
    return end - at === 5 && text.startsWith('# EOF', at);
  }

  #metadata(): void {
    const scanner = this.#scanner;
    const start = scanner.at;
    const keyword = ['TYPE', 'UNIT', 'HELP'].find((word) => scanner.text.startsWith(`# ${word} `, start));
    if (keyword === undefined) {
      const shownLine = shown(scanner.text.slice(start, Math.min(scanner.end, start + MAX_SHOWN)));
      const message = `${shownLine} is neither metadata nor # EOF`;
      scanner.error(
        start,
        'EXPOSITION_BAD_METADATA',
        message,
        'write "# TYPE", "# UNIT" or "# HELP", a name and a text, each behind one space; OpenMetrics has no comments',
      );
      return;
    }
    scanner.at = start + '# TYPE '.length;
    const at = scanner.at;
    const name = scanner.peek() === QUOTE ? scanner.quoted('the name', true) : scanner.bareName(true);
    if (name === undefined) return;
    if (name === '' || !scanner.take(SPACE)) {
      scanner.at = at;
      const message = `${shown(scanner.token())} after ${keyword} is not a metric name, or nothing follows it`;
      const fix = 'use letters, digits, "_" and ":", or put the name in quotes; then a space and the text';
      scanner.error(at, 'EXPOSITION_BAD_METADATA', message, fix);
      return;
    }
    const family = this.#described(name, at, keyword);
    if (!family) return;
    if (keyword === 'TYPE') this.#type(family);
    else if (keyword === 'UNIT') this.#unit(family);
    else this.#help(family);
  }

  /** The family that a metadata line is about, begun if it is a new one. */
  #described(name: string, at: number, keyword: string): OpenFamily | undefined {
    const scanner = this.#scanner;
    const { current } = this.#families;
    if (current?.name !== name) {
      this.#claim();
      const owner = this.#families.ownerOf(name);
      if (owner?.name !== name) return this.#families.begin(name, scanner.line);
      const message = `the lines of ${shown(name)} are not all in one place`;
      const fix = `put them together, from line ${owner.line} on`;
      return scanner.error(at, 'EXPOSITION_INTERLEAVED', message, fix);
    }
    if (current.samples.length === 0) return current;
    const message = `the ${keyword} line of ${shown(name)} comes after samples of it`;
    return scanner.error(at, 'EXPOSITION_BAD_METADATA', message, 'write it before the first sample');
  }

  #repeated(family: OpenFamily, keyword: string): void {
    const message = `there is a ${keyword} line for ${shown(family.name)} already`;
    this.#scanner.error(
      this.#scanner.at,
      'EXPOSITION_BAD_METADATA',
      message,
      'write it once for each metric',
    );
  }

  #type(family: OpenFamily): void {
    const scanner = this.#scanner;
    if (family.type !== undefined) {
      this.#repeated(family, 'TYPE');
      return;
    }
    const { at } = scanner;
    const written = scanner.rest();
    if (Object.hasOwn(TYPES, written)) family.type = TYPES[written];
    else {
      const fix = written === 'untyped' ? 'write unknown' : `the types are ${Object.keys(TYPES).join(', ')}`;
      scanner.error(at, 'EXPOSITION_BAD_TYPE', `${shown(written)} is not a type`, fix);
    }
  }

  #unit(family: OpenFamily): void {
    const scanner = this.#scanner;
    if (family.unit !== undefined) {
      this.#repeated(family, 'UNIT');
      return;
    }
    const { at } = scanner;
    const unit = scanner.rest();
    if (unit === '' || family.name.endsWith(`_${unit}`)) family.unit = unit;
    else {
      const message = `the name ${shown(family.name)} does not end in the unit ${shown(unit)}`;
      scanner.error(
        at,
        'EXPOSITION_BAD_UNIT',
        message,
        'let the name end in "_" and the unit, or remove the UNIT line',
      );
    }
  }

  #help(family: OpenFamily): void {
    if (family.help !== undefined) {
      this.#repeated(family, 'HELP');
      return;
    }
    const help = this.#scanner.help(true);
    if (help !== undefined) family.help = help;
  }

  /** Notes the current family's names when its metadata is complete, and reports the one that is taken. */
  #claim(): void {
    const { current } = this.#families;
    if (!current || current === this.#claimed) return;
    this.#claimed = current;
    const clash = this.#families.claim();
    if (!clash) return;
    const [name, owner] = clash;
    const message = `${shown(current.name)} and ${shown(owner.name)} of line ${owner.line} both take the name ${shown(name)}`;
    this.#scanner.error(this.#scanner.at, 'EXPOSITION_NAME_CLASH', message, 'rename one of them');
  }

  #sample(): void {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (scanner.take(BRACE_OPEN)) {
      const block = readLabels(scanner, BEFORE_NAME);
      if (!block) return;
      if (block.name === undefined || block.name === '') {
        const fix = 'write it before the braces, or in quotes as the first thing within them';
        scanner.error(start, 'EXPOSITION_BAD_NAME', "the sample has no metric's name", fix);
        return;
      }
      const family = this.#familyOf(block.name, start);
      if (family) this.#measured(family, block.name, block.labels, start);
      return;
    }
    const name = scanner.bareName(true);
    if (name === '') {
      const message = `${shown(scanner.token())} does not begin with a metric's name`;
      const fix = 'begin the line with a name: a letter, "_" or ":"; no blank before it';
      scanner.error(start, 'EXPOSITION_BAD_NAME', message, fix);
      return;
    }
    const family = this.#familyOf(name, start);
    if (!family) return;
    if (!scanner.take(BRACE_OPEN)) {
      this.#measured(family, name, [], start);
      return;
    }
    const block = readLabels(scanner, AFTER_NAME);
    if (block) this.#measured(family, name, block.labels, start);
    else family.incomplete = true;
  }

  /** The family that a sample belongs to; undefined, and reported, if it stands where none of its name may. */
  #familyOf(name: string, at: number): OpenFamily | undefined {
    const scanner = this.#scanner;
    this.#claim();
    const owner = this.#families.ownerOf(name);
    if (owner && owner === this.#families.current) {
      const suffixes = SUFFIXES[owner.type ?? 'untyped'];
      if (suffixes.includes(name.slice(owner.name.length))) return owner;
      const names = suffixes.map((suffix) => owner.name + suffix).join(', ');
      const message = `the ${owner.type} ${shown(owner.name)} has no sample of this name`;
      owner.incomplete = true;
      return scanner.error(at, 'EXPOSITION_BAD_NAME', message, `its samples are named ${names}`);
    }
    if (!owner) {
      const family = this.#families.begin(name, scanner.line);
      this.#claim();
      return family;
    }
    const message = `the lines of ${shown(owner.name)} are not all in one place`;
    const fix = `put them together, from line ${owner.line} on`;
    owner.incomplete = true;
    return scanner.error(at, 'EXPOSITION_INTERLEAVED', message, fix);
  }

  #measured(family: OpenFamily, name: string, labels: readonly ParsedLabel[], start: number): void {
    const measure = readMeasure(this.#scanner);
    if (!measure) {
      family.incomplete = true;
      return;
    }
    family.type ??= 'untyped';
    const { line } = this.#scanner;
    family.samples.push({ name, labels, ...measure, line, column: this.#scanner.columnOf(start) });
  }
}
