import { patternOf } from './pattern.ts';

/** Lines of the same around a difference. */
const CONTEXT = 2;

/**
 * What two texts differ in, line by line: `-` is missing, `+` is too much, with the lines around them; `undefined` if
 * nothing does. `*` in an expected line stands for any text.
 */
export function differenceOf(expected: string, actual: string): string | undefined {
  const left = linesOf(expected);
  const right = linesOf(actual);
  const edits = editsOf(left, right);
  if (edits.every(([mark]) => mark === ' ')) return undefined;
  const near = new Set<number>();
  for (const [index, [mark]] of edits.entries()) {
    if (mark === ' ') continue;
    for (let at = index - CONTEXT; at <= index + CONTEXT; at++) near.add(at);
  }
  const shown: string[] = [];
  let last = -1;
  for (const [index, [mark, line]] of edits.entries()) {
    if (!near.has(index)) continue;
    if (index > last + 1) shown.push('  …');
    shown.push(`${mark} ${line}`);
    last = index;
  }
  if (last < edits.length - 1) shown.push('  …');
  return shown.join('\n');
}

const linesOf = (text: string): string[] => (text.trimEnd() === '' ? [] : text.trimEnd().split('\n'));

type Edit = readonly [mark: ' ' | '-' | '+', line: string];

/** The longest common part is kept; texts here are of hundreds of lines, so a table of all pairs will do. */
function editsOf(left: readonly string[], right: readonly string[]): Edit[] {
  const width = right.length + 1;
  const patterns = left.map(patternOf);
  const same = (i: number, j: number) => patterns[i]?.(right[j] ?? '') === true;
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] = same(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && same(i, j)) {
      // What matches is shown as it was expected.
      edits.push([' ', left[i++] ?? '']);
      j++;
    } else if (j >= right.length || (i < left.length && at(i + 1, j) >= at(i, j + 1))) {
      edits.push(['-', left[i++] ?? '']);
    } else {
      edits.push(['+', right[j++] ?? '']);
    }
  }
  return edits;
}
