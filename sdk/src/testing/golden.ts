import { AssertionError } from 'node:assert';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { differenceOf } from './diff.ts';
import { patternOf } from './pattern.ts';

/** What `matchGolden` writes. */
export interface GoldenOptions {
  /** Metrics whose values are written as `*` when the file is. */
  volatile?: readonly string[];
}

const VARIABLE = 'UPDATE_GOLDEN';

/**
 * Compares a text with a file, in which `*` stands for any text. With `UPDATE_GOLDEN=1` in the environment it writes
 * the file instead: a line that the file's own line still stands for stays as it is, and the values of volatile
 * metrics become `*`.
 * @throws an AssertionError that shows the lines that differ, or that there is no such file
 */
export async function matchGolden(
  file: string,
  text: string,
  { volatile = [] }: GoldenOptions = {},
): Promise<void> {
  const known = existsSync(file) ? await readFile(file, 'utf8') : undefined;
  const update = process.env[VARIABLE] ?? '';
  if (update !== '' && update !== '0') {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, goldenText(known ?? '', text, volatile));
    return;
  }
  const howTo = `Look at it, and run the test with ${VARIABLE}=1 if that is right.`;
  const fail = (message: string): never => {
    throw new AssertionError({ message, expected: known, actual: text, stackStartFn: matchGolden });
  };
  if (known === undefined) return fail(`There is no file ${file} to compare with. ${howTo}`);
  const difference = differenceOf(known, text);
  if (difference !== undefined) {
    fail(`The text is not that of ${file} (- expected, + actual). ${howTo}\n${difference}`);
  }
}

function goldenText(known: string, text: string, volatile: readonly string[]): string {
  const patterns = known.split('\n').filter((line) => line.includes('*'));
  const tests = patterns.map((line) => [line, patternOf(line)] as const);
  const used = new Set<string>();
  const lines = text.split('\n').map((line) => {
    const [kept] = tests.find(([pattern, test]) => !used.has(pattern) && test(line)) ?? [];
    if (kept === undefined) return masked(line, volatile);
    used.add(kept);
    return kept;
  });
  return lines.join('\n');
}

function masked(line: string, volatile: readonly string[]): string {
  const name = /^[^\s{#]+/.exec(line)?.[0];
  return name !== undefined && volatile.includes(name) ? line.replace(/\S+$/, '*') : line;
}
