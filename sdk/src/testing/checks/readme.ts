import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { declaredNeeds } from '../../docs/declared-needs.ts';
import { hasGeneratedParts, updateReadme } from '../../docs/readme.ts';
import type { Demand } from '../check.ts';
import type { Subject } from '../subject.ts';

export function readmeChecks({ plugin, options }: Subject): Demand[] {
  const file = join(options.folder, 'README.md');
  if (!existsSync(file) || !hasGeneratedParts(readFileSync(file, 'utf8'))) return [];
  return [
    {
      name: 'has a README.md whose tables say what the code does',
      async run() {
        const needs = await declaredNeeds(options.folder);
        const { stale } = updateReadme(await readFile(file, 'utf8'), { ...plugin, needs });
        const fact = `${file}: what is generated there is not what the code says; run "npm run docs"`;
        assert.deepEqual(stale, [], fact);
      },
    },
  ];
}
