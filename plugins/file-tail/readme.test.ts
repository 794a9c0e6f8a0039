import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openForTest } from '@dynamic-informer/sdk/testing';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import plugin from './index.ts';
import { temporaryFolder } from './test/support.ts';

const README = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
/** A configuration, lines, and the series that they come to. */
const EXAMPLE =
  /^```yaml\n(?<config>(?:(?!^```).*\n)*)```\n\n```text\n(?<lines>[^`]*)```\n\n```prom\n(?<series>[^`]*)```/gm;

describe('the examples of the README come to what it says', () => {
  const examples = [...README.matchAll(EXAMPLE)].map(({ groups }) => groups ?? {});
  it('all of them', () => expect(examples).toHaveLength(README.split('\n```prom\n').length - 1));

  for (const { config = '', lines = '', series = '' } of examples) {
    it(/- (?:name: |match: )?(.*)/.exec(config)?.[1] ?? config, async () => {
      await using folder = await temporaryFolder();
      writeFileSync(path.join(folder.path, 'a.log'), lines);
      const all = { files: ['a.log'], ...(parse(config) as object) };
      await using collector = await openForTest(plugin, all, { directory: folder.path });
      const { exposition, errors } = await collector.collect();
      expect(errors).toEqual([]);
      const named = new Set(series.split('\n').map((line) => line.split(/[{ ]/)[0]));
      const shown = exposition
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .filter((line) => !line.startsWith('file_tail_') || named.has(line.split(/[{ ]/)[0]));
      expect(shown.join('\n')).toBe(series);
    });
  }
});
