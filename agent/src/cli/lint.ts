import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { configError } from '@dynamic-informer/sdk';
import {
  type ExpositionFormat,
  type LintProblem,
  lint as lintFamilies,
  type ParseError,
  parseExposition,
  shown,
} from '@dynamic-informer/sdk/lint';

interface LintCommandOptions {
  readonly format?: ExpositionFormat;
  readonly json?: boolean;
}

const PROBLEMS = 3;
const STDIN = '-';

/** Reads an exposition and prints what is wrong with it, mistakes of the format first to last among the rest. */
export async function lint(given: string | undefined, options: LintCommandOptions): Promise<void> {
  const file = given ?? STDIN;
  const { format } = options;
  const input = file === STDIN ? await buffer(process.stdin) : await readInput(file);
  const { families, errors, stopped } = parseExposition(input, format === undefined ? {} : { format });
  const found: readonly (ParseError | LintProblem)[] = [...errors, ...lintFamilies(families)].sort(
    (a, b) => a.line - b.line || a.column - b.column,
  );
  const name = file === STDIN ? 'stdin' : file;
  if (options.json) {
    const listed = found.map((problem) => ({ file: name, ...problem }));
    process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
  } else {
    const lines = found.map(
      (problem) => `${name}:${problem.line}:${problem.column}: ${problemLine(problem)}\n`,
    );
    process.stdout.write(lines.join(''));
  }
  if (stopped) {
    const why = 'there are too many mistakes, or it is too large';
    process.stderr.write(`${name} was not read to its end: ${why}; mend what is named and lint again\n`);
  }
  process.exitCode = found.length > 0 ? PROBLEMS : 0;
}

/** `METRIC: what is wrong; what to do`; mistakes of the format have no metric. */
export function problemLine(problem: ParseError | LintProblem): string {
  const metric = 'metric' in problem ? `${plainName(problem.metric)}: ` : '';
  return `${metric}${problem.message}; ${problem.fix}`;
}

const plainName = (name: string): string => (/^[\w:]{1,200}$/.test(name) ? name : shown(name));

async function readInput(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why: Record<string, string> = {
      ENOENT: 'is not there',
      EACCES: 'may not be read by this user',
      EISDIR: 'is a folder',
    };
    throw configError(`${file} ${why[code ?? ''] ?? `can't be read (${code ?? String(error)})`}`, {
      fix: 'name a file that holds an exposition, or - for stdin',
      cause: error,
    });
  }
}
