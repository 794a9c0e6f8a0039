import type { ConditionConfig } from '../config.ts';
import type { Captures } from './extractor.ts';
import { numberReader } from './quantity.ts';
import { type Read, type Reference, reading } from './reference.ts';
import { below, linearRegexOf, type Report } from './report.ts';

/** Whether a line is one that a pattern or a metric is for. */
export type Condition = (captures: Captures, fields: Captures) => boolean;

type Test = (text: string | undefined) => boolean;
type Scalar = string | number | boolean;

const readNumber = numberReader(undefined);

/** Compiles what `when` says, of which all must hold; undefined if it says nothing. */
export function compileCondition(
  when: Readonly<Record<string, ConditionConfig>> | undefined,
  find: (name: string, report: Report) => Reference | undefined,
  report: Report,
): Condition | undefined {
  const parts: { read: Read; test: Test }[] = [];
  for (const [name, condition] of Object.entries(when ?? {})) {
    const reference = find(name, below(report, name));
    const test = testOf(condition, below(report, name));
    if (reference !== undefined) parts.push({ read: reading(reference), test });
  }
  const [only, ...others] = parts;
  if (only === undefined) return undefined;
  if (others.length === 0) return (captures, fields) => only.test(only.read(captures, fields));
  return (captures, fields) => parts.every(({ read, test }) => test(read(captures, fields)));
}

function testOf(condition: ConditionConfig, report: Report): Test {
  if (typeof condition !== 'object') return isOneOf([condition]);
  if (Array.isArray(condition)) return isOneOf(condition);
  const tests = [...testsOf(condition, report)];
  if (Object.keys(condition).length === 0) {
    report([], 'an empty condition', 'say what the text must be: matches, min, max, not or present');
  }
  const [only = () => true, ...others] = tests;
  return others.length === 0 ? only : (text) => tests.every((test) => test(text));
}

type ConditionMapping = Exclude<ConditionConfig, Scalar | readonly Scalar[]>;

function* testsOf(condition: ConditionMapping, report: Report): Iterable<Test> {
  const { matches, min, max, not, present } = condition;
  if (matches !== undefined) {
    const regex = linearRegexOf(matches, below(report, 'matches'));
    if (regex) yield (text) => text !== undefined && regex.test(text);
  }
  if (min !== undefined || max !== undefined) {
    const least = min === undefined ? Number.NEGATIVE_INFINITY : boundOf(min, below(report, 'min'));
    const most = max === undefined ? Number.POSITIVE_INFINITY : boundOf(max, below(report, 'max'));
    if (least > most) report(['min'], 'more than max: no number is both', 'swap them, or leave one out');
    yield (text) => {
      const number = text === undefined ? Number.NaN : readNumber(text);
      return number >= least && number <= most;
    };
  }
  if (not !== undefined) {
    const test = testOf(not, below(report, 'not'));
    yield (text) => !test(text);
  }
  if (present !== undefined) yield (text) => (text !== undefined && text !== '') === present;
}

function boundOf(bound: string | number, report: Report): number {
  const number = typeof bound === 'number' ? bound : readNumber(bound);
  if (Number.isNaN(number))
    report([], `"${bound}" is not a number`, 'write one, with its unit if it has one: 500ms, 1MiB, 5%');
  return number;
}

/** Texts are compared as texts, numbers as numbers: 0 is also "0.0". */
function isOneOf(scalars: readonly Scalar[]): Test {
  const texts = new Set<string | undefined>(scalars.map(String));
  const numbers = new Set(scalars.filter((scalar) => typeof scalar === 'number'));
  if (numbers.size === 0) {
    if (texts.size > 1) return (text) => texts.has(text);
    const only = String(scalars[0]);
    return (text) => text === only;
  }
  return (text) => text !== undefined && (texts.has(text) || numbers.has(readNumber(text)));
}
