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
