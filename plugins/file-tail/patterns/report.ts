import { eitherCase } from '../matching/either-case.ts';
import { linearProblem } from '../matching/linear.ts';

/** Keys from a pattern inwards. */
export type Path = readonly (string | number)[];

/** Says what is wrong at a place of a pattern, and how to mend it; or warns of it. */
export type Report = (path: Path, message: string, fix: string, severity?: 'error' | 'warning') => void;

/** Reports what is below a key. */
export const below =
  (report: Report, ...prefix: Path): Report =>
  (path, ...rest) =>
    report([...prefix, ...path], ...rest);

/** Compiles a regular expression; reports one that is none. */
export function regexOf(source: string, report: Report, flags = ''): RegExp | undefined {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
    report(
      [],
      `not a regular expression: ${reason}`,
      'mend it; a character that means itself is written with a backslash, and YAML keeps that in single quotes',
    );
    return undefined;
  }
}

/**
 * Compiles a regular expression that runs in linear time on any text; reports one that is none or can't.
 * @param around puts the valid expression into another
 */
export function linearRegexOf(
  source: string,
  report: Report,
  { ignoreCase = false, around = (expression: string): string => expression } = {},
): RegExp | undefined {
  if (regexOf(source, report) === undefined) return undefined;
  const written = ignoreCase ? eitherCase(source) : source;
  if (written === undefined) {
    report(
      [],
      'ignores the case of more than plain ASCII',
      'leave the "i" out, and write letters of both cases',
    );
    return undefined;
  }
  const problem = linearProblem(written);
  if (problem) report([], problem.message, problem.fix);
  return problem ? undefined : new RegExp(around(written));
}
