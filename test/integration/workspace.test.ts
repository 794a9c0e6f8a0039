import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const plugins = new URL('../../plugins/', import.meta.url).pathname;

// One that is not listed is not built before the types of its tests are checked.
test('plugins/tsconfig.json lists every plugin', () => {
  const { references } = JSON.parse(readFileSync(join(plugins, 'tsconfig.json'), 'utf8'));
  const listed = references.map(({ path }: { path: string }) => path);
  const present = globSync('*/tsconfig.json', { cwd: plugins }).map(dirname);
  expect(listed.toSorted()).toEqual(present.toSorted());
});
