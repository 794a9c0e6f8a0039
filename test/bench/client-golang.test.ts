import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GO_PACKAGES, missingOf } from '../support/packages.ts';
import { temporaryFolder } from '../support/temp.ts';
import { CLIENT_GOLANG, type Contestant, OUR_REGISTRY, type RegistrySetting } from './contestants.ts';
import type { MixName } from './mixes.ts';

const missing = missingOf(GO_PACKAGES);
const needs = missing.length > 0 ? ` (not installed: ${missing.join(', ')})` : '';
const CASES = (['A', 'H'] as const).flatMap((mix) =>
  [1_000, 10_000].map((series): [MixName, number] => [mix, series]),
);

describe(`text that client_golang writes too${needs}`, () => {
  // The first of them builds the program in Go.
  test.each(CASES)(
    'is the same byte for byte: mix %s, %d series',
    { timeout: 300_000 },
    async (mix, series) => {
      for (const changed of ['all', '10pct'] as const) {
        const setting = { mix, series, changed };
        const theirs = await afterEachRound(CLIENT_GOLANG, setting);
        const ours = await afterEachRound(OUR_REGISTRY, setting);
        expect(theirs.map(seriesOf)).toEqual(theirs.map(() => series));
        for (const [round, expected] of theirs.entries()) {
          expect(firstDifference(ours[round] ?? Buffer.alloc(0), expected)).toBeUndefined();
        }
      }
    },
  );
});

const ROUNDS = 4;

/** What it gives out, at first and after each round of changes. */
async function afterEachRound(
  { start }: Contestant<RegistrySetting>,
  setting: RegistrySetting,
): Promise<Buffer[]> {
  await using folder = await temporaryFolder();
  await using conversation = await start(setting);
  const file = join(folder.path, 'exposition');
  const given: Buffer[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    if (round > 0) await conversation.ask({ do: 'change', round });
    await conversation.ask({ do: 'write', file });
    given.push(await readFile(file));
  }
  return given;
}

const seriesOf = (text: Buffer): number => text.toString().match(/^[^#]/gm)?.length ?? 0;

/** The first line in which they differ, as a message that can be read; undefined if they are the same bytes. */
function firstDifference(ours: Buffer, theirs: Buffer): string | undefined {
  if (ours.equals(theirs)) return undefined;
  const [ourLines, theirLines] = [ours.toString().split('\n'), theirs.toString().split('\n')];
  const at = theirLines.findIndex((line, index) => line !== ourLines[index]);
  const line = at < 0 ? theirLines.length : at;
  return `Line ${line + 1} is ${JSON.stringify(ourLines[line])} and not ${JSON.stringify(theirLines[line])}.`;
}
