import path from 'node:path';
import { expect, it } from 'vitest';
import { matches, stepsOf } from './glob.ts';

/** Whether a pattern matches a path, step by step; `**` is any number of folders. */
function isMatched(pattern: string, file: string, directory = '/base'): boolean {
  const names = file.split(path.sep).slice(1);
  const from = (steps: ReturnType<typeof stepsOf>[number], left: readonly string[]): boolean => {
    const [step, ...rest] = steps;
    if (step === undefined) return left.length === 0;
    if (step.kind === 'deep') return left.some((_, index) => from(rest, left.slice(index)));
    return left[0] !== undefined && matches(step, left[0]) && from(rest, left.slice(1));
  };
  return stepsOf(pattern, directory).some((steps) => from(steps, names));
}

it.each([
  ['*.log', '/base/a.log', '/base/.a.log'],
  ['/x/*/app-?.log', '/x/y/app-1.log', '/x/app-1.log'],
  ['/x/**/*.log', '/x/a.log', '/x/a.txt'],
  ['/x/**/**/y/*.log', '/x/1/2/y/a.log', '/x/1/2/a.log'],
  ['/x/{a,b}.log', '/x/b.log', '/x/c.log'],
  ['/x/{a/b,c}/*.log', '/x/a/b/1.log', '/x/a/1.log'],
  ['/{a/b,c}/{d,e/f}/1', '/c/e/f/1', '/a/d/1'],
  ['/x/[ab].log', '/x/a.log', '/x/c.log'],
  ['/x/[ab].log', '/x/[ab].log', '/x/ab.log'],
  ['../x/./*.log', '/x/a.log', '/base/x/a.log'],
  ['/x/+(a|b).log', '/x/ab.log', '/x/c.log'],
])('%s matches %s but not %s', (pattern, matching, other) => {
  expect([isMatched(pattern, matching), isMatched(pattern, other)]).toEqual([true, false]);
});

it('takes the folder that relative patterns start in as it is', () => {
  expect(isMatched('*.log', '/b[ase]/a.log', '/b[ase]')).toBe(true);
  expect(isMatched('*.log', '/ba/a.log', '/b[ase]')).toBe(false);
});
