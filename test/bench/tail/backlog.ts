import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/temp.ts';
import {
  type BenchOptions,
  compare,
  median,
  millisecondsOf,
  note,
  numbersOf,
  OURS,
  type Peer,
  quantile,
  type Result,
  resultOf,
  unprepared,
} from '../harness.ts';
import { cpuMilliseconds, peakMemoryMiB } from '../processes.ts';
import { LogWriter } from './log.ts';
import { hasMtail, MTAIL, mtailOnce } from './mtail.ts';
import { type OurTail, startOurs } from './ours.ts';
import { PATTERNS, type TailPattern } from './patterns.ts';
import { mustEqual, readSeries, readValue, type SeriesValues } from './series.ts';
import { Tally } from './tally.ts';

const LINES = 2_000_000;
const QUICK_LINES = 10_000;
const SEED = 1;
/** How many patterns, and how many times mtail's lines a second we want with them. */
const COUNTS = [
  [1, 8],
  [5, 8],
  [20, 6],
] as const;
const QUICK_COUNTS = [[20, 6]] as const;
const GOAL_MIB = 70;
/** Of the clock that counts CPU time: of a log of few lines nothing may be left. */
const TICK_MS = 10;

interface Given {
  readonly log: string;
  readonly lines: number;
  readonly patterns: readonly TailPattern[];
  readonly expected: SeriesValues;
}

interface Measured {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  /** Of what stands beside the process that reads. */
  readonly beside?: Omit<Measured, 'wallMs' | 'beside'>;
}

/** A log that is there already is read to its end, and each counter compared with what its writer knows. */
export async function* backlog({
  quick,
  lines = quick ? QUICK_LINES : LINES,
}: BenchOptions): AsyncGenerator<Result> {
  await using folder = await temporaryFolder('backlog');
  const log = join(folder.path, 'access.log');
  const tally = await writeLog(log, lines);
  for (const [count, times] of quick ? QUICK_COUNTS : COUNTS) {
    const given = { log, lines, patterns: PATTERNS.slice(0, count), expected: tally.series(count) };
    const measured = await compare(given, [INFORMER, MTAIL_ONCE], { warmUp: 0, rounds: quick ? 1 : 3 });
    const about = (name: string, unit: string) => ({ bench: 'tail', case: `backlog/${count}/${name}`, unit });
    const perSecond = (of: (one: Measured) => number) =>
      numbersOf(measured, (one) => (lines * 1000) / of(one));
    const more = { better: 'higher', goal: { times, than: MTAIL } } as const;
    const wall = perSecond(({ wallMs }) => wallMs);
    yield resultOf(wall, median, { ...about('wall', 'lines/s'), ...more });
    const cpu = perSecond(({ cpuMs }) => cpuMs);
    yield resultOf(cpu, median, { ...about('cpu', 'lines/s of CPU'), ...more });
    const peak = numbersOf(measured, ({ peakMiB }) => peakMiB);
    const most = { goal: { value: GOAL_MIB } };
    yield resultOf(peak, quantile(1), { ...about('peak-memory', 'MiB'), ...most });
    yield* besideCases(measured, about);
  }
}

function* besideCases(
  measured: ReadonlyMap<string, readonly Measured[]>,
  about: (name: string, unit: string) => { bench: string; case: string; unit: string },
): Iterable<Result> {
  const beside = (measured.get(OURS) ?? []).flatMap((one) => (one.beside ? [one.beside] : []));
  const only = (of: (one: (typeof beside)[number]) => number) => new Map([[OURS, beside.map(of)]]);
  yield resultOf(
    only(({ cpuMs }) => cpuMs),
    median,
    about('agent/cpu', 'ms'),
  );
  yield resultOf(
    only(({ peakMiB }) => peakMiB),
    quantile(1),
    about('agent/peak-memory', 'MiB'),
  );
}

async function writeLog(path: string, lines: number): Promise<Tally> {
  note(`Writing a log of ${lines} lines.`);
  const writer = new LogWriter(SEED);
  const tally = new Tally(PATTERNS);
  const stream = createWriteStream(path);
  let batch = '';
  for (let i = 0; i < lines; i++) {
    const line = writer.next();
    tally.add(line);
    batch += `${line.text}\n`;
    if (batch.length < 1 << 18 && i < lines - 1) continue;
    if (!stream.write(batch)) await once(stream, 'drain');
    batch = '';
  }
  stream.end();
  await once(stream, 'close');
  return tally;
}

/**
 * An agent that follows a folder is there before the log is. The clock starts when the log gets its name in the folder, and
 * stops when a scrape was answered that shows its last line, which a checkpoint then holds.
 */
const INFORMER = unprepared(OURS, async ({ log, lines, patterns, expected }: Given): Promise<Measured> => {
  await using folder = await temporaryFolder('follow');
  await using tail = await startOurs(join(folder.path, '*.log'), patterns);
  const before = { host: cpuMilliseconds([tail.host]), agent: cpuMilliseconds([tail.agent]) };
  let page = '';
  const wallMs = await millisecondsOf(async () => {
    await link(log, join(folder.path, 'access.log'));
    page = await scrapeUntil(tail, lines);
  });
  const cpuMs = cpuMilliseconds([tail.host]) - before.host;
  const beside = {
    cpuMs: cpuMilliseconds([tail.agent]) - before.agent,
    peakMiB: peakMemoryMiB(tail.agent),
  };
  mustEqual(OURS, readSeries(page, patterns), expected);
  return { wallMs, cpuMs, peakMiB: peakMemoryMiB(tail.host), beside };
});

/** A collect reads to the end if it has the time; with more lines than that it takes several. */
async function scrapeUntil(tail: OurTail, lines: number): Promise<string> {
  for (;;) {
    const page = await tail.scrape();
    const counted = readValue(page, 'file_tail_lines_total') ?? 0;
    if (counted > lines) throw new Error(`ours: counted ${counted} lines of ${lines}.`);
    if (counted === lines) return page;
    if (!/^informer_resource_up\{.*resource="log".*\} 1$/m.test(page))
      throw new Error('ours: the resource is not up.');
  }
}

/** `mtail -one_shot`, less what the same takes for a log without lines. */
const MTAIL_ONCE: Peer<Given, Measured> = {
  ...unprepared(MTAIL, async ({ log, patterns, expected }: Given): Promise<Measured> => {
    await using folder = await temporaryFolder('empty');
    const empty = join(folder.path, 'empty.log');
    await writeFile(empty, '');
    const nothing = await mtailOnce(empty, patterns);
    const all = await mtailOnce(log, patterns);
    mustEqual(MTAIL, readSeries(all.exposition, patterns), expected);
    const least = (milliseconds: number) => Math.max(TICK_MS, milliseconds);
    const wallMs = least(all.wallMs - nothing.wallMs);
    return { wallMs, cpuMs: least(all.cpuMs - nothing.cpuMs), peakMiB: all.peakMiB };
  }),
  available: hasMtail,
};
