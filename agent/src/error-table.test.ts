import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { errorTable } from './error-table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `code: 'X'` and the like, in every source that raises errors. */
function codesInSources(): Set<string> {
  const files = globSync('{sdk/src,agent/src,plugins/*}/**/*.ts', {
    cwd: root,
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.test.ts', '**/*error-table.ts'],
  });
  const codes = files.flatMap((file) => [
    ...readFileSync(`${root}/${file}`, 'utf8').matchAll(
      /'((?:CONFIG|TARGET|PLUGIN|HTTP|LIMIT|CONFLICT|EXPOSITION|INTERNAL|SQL|DB_POOL|FILE_TAIL|PROBE|README|CREATE)_[A-Z_]+)'/g,
    ),
  ]);
  return new Set(codes.map((match) => match[1] as string));
}

it('names every code that a source raises, once, and no other', () => {
  const listed = errorTable.map(({ code }) => code);
  expect(listed.toSorted()).toEqual([...codesInSources()].sort());
});
