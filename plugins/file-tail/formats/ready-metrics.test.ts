import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import plugin from '../index.ts';
import { FORMATS } from './format.ts';

/** Of the plugin's own metrics those that tell what became of the lines. */
const isShown = (line: string): boolean =>
  !/^(?:# \w+ )?file_tail_/.test(line) ||
  /^(?:# \w+ )?file_tail_(?:unmatched_lines|parse_errors)_total/.test(line);

// `vitest run -u` writes what is expected anew.
describe('a sample log of each format comes to', () => {
  for (const { name } of FORMATS) {
    it(`testcases/${name}/expected.prom`, async () => {
      const directory = path.join(import.meta.dirname, 'testcases', name);
      const config: unknown = parse(await readFile(path.join(directory, 'config.yaml'), 'utf8'));
      await using collector = await openForTest(plugin, config, { directory });
      const { exposition } = await collector.collect();
      const lines = exposition.replaceAll(`${directory}/`, '').split('\n').filter(isShown);
      await expect(lines.join('\n')).toMatchFileSnapshot(path.join(directory, 'expected.prom'));
    });
  }
});
