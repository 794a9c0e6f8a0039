import { describe, expect, it } from 'vitest';
import { noCounts } from '../file-counts.ts';
import type { CompiledPattern } from '../patterns/compile.ts';
import { engineForTest } from '../test/engine.ts';

/** A pattern that writes down what it is given. */
const noting = (
  found: string[],
  name: string,
  regex: RegExp | undefined,
  field: number | undefined = undefined,
): CompiledPattern => ({
  name,
  regex,
  field,
  when: undefined,
  counts: [
    (captures, fields) => found.push(`${name}: ${[captures, fields].map((all) => [...Array.from(all)])}`),
  ],
});

describe('every pattern is tried on every line', () => {
  it('in order, and lines that none matched are counted', () => {
    const found: string[] = [];
    const patterns = [noting(found, 'a', /a+/), noting(found, 'b', /b+/)];
    const counts = noCounts();
    engineForTest({ patterns, otherwise: [() => found.push('otherwise')] }).lines(['aab', 'x', 'bb'], counts);
    expect(found).toEqual(['a: aa,', 'b: b,', 'otherwise', 'b: bb,']);
    expect(counts.unmatched).toBe(1);
  });

  it('on the line or on a field of its format; a pattern without an expression matches what has the format', () => {
    const found: string[] = [];
    const patterns = [
      noting(found, 'line', /-|^\w+$/),
      noting(found, 'second', /[a-z]+/, 1),
      noting(found, 'each', undefined),
    ];
    const format = {
      exec: (line: string) => (line.includes('-') ? line.split('-').map((part) => part || undefined) : null),
    };
    const counts = noCounts();
    engineForTest({ format, patterns }).lines(['1-b2', '3-', 'plain', '?'], counts);
    expect(found).toEqual([
      'line: -,1,b2',
      'second: b,1,b2',
      'each: 1,b2,1,b2',
      'line: -,3,',
      'each: 3,,3,',
      'line: plain,',
    ]);
    expect(counts.unmatched).toBe(1);
  });
});

it('tells who observes how often each pattern matched, how long it took, and what no pattern matched', () => {
  const found: string[] = [];
  const engine = engineForTest({ patterns: [noting(found, 'a', /a+/), noting(found, 'b', /b+/)] });
  const counts = noCounts();
  engine.lines(['a'], counts);
  const unmatched: string[] = [];
  const statistics = engine.observe({ unmatched: (line) => unmatched.push(line) });
  engine.lines(['aab', 'x', 'bb'], counts);
  expect(statistics).toMatchObject([
    { name: 'a', matched: 1 },
    { name: 'b', matched: 2 },
  ]);
  for (const { nanoseconds } of statistics) expect(nanoseconds).toBeGreaterThan(0);
  expect(unmatched).toEqual(['x']);
  expect(found).toEqual(['a: a,', 'a: aa,', 'b: b,', 'b: bb,']);
  expect(counts.unmatched).toBe(1);
});
