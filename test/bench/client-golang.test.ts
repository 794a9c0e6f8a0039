import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GO_PACKAGES, missingOf } from '../support/packages.ts';
import { temporaryFolder } from '../support/temp.ts';
import { CLIENT_GOLANG, type Contestant, OUR_REGISTRY, type RegistrySetting } from './contestants.ts';
import { decodeProtobuf } from './go-program.ts';
import type { MixName } from './mixes.ts';
import type { RenderFormat } from './registries.ts';

const missing = missingOf(GO_PACKAGES);
const needs = missing.length > 0 ? ` (not installed: ${missing.join(', ')})` : '';
const CASES: [MixName, number][] = [
  ['A', 1_000],
  ['A', 10_000],
  ['H', 1_000],
  ['H', 10_000],
];

// The first of them builds the program in Go.
describe(`what client_golang writes too${needs}`, { timeout: 300_000 }, () => {
  test.each(CASES)('is the same byte for byte in text: mix %s, %d series', (mix, series) =>
    mustBeSame(mix, series, 'text'),
  );

  test.each(CASES)('is read as the same families in protobuf: mix %s, %d series', (mix, series) =>
    mustBeSame(mix, series, 'protobuf'),
  );
});

async function mustBeSame(mix: MixName, series: number, format: RenderFormat): Promise<void> {
  for (const changed of ['all', '10pct'] as const) {
    const setting = { mix, series, changed, format };
    const theirs = await afterEachRound(CLIENT_GOLANG, setting);
    const ours = await afterEachRound(OUR_REGISTRY, setting);
    expect(theirs.map(linesOf)).toEqual(Array.from({ length: ROUNDS + 1 }, () => series));
    for (const [round, expected] of theirs.entries()) {
      expect(firstDifference(ours[round] ?? Buffer.alloc(0), expected)).toBeUndefined();
    }
  }
}

const ROUNDS = 4;

/** What it gives out as text, or what is read in its protobuf, at first and after each round of changes. */
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
    if (setting.format === 'protobuf') await decodeProtobuf(file);
    given.push(await readFile(file));
  }
  return given;
}

const linesOf = (text: Buffer): number => text.toString().match(/^[^#]/gm)?.length ?? 0;

/** The first line in which they differ, as a message that can be read; undefined if they are the same bytes. */
function firstDifference(ours: Buffer, theirs: Buffer): string | undefined {
  if (ours.equals(theirs)) return undefined;
  const [ourLines, theirLines] = [ours.toString().split('\n'), theirs.toString().split('\n')];
  const at = theirLines.findIndex((line, index) => line !== ourLines[index]);
  const line = at < 0 ? theirLines.length : at;
  return `Line ${line + 1} is ${JSON.stringify(ourLines[line])} and not ${JSON.stringify(theirLines[line])}.`;
}
