import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { matchGolden } from './index.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'golden-'));
  file = join(folder, 'deeper/metrics.prom');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const TEXT = '# TYPE size gauge\nsize 3\n# TYPE age_seconds gauge\nage_seconds{of="a b"} 1.25\n';

it('says how to write a file that is not there, and writes it when asked to', async () => {
  await expect(matchGolden(file, TEXT)).rejects.toThrow(
    `There is no file ${file} to compare with. Look at it, and run the test with UPDATE_GOLDEN=1 if that is right.`,
  );
  vi.stubEnv('UPDATE_GOLDEN', '1');
  await matchGolden(file, TEXT, { volatile: ['age_seconds'] });
  expect(await readFile(file, 'utf8')).toBe(TEXT.replace('1.25', '*'));
  vi.stubEnv('UPDATE_GOLDEN', '');
  await matchGolden(file, TEXT.replace('1.25', '99'));
});

it('shows what differs from the file', async () => {
  vi.stubEnv('UPDATE_GOLDEN', '1');
  await matchGolden(file, TEXT);
  vi.stubEnv('UPDATE_GOLDEN', '0');
  await expect(matchGolden(file, TEXT.replace('size 3', 'size 4'))).rejects.toThrow(
    '  # TYPE size gauge\n- size 3\n+ size 4\n  # TYPE age_seconds gauge\n',
  );
});

it('keeps what a person wrote as * when it writes the file again', async () => {
  vi.stubEnv('UPDATE_GOLDEN', '1');
  await matchGolden(file, TEXT);
  await writeFile(file, TEXT.replace('size 3', 'size *'));
  await matchGolden(file, TEXT.replace('size 3', 'size 8').replace('1.25', '2'));
  expect(await readFile(file, 'utf8')).toBe(TEXT.replace('size 3', 'size *').replace('1.25', '2'));
});
