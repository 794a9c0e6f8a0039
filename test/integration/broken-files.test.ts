import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { brokenFile, FUZZ_SEED } from '../support/broken-files.ts';

/** Exposes what its configuration says, and which opening of it that is. */
const NOTE = `
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const value = gauge('note_value', 'As configured.');
const opened = gauge('note_opened', 'Which opening this is.');
let openings = 0;

export default definePlugin({
  name: 'note',
  config: Type.Object({ value: Type.Number({ description: 'What to expose.' }) }),
  async open(config) {
    const opening = ++openings;
    return {
      describe: () => [value, opened],
      collect: () => [value.sample(config.value), opened.sample(opening)],
    };
  },
});
`;

const FILES = 24;

/** Another value in each round, but for the last resource. */
const good = (round: number) => `# Included: é
x-base: &base {plugin: note, labels: {team: shop}}
resources:
  first:
    <<: *base
    timeout: 10s
    config: {value: ${round}}
  second: {plugin: note, config: {value: ${round + 0.5}}}
  paused: {plugin: note, enabled: false, config: {value: 3}}
  last:
    plugin: note
    config:
      value: 7
`;

interface Wish {
  readonly enabled?: boolean;
  readonly config: { readonly value: number };
}

/** What a valid file wants to be exposed, read by nothing of the agent's. */
function wantedBy(text: string): Record<string, number> {
  const { resources } = (parse(text, { merge: true, maxAliasCount: -1 }) ?? {}) as {
    resources?: Record<string, Wish> | null;
  };
  const enabled = Object.entries(resources ?? {}).filter(([, wish]) => wish.enabled !== false);
  return Object.fromEntries(enabled.map(([name, wish]) => [name, wish.config.value]));
}

/** By resource. */
async function exposed(run: AgentUnderTest, metric: string): Promise<Record<string, number>> {
  const lines = (await run.scrape()).lines(metric);
  return Object.fromEntries(
    lines.map((line) => [/resource="([^"]*)"/.exec(line)?.[1], Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const sorted = (values: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));

it('an agent runs what the last valid file says, whatever is saved', async () => {
  await using run = await startAgent({ config: 'include: [r*.yaml]\n', plugins: { 'note.ts': NOTE } });
  const path = join(run.folder, 'r.yaml');
  let bytes = Buffer.from(good(0));
  let wanted: Record<string, number> = {};
  let openings: Record<string, number> = {};
  const results = { accepted: 0, rejected: 0 };

  const save = async (next: Buffer, how: 'renamed' | 'written') => {
    const before = run.agent.status().lastReload;
    if (how === 'written') await writeFile(path, next);
    else {
      await writeFile(`${path}.new`, next);
      await rename(`${path}.new`, path);
    }
    const shown = JSON.stringify(next.toString('utf8'));
    await run.until(`a pass over ${shown}`, () => run.agent.status().lastReload !== before, 60_000);
    const { successful, errors, diagnostics } = run.agent.status().lastReload?.result ?? {};
    results[successful ? 'accepted' : 'rejected']++;
    const earlier = wanted;
    if (successful) wanted = wantedBy(next.toString('utf8'));
    for (const error of errors ?? []) expect(error, shown).toMatch(/r\.yaml:\d+:\d+: .+; .+/s);
    expect(diagnostics, shown).toHaveLength(errors?.length ?? 0);
    expect(errors?.length === 0, shown).toBe(successful);
    await run.until(
      `${sorted(wanted)} to be exposed after ${shown}`,
      async () => sorted(await exposed(run, 'note_value')) === sorted(wanted),
      60_000,
    );
    // What was not changed was not opened anew.
    const now = await exposed(run, 'note_opened');
    for (const [name, value] of Object.entries(wanted)) {
      if (earlier[name] === value) expect(now[name], `${name} after ${shown}`).toBe(openings[name]);
    }
    openings = now;
  };

  await save(bytes, 'renamed');
  expect(wanted).toEqual({ first: 0, second: 0.5, last: 7 });
  for (let round = 1; round <= FILES; round++) {
    const [next] = fc.sample(brokenFile(good(round)), { numRuns: 1, seed: FUZZ_SEED + round });
    if (next === undefined || next.equals(bytes)) continue;
    bytes = Buffer.from(next);
    await save(bytes, round % 8 === 0 ? 'written' : 'renamed');
  }
  await save(Buffer.from(good(FILES + 1)), 'renamed');
  expect(wanted).toEqual({ first: FILES + 1, second: FILES + 1.5, last: 7 });
  expect(results.accepted).toBeGreaterThan(3);
  expect(results.rejected).toBeGreaterThan(3);
  expect(run.logs.filter(({ message }) => message === 'host ended')).toEqual([]);
}, 300_000);
