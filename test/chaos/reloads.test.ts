import { appendFile, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { INSPECTABLE } from '../support/inspector.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import { inspect } from './footprint.ts';
import { admin } from './page.ts';
import { pick, report } from './report.ts';
import { scrapeLikePrometheus } from './scraper.ts';
import { type Seen, seenIn, Thousand } from './thousand.ts';

const CHANGES = pick({ short: 3, long: 50 });
const RELOADS = pick({ short: 12, long: 1000 });
const SCRAPERS = 4;
const SCRAPE_SECONDS = pick({ short: 20, long: 10 });
const PATIENCE_MS = 120_000;
const TIMEOUT = pick({ short: 600_000, long: 1_800_000 });
/** What the heap may grow by: what V8 learns of code that goes on running. */
const HEAP_ALLOWANCE = 2 * 1024 * 1024;
/** A hundred resources are collected each second: those that fell due while memory was looked at run together then. */
const COLLECTS_IN_FLIGHT = 200;

const start = (thousand: Thousand) =>
  startInformer({
    config: thousand.config,
    files: thousand.files,
    env: INSPECTABLE,
    timeout: PATIENCE_MS,
  });

/** Waits until every resource has been collected, and gives what is seen of them. */
const allOf = (run: RunningInformer, { names }: Thousand): Promise<Map<string, Seen>> =>
  waitFor(
    async () => {
      const seen = seenIn(await run.scrape());
      return seen.size === names.length && seen;
    },
    { what: 'every resource to have been collected', timeout: PATIENCE_MS },
  );

/** Waits until a resource exposes a value; gives when that was, in milliseconds from now. */
async function liveAfter(run: RunningInformer, resource: string, value: number): Promise<number> {
  const began = performance.now();
  await waitFor(
    async () => (await run.scrape(`?resource=${resource}`)).value('small_value', { resource }) === value,
    { what: `${resource} to be ${value}`, timeout: PATIENCE_MS, interval: 5 },
  );
  return performance.now() - began;
}

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

it(
  'of 1,000 resources one changes: only that one is opened anew',
  async (test) => {
    const thousand = new Thousand('60s');
    await using run = await start(thousand);
    using inspector = await inspect(run);
    const before = await allOf(run, thousand);
    const lives: number[] = [];
    const holds: number[] = [];
    for (let change = 0; change < CHANGES; change++) {
      const value = thousand.change('small-500');
      await inspector.longestHold();
      await run.configure(thousand.config);
      lives.push(await liveAfter(run, 'small-500', value));
      holds.push(await inspector.longestHold());
    }
    const after = await allOf(run, thousand);
    const openedAnew = thousand.names.filter((name) => after.get(name)?.opened !== before.get(name)?.opened);
    const fellBack = thousand.names.filter(
      (name) => (after.get(name)?.collects ?? 0) < (before.get(name)?.collects ?? 0),
    );
    report(test, {
      case: `1,000 resources, one changed ${CHANGES} times`,
      liveMs: Math.ceil(middleOf(lives)),
      holdMs: Math.ceil(Math.max(...holds)),
    });
    expect(openedAnew).toEqual(['small-500']);
    expect(fellBack.filter((name) => name !== 'small-500')).toEqual([]);
    expect(after.get('small-500')?.opened).toBe(1 + CHANGES);
  },
  TIMEOUT,
);

it(
  `1,000 resources, ${RELOADS} reloads, 4 scrapers: no failed scrape, no reset, and nothing is left behind`,
  async (test) => {
    const thousand = new Thousand('10s');
    await using run = await start(thousand);
    using inspector = await inspect(run);
    await allOf(run, thousand);
    const wrong: string[] = [];
    let turn = 0;
    const reload = async () => {
      const name = thousand.names[(turn++ * 37) % thousand.names.length] as string;
      thousand.change(name);
      await run.configure(thousand.config);
      const { replaced } = (await admin(run.folder, 'POST', '/-/reload')) as { replaced: string[] };
      // The watcher may have come first.
      if (replaced.some((other) => other !== name))
        wrong.push(`${replaced} replaced, where only ${name} changed`);
    };
    // What is only needed once is compiled and kept by then.
    for (let pass = 0; pass < 10; pass++) await reload();
    const before = await inspector.footprint();

    const end = new AbortController();
    let scrapes = 0;
    let worstOverrunMs = 0;
    const scrape = async () => {
      let last = new Map<string, Seen>();
      while (!end.signal.aborted) {
        const { page, failure, milliseconds } = await scrapeLikePrometheus(run.url, SCRAPE_SECONDS);
        scrapes++;
        worstOverrunMs = Math.max(worstOverrunMs, Math.ceil(milliseconds - SCRAPE_SECONDS * 1000));
        if (!page) {
          wrong.push(`a scrape failed: ${failure}`);
          continue;
        }
        const seen = seenIn(page);
        for (const name of thousand.names) {
          const fault = faultOf(seen.get(name), last.get(name), thousand.version(name));
          if (fault) wrong.push(`${name} ${fault}`);
        }
        last = seen;
      }
    };
    const scraping = Promise.all(Array.from({ length: SCRAPERS }, scrape));
    try {
      for (let pass = 0; pass < RELOADS; pass++) await reload();
    } finally {
      end.abort();
      await scraping;
    }
    const leaks = await inspector.leaksSince(before, HEAP_ALLOWANCE, COLLECTS_IN_FLIGHT);
    report(test, {
      case: `1,000 resources, ${SCRAPERS} scrapers, ${RELOADS} reloads`,
      scrapes,
      worstOverrunMs: Math.max(0, worstOverrunMs),
      leaks: leaks.length,
    });
    expect(wrong).toEqual([]);
    expect(leaks).toEqual([]);
  },
  TIMEOUT,
);

/** A resource is opened once, and once more for each change of it; as long as it is not, its counter never falls back. */
function faultOf(now: Seen | undefined, before: Seen | undefined, changes: number): string | undefined {
  if (!now) return 'is not in a scrape';
  if (now.opened > 1 + changes) return `was opened ${now.opened} times after ${changes} changes`;
  if (!before || now.opened !== before.opened || now.collects >= before.collects) return undefined;
  return `went from ${before.collects} collects to ${now.collects}`;
}

it(
  'a writer that truncates a file of 1,000 resources and then writes slowly closes none of them',
  async () => {
    const thousand = new Thousand('60s');
    await using run = await start(thousand);
    const before = await allOf(run, thousand);
    const file = join(run.folder, 'informer.yaml');
    const value = thousand.change('small-999');
    const head = (await readFile(file, 'utf8')).split('plugin_dirs')[0] ?? '';
    const text = head + thousand.config;
    const piece = Math.ceil(text.length / 12);
    await truncate(file);
    for (let at = 0; at < text.length; at += piece) {
      // The writer's own pace is what this is about.
      await pause(at % (3 * piece) === 0 ? 600 : 150);
      await appendFile(file, text.slice(at, at + piece));
    }
    await liveAfter(run, 'small-999', value);
    const after = await allOf(run, thousand);
    expect(thousand.names.filter((name) => after.get(name)?.opened !== before.get(name)?.opened)).toEqual([
      'small-999',
    ]);
    const closed = run.process.output().match(/configuration applied.* closed=[1-9]\d*/g);
    expect(closed).toBeNull();
    const page = await run.scrape('?resource=small-999');
    expect(page.value('informer_resource_up', { resource: 'small-999' })).toBe(1);
    expect((await run.scrape()).value('informer_config_reloads_total', { result: 'failure' })).toBe(0);
  },
  TIMEOUT,
);
