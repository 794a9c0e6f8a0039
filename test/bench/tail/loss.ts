import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../../support/temp.ts';
import { type BenchOptions, OURS, quantile, type Result, resultOf } from '../harness.ts';
import { hasMtail, MTAIL, startMtail } from './mtail.ts';
import { type Counted, countedOf, NUMBERED } from './numbered.ts';
import { type RunningTail, startOurs } from './ours.ts';
import { ROTATIONS, type Rotation, type RotationSettings, type WriterSays } from './rotations.ts';
import { readSeries } from './series.ts';
import { startWriter } from './writer-process.ts';

interface Setting extends RotationSettings {
  /** Values that stay as they are for so long are the last ones. */
  readonly settledMs: number;
}

const FULL: Setting = {
  rotations: 10,
  perSecond: 5_000,
  writeMs: 700,
  heldMs: 300,
  quietMs: 400,
  settledMs: 1_500,
};
const QUICK: Setting = {
  rotations: 1,
  perSecond: 1_000,
  writeMs: 200,
  heldMs: 50,
  quietMs: 100,
  settledMs: 400,
};
/** Of a log that is truncated under a writer that does not pause we may lose a tenth of what mtail loses. */
const HOT_TIMES = 10;

/** What a case comes to. */
interface Outcome {
  readonly written: number;
  /** By contestant. */
  readonly counted: ReadonlyMap<string, Counted>;
  /** How often we say that lines were probably lost. */
  readonly suspected: number;
}

/** Both follow the same file at the same time, with nothing but what is their default. */
export async function* loss({ quick }: BenchOptions): AsyncGenerator<Result> {
  // That each case works is to be seen at a time as well.
  const turns = quick ? [ROTATIONS] : ROTATIONS.map((rotation) => [rotation]);
  for (const rotations of turns) {
    for (const [rotation, outcome] of await outcomesOf(rotations, quick ? QUICK : FULL)) {
      yield* resultsOf(rotation, outcome);
    }
  }
}

function* resultsOf(rotation: Rotation, { written, counted, suspected }: Outcome): Iterable<Result> {
  const about = (what: string) => ({
    bench: 'tail',
    case: `loss/${rotation}/${what}`,
    unit: `lines of ${written}`,
  });
  const of = (which: keyof Counted) => new Map([...counted].map(([who, values]) => [who, [values[which]]]));
  const isHot = rotation === 'copytruncate-hot';
  const lost = isHot && counted.has(MTAIL) ? { times: HOT_TIMES, than: MTAIL } : { value: 0 };
  yield resultOf(of('lost'), quantile(1), { ...about('lost'), goal: lost });
  yield resultOf(of('again'), quantile(1), { ...about('counted-again'), goal: { value: 0 } });
  const times = new Map([[OURS, [suspected]]]);
  yield resultOf(times, quantile(1), { ...about('suspected'), unit: 'times' });
}

async function outcomesOf(rotations: readonly Rotation[], setting: Setting): Promise<Map<Rotation, Outcome>> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder('loss'));
  for (const rotation of rotations) await makeLog(path, rotation);
  const glob = join(path, '*.log');
  const tails = new Map<string, RunningTail>([[OURS, stack.use(await startOurs(glob, NUMBERED))]]);
  if (await hasMtail()) tails.set(MTAIL, stack.use(await startMtail(glob, NUMBERED)));
  const writing = rotations.map(async (rotation) => {
    const writer = stack.use(
      startWriter<WriterSays>('rotating-writer', [logOf(path, rotation), rotation, JSON.stringify(setting)]),
    );
    return [rotation, await writer.until(({ written }) => written)] as const;
  });
  const written = await Promise.all(writing);
  const pages = new Map<string, string>();
  await Promise.all([...tails].map(async ([who, tail]) => pages.set(who, await settledPage(tail, setting))));
  const ours = pages.get(OURS) ?? '';
  return new Map(
    written.map(([rotation, lines]) => {
      const counted = [...pages].map(
        ([who, page]) => [who, countedOf(readSeries(page, NUMBERED), rotation, lines)] as const,
      );
      return [
        rotation,
        { written: lines, counted: new Map(counted), suspected: suspectedOf(ours, logOf(path, rotation)) },
      ];
    }),
  );
}

const logOf = (folder: string, rotation: Rotation): string => join(folder, `${rotation}.log`);

/** Is there before anybody looks: a log that appears would be another case. */
async function makeLog(folder: string, rotation: Rotation): Promise<void> {
  const log = logOf(folder, rotation);
  if (rotation !== 'symlink') return writeFile(log, '');
  await writeFile(`${log}.0`, '');
  await symlink(`${log}.0`, log);
}

/** A scrape when no counter has changed for a while. */
async function settledPage({ scrape }: RunningTail, { settledMs }: Setting): Promise<string> {
  let last = '';
  let since = performance.now();
  for (;;) {
    const page = await scrape();
    const seen = JSON.stringify([...readSeries(page, NUMBERED)]);
    if (seen !== last) since = performance.now();
    else if (performance.now() - since >= settledMs) return page;
    last = seen;
    await pause(SCRAPE_EVERY_MS);
  }
}

const SCRAPE_EVERY_MS = 100;

function suspectedOf(page: string, path: string): number {
  const line = page
    .split('\n')
    .find((one) => one.startsWith('file_tail_suspected_lost_total{') && one.includes(`path="${path}"`));
  if (line === undefined) throw new Error(`ours: file_tail_suspected_lost_total has no series for ${path}.`);
  return Number(line.slice(line.lastIndexOf(' ')));
}
