import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../../support/temp.ts';
import { waitFor } from '../../support/wait.ts';
import {
  type BenchOptions,
  compare,
  median,
  numbersOf,
  OURS,
  type Peer,
  quantile,
  type Result,
  resultOf,
  unprepared,
} from '../harness.ts';
import { cpuMilliseconds, peakMemoryMiB } from '../processes.ts';
import type { WriterSays } from './follow-writer.ts';
import { hasMtail, MTAIL, startMtail } from './mtail.ts';
import { type RunningTail, startOurs } from './ours.ts';
import { FOLLOWED, MARKER } from './patterns.ts';
import { mustEqual, readSeries, readValue, type SeriesValues } from './series.ts';
import { startWriter } from './writer-process.ts';

interface Given {
  readonly perSecond: number;
  /** For how long the use of the processor is measured, and after that for how long how fresh the values are. */
  readonly cpuMs: number;
  readonly freshMs: number;
}

interface Measured {
  /** Of a core. */
  readonly cpuShare: number;
  readonly freshnessMs: readonly number[];
  readonly peakMiB: number;
}

const CPU_SCRAPE_EVERY_MS = 1000;
const FRESHNESS_SCRAPE_EVERY_MS = 10;
/** The first may have been there before. */
const LEAST_SEEN = 4;

/** A log that is being written is followed, by one contestant after the other; both are asked for the same. */
export async function* follow({ quick }: BenchOptions): AsyncGenerator<Result> {
  const given = quick
    ? { perSecond: 1_000, cpuMs: 300, freshMs: 400 }
    : { perSecond: 10_000, cpuMs: 30_000, freshMs: 20_000 };
  const measured = await compare(given, CONTESTANTS, { warmUp: 0, rounds: 1 });
  const name = quick ? 'follow/1k' : 'follow/10k';
  const about = (what: string, unit: string) => ({ bench: 'tail', case: `${name}/${what}`, unit });
  const share = numbersOf(measured, ({ cpuShare }) => cpuShare * 100);
  const less = { goal: { times: 1 / 0.3, than: MTAIL } };
  yield resultOf(share, median, { ...about('cpu', '% of a core'), ...less });
  const fresh = numbersOf(measured, ({ freshnessMs }) => freshnessMs);
  const sooner = { goal: { times: 2, than: MTAIL } };
  yield resultOf(fresh, median, { ...about('freshness/p50', 'ms'), ...sooner });
  yield resultOf(fresh, quantile(0.95), about('freshness/p95', 'ms'));
  const peak = numbersOf(measured, ({ peakMiB }) => peakMiB);
  yield resultOf(peak, quantile(1), about('peak-memory', 'MiB'));
}

const contestant = (name: string, start: (glob: string) => Promise<RunningTail>): Peer<Given, Measured> =>
  unprepared(name, async (given) => {
    await using folder = await temporaryFolder('follow');
    const log = join(folder.path, 'access.log');
    await writeFile(log, '');
    await using tail = await start(join(folder.path, '*.log'));
    await using writer = startWriter<WriterSays>('follow-writer', [log, String(given.perSecond)]);
    const markers: { marker: number; at: number }[] = [];
    const ended = writer.until((said): SeriesValues | undefined => {
      if ('expected' in said) return new Map(said.expected);
      markers.push(said);
      return undefined;
    });
    // What starts for the first time is no part of following.
    await waitFor(async () => (readValue(await tail.scrape(), MARKER) ?? 0) > 1, {
      what: `${name} to show lines that are written`,
      timeout: 60_000,
    });

    const cpuShare = await cpuShareOf(tail, given.cpuMs);
    const seen = await firstSeen(tail, given.freshMs);
    writer.stop();
    await untilEqual(name, tail, await ended);
    const freshnessMs = markers.flatMap(({ marker, at }) => {
      const shown = seen.find((one) => one.marker >= marker);
      return at > (seen[0]?.at ?? 0) && shown ? [shown.at - at] : [];
    });
    return { cpuShare, freshnessMs, peakMiB: sumOf(tail.pids, peakMemoryMiB) };
  });

const CONTESTANTS: readonly Peer<Given, Measured>[] = [
  contestant(OURS, (glob) => startOurs(glob, FOLLOWED)),
  { ...contestant(MTAIL, (glob) => startMtail(glob, FOLLOWED)), available: hasMtail },
];

const sumOf = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + of(pid), 0);

async function cpuShareOf(tail: RunningTail, milliseconds: number): Promise<number> {
  const start = performance.now();
  const before = cpuMilliseconds(tail.pids);
  await scrapeEvery(CPU_SCRAPE_EVERY_MS, tail, () => performance.now() - start >= milliseconds);
  return (cpuMilliseconds(tail.pids) - before) / (performance.now() - start);
}

/** Each marker that was the last one in a scrape, and when the first such scrape had been answered. */
async function firstSeen(
  tail: RunningTail,
  milliseconds: number,
): Promise<readonly { readonly marker: number; readonly at: number }[]> {
  const seen: { marker: number; at: number }[] = [];
  const end = performance.now() + milliseconds;
  await scrapeEvery(FRESHNESS_SCRAPE_EVERY_MS, tail, (page) => {
    const at = Number(process.hrtime.bigint()) / 1e6;
    const marker = readValue(page, MARKER) ?? 0;
    if (marker > (seen.at(-1)?.marker ?? -1)) seen.push({ marker, at });
    return performance.now() >= end && seen.length >= LEAST_SEEN;
  });
  return seen;
}

/** Until a page is the last one. */
async function scrapeEvery(
  everyMs: number,
  tail: RunningTail,
  isLast: (page: string) => boolean,
): Promise<void> {
  let next = performance.now();
  while (!isLast(await tail.scrape())) {
    // After a long answer the next request comes at its next turn.
    const now = performance.now();
    while (next <= now) next += everyMs;
    await pause(next - now);
  }
}

/** What was written last may not have been read yet. @throws if the values do not come */
async function untilEqual(name: string, tail: RunningTail, expected: SeriesValues): Promise<void> {
  const isEqual = async () => {
    mustEqual(name, readSeries(await tail.scrape(), FOLLOWED), expected);
    return true;
  };
  await waitFor(isEqual, { what: `${name} to show what was written`, timeout: 20_000, interval: 100 });
}
