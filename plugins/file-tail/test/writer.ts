import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';

/**
 * Writes 5,000 numbered lines a second and rotates its file by its own clock, whatever its reader does, in a process
 * of its own: `node writer.ts FILE MODE LINES GENERATION`. What no reader could make good is left out, as far as the
 * file's access time tells, so that a busy machine does not matter: `unlink` waits until somebody has the file open,
 * `truncate-and-refill` is quiet before it destroys lines until they were read, and `truncate-hot`, which never pauses,
 * until somebody has read on in the second half.
 */
export type Mode =
  | 'append'
  | 'rename'
  | 'rename-and-hold'
  | 'rename-twice'
  | 'rename-and-compress'
  | 'unlink'
  | 'symlink'
  | 'copytruncate'
  | 'truncate-and-refill'
  | 'truncate-hot';

const [, , path = '', mode = 'append', total = '0', generation = '1000'] = process.argv;
const lines = Number(total);
const perGeneration = Number(generation);
const BATCH = 50;
const EVERY_MS = 10;
/** So many lines fit into one read: that somebody has read then means that all of them were. */
const MAX_GENERATION = 1150;
/** How long the writer is quiet before it destroys lines, once they were read. */
const QUIET_MS = 150;
/** How long a file stays where the file system keeps no access times. */
const BLIND_MS = 1500;
/** A file that changed is read within this time, even on a busy machine, or something went wrong with the seeing. */
const READ_WITHIN_MS = 3000;

let written = 0;
let generations = 0;
let descriptor = openFirst();
/** Lines that still go to the old descriptor after a rotation. */
let held: { descriptor: number; left: number } | undefined;
let firstOfGeneration = 0;
let quietUntil = 0;
/** When the first line and the one in the middle of the longest generation were written, in ns since 1970. */
let firstNs = 0n;
let halfNs = 0n;
/** When somebody read this file, in ns since 1970; 0 if that has not been seen. */
let seenNs = 0n;

const WAITS: readonly string[] = ['unlink', 'truncate-and-refill', 'truncate-hot'] satisfies Mode[];
const seesReads = WAITS.includes(mode) && (await keepsAccessTimes());

process.on('disconnect', () => process.exit());

function openFirst(): number {
  if (mode !== 'symlink') return openSync(path, 'a+');
  symlinkSync(`${path}.0`, path);
  return openSync(`${path}.0`, 'a+');
}

function writeLines(count: number): void {
  const texts: string[] = [];
  for (let i = 0; i < count && written < lines; i++) {
    written++;
    texts.push(`line ${String(written).padStart(8, '0')} of ${mode} with ünïcode\n`);
  }
  const bytes = Buffer.from(texts.join(''));
  const cut = bytes.length >> 1;
  for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)])
    writeSync(held?.descriptor ?? descriptor, part);
  if (held === undefined) return;
  held.left -= count;
  if (held.left > 0) return;
  closeSync(held.descriptor);
  held = undefined;
}

function reopened(change: () => void, target = path): void {
  change();
  const old = descriptor;
  descriptor = openSync(target, 'a+');
  if (mode === 'rename-and-hold') held = { descriptor: old, left: 300 };
  else closeSync(old);
}

function rename(): void {
  generations++;
  reopened(() => renameSync(path, `${path}.${generations}`));
}

const ROTATIONS: Record<Mode, () => void> = {
  append: () => {},
  rename,
  'rename-and-hold': rename,
  'rename-twice': () => {
    rename();
    writeLines(BATCH);
    rename();
  },
  'rename-and-compress': () => {
    rename();
    compress(`${path}.${generations}`);
  },
  unlink: () => {
    generations++;
    reopened(() => unlinkSync(path));
  },
  symlink: () => {
    generations++;
    const target = `${path}.${generations}`;
    reopened(() => {
      appendFileSync(target, '');
      symlinkSync(target, `${path}.new`);
      renameSync(`${path}.new`, path);
    }, target);
  },
  copytruncate: () => {
    generations++;
    copyFileSync(path, `${path}.${generations}`);
    ftruncateSync(descriptor);
  },
  'truncate-and-refill': () => {
    generations++;
    const before = written - firstOfGeneration;
    ftruncateSync(descriptor);
    writeLines(before < MAX_GENERATION ? before + BATCH : BATCH);
  },
  'truncate-hot': () => {
    generations++;
    ftruncateSync(descriptor);
  },
};

function compress(file: string): void {
  const content = Buffer.alloc(statSync(file).size);
  const source = openSync(file, 'r');
  readSync(source, content, 0, content.length, 0);
  closeSync(source);
  appendFileSync(`${file}.gz`, gzipSync(content));
  unlinkSync(file);
}

async function keepsAccessTimes(): Promise<boolean> {
  const probe = openSync(`${path}.probe`, 'w+');
  writeSync(probe, 'x');
  await new Promise((resolve) => setTimeout(resolve, 20));
  readSync(probe, Buffer.alloc(1), 0, 1, 0);
  const { atimeNs, mtimeNs } = fstatSync(probe, { bigint: true });
  closeSync(probe);
  unlinkSync(`${path}.probe`);
  return atimeNs > mtimeNs;
}

/**
 * The first read behind a change moves the access time. Two are waited for before lines are destroyed: one may only
 * find that those before were.
 */
function mayRotate(): boolean {
  if (!WAITS.includes(mode)) return true;
  const { atimeNs, mtimeNs } = fstatSync(descriptor, { bigint: true });
  if (!seesReads) return Date.now() - Number(firstNs / 1_000_000n) > BLIND_MS;
  if (mode === 'unlink') return atimeNs > firstNs;
  if (seenNs === 0n) {
    if (atimeNs > firstNs) seenNs = atimeNs;
    // What is full is not read again, unless it changes.
    if (seenNs > 0n || Date.now() - Number(mtimeNs / 1_000_000n) > READ_WITHIN_MS) writeLines(1);
    return false;
  }
  if (mode === 'truncate-hot') return atimeNs > seenNs && atimeNs > halfNs;
  if (atimeNs > mtimeNs && atimeNs > seenNs) {
    if (quietUntil === 0) quietUntil = Date.now() + QUIET_MS;
    return Date.now() >= quietUntil;
  }
  // A read within the clock's tick of the last write does not show.
  if (Date.now() - Number(mtimeNs / 1_000_000n) > READ_WITHIN_MS) writeLines(1);
  quietUntil = 0;
  return false;
}

function turn(): void {
  const inGeneration = written - firstOfGeneration;
  const full = mode !== 'append' && held === undefined && inGeneration >= perGeneration;
  if (full && mayRotate()) {
    const before = written;
    ROTATIONS[mode as Mode]();
    firstOfGeneration = mode === 'truncate-and-refill' ? before : written;
    firstNs = fstatSync(descriptor, { bigint: true }).mtimeNs;
    quietUntil = 0;
    seenNs = 0n;
  } else if (!full || (mode === 'truncate-hot' && inGeneration < MAX_GENERATION)) {
    writeLines(BATCH);
    const { mtimeNs } = fstatSync(descriptor, { bigint: true });
    if (inGeneration === 0) firstNs = mtimeNs;
    if (inGeneration <= (MAX_GENERATION + BATCH) / 2) halfNs = mtimeNs;
  }
  if (written < lines) setTimeout(turn, EVERY_MS);
  else process.send?.({ written, generations });
}

turn();
