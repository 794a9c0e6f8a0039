import { type ConfigProblem, parseDuration } from '@dynamic-informer/sdk';
import type { MultilineConfig } from '../config.ts';
import { linearProblem } from '../matching/linear.ts';

/** Which lines make a record. */
export interface Multiline {
  /** Whether a line begins a record, as far as the line says so. */
  begins(line: string): boolean;
  /** Whether a record is complete with this line, as far as the line says so. */
  ends(line: string): boolean;
  /** A record of so many lines is complete. */
  readonly maxLines: number;
  /** A record that got no line for so many milliseconds is complete. */
  readonly timeout: number;
}

const KINDS = ['start', 'continue', 'end'] as const;

const never = (): boolean => false;

export function compileMultiline(config: MultilineConfig): Multiline {
  const { start, continue: continues, end } = config;
  const common = {
    maxLines: config.max_lines,
    timeout: parseDuration(config.timeout),
    begins: never,
    ends: never,
  };
  if (start !== undefined) return { ...common, begins: tester(start) };
  if (continues !== undefined) {
    const isContinuation = tester(continues);
    return { ...common, begins: (line) => !isContinuation(line) };
  }
  return end === undefined ? common : { ...common, ends: tester(end) };
}

export function* multilineProblems(config: MultilineConfig | undefined): Iterable<ConfigProblem> {
  if (config === undefined) return;
  const given = KINDS.filter((kind) => config[kind] !== undefined);
  if (given.length !== 1) {
    yield {
      path: ['multiline'],
      message: given.length === 0 ? 'does not say which lines make a record' : `has ${given.join(' and ')}`,
      fix: 'give one of start (a line that matches begins a record), continue (it belongs to the one before) and end (it ends one)',
    };
  }
  for (const kind of given) {
    try {
      new RegExp(config[kind] ?? '');
      const problem = linearProblem(config[kind] ?? '');
      if (problem) yield { path: ['multiline', kind], ...problem };
    } catch (error) {
      const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
      yield {
        path: ['multiline', kind],
        message: `not a regular expression: ${reason}`,
        fix: 'mend it; a character that means itself is written with a backslash, and YAML keeps that in single quotes',
      };
    }
  }
}

function tester(expression: string): (line: string) => boolean {
  const regex = new RegExp(expression);
  return (line) => regex.test(line);
}
