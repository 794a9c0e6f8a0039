// Appends lines to a log in a process of its own: `node follow-writer.js FILE PER_SECOND`, until it is told to stop.
import { closeSync, openSync, writeSync } from 'node:fs';
import { LogWriter } from './log.ts';
import { FOLLOWED } from './patterns.ts';
import { Tally } from './tally.ts';

const TICK_MS = 10;
const SEED = 2;
/** No multiple of anything that a reader waits: the markers come at all moments of its turn. */
const MARK_EVERY_MS = 137;

/** What it tells its parent. */
export type WriterSays =
  | { readonly marker: number; readonly at: number }
  | { readonly expected: readonly (readonly [series: string, value: number])[] };

const [, , path = '', perSecond = '0'] = process.argv;
const descriptor = openSync(path, 'a');
const writer = new LogWriter(SEED);
const tally = new Tally(FOLLOWED);
const start = performance.now();
let lines = 0;
let marker = 0;

const timer = setInterval(() => {
  const elapsed = performance.now() - start;
  appendLines(Math.floor((elapsed / 1000) * Number(perSecond)) - lines);
  if (elapsed >= (marker + 1) * MARK_EVERY_MS) appendMarker();
}, TICK_MS);

function appendLines(count: number): void {
  let batch = '';
  for (let i = 0; i < count; i++) {
    const line = writer.next();
    tally.add(line);
    batch += `${line.text}\n`;
  }
  lines += count;
  writeSync(descriptor, batch);
}

function appendMarker(): void {
  marker++;
  const text = `marker ${marker}`;
  tally.add({ text, request: undefined, error: undefined, marker });
  // The clock that all processes share.
  const at = Number(process.hrtime.bigint()) / 1e6;
  writeSync(descriptor, `${text}\n`);
  say({ marker, at });
}

const say = (what: WriterSays): void => void process.send?.(what);

process.on('message', () => {
  clearInterval(timer);
  closeSync(descriptor);
  say({ expected: [...tally.series()] });
});
process.on('disconnect', () => process.exit());
