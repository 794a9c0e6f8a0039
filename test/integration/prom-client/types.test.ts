import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { outputOf, runProgram } from '../../support/run-program.ts';

const SOURCE = join(import.meta.dirname, 'app/typical-usage.ts');
const TSC = join(import.meta.dirname, '../../../node_modules/.bin/tsc');
const OPTIONS = [
  '--ignoreConfig',
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--module',
  'nodenext',
  '--target',
  'es2024',
  '--types',
  'node',
];

/** Stands beside node_modules, from which both packages are imported. */
let folder: string;
let moved: string;

beforeAll(() => {
  folder = mkdtempSync(join(import.meta.dirname, 'moved-'));
  moved = join(folder, 'typical-usage.mts');
  const source = readFileSync(SOURCE, 'utf8');
  writeFileSync(moved, source.replace("from 'prom-client'", "from '@dynamic-informer/sdk/prom-client'"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('typical code compiles after its import is changed, and what it must not do does not', async () => {
  const strictest = [...OPTIONS, '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
  expect(await runProgram(TSC, [...OPTIONS, moved])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await runProgram(TSC, [...strictest, moved])).toEqual({ code: 0, stdout: '', stderr: '' });
});

it('typical code leads to the same after its import is changed', async () => {
  const resultsOf = async (path: string) => {
    const script = `const { results } = await import('${pathToFileURL(path)}'); console.log(JSON.stringify(await results()));`;
    return JSON.parse(await outputOf(process.execPath, ['--input-type=module', '-e', script])) as unknown;
  };
  expect(await resultsOf(moved)).toEqual(await resultsOf(SOURCE));
});
