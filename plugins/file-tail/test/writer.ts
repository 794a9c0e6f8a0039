import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/**
 * Writes numbered lines and rotates its file, in a process of its own: `node writer.ts FILE MODE LINES GENERATION`.
 * The parent sends how many lines it has counted; a rotation waits until the file that it replaces was
 * seen, and one that destroys lines until they were counted: no reader can do without that.
 */
export type Mode =
  | 'append'
  | 'rename'
  | 'rename-and-hold'
  | 'unlink'
  | 'symlink'
  | 'copytruncate'
  | 'truncate-and-refill';

const [, , path = '', mode = 'append', total = '0', generation = '1000'] = process.argv;
const lines = Number(total);
const perGeneration = Number(generation);
const BATCH = 50;
const EVERY_MS = 10;

let counted = 0;
let written = 0;
let generations = 0;
let firstOfGeneration = 0;
let descriptor = openFirst();
/** Lines that still go to the old descriptor after a rotation. */
let held: { descriptor: number; left: number } | undefined;

process.on('message', (count: number) => {
  counted = count;
});
process.on('disconnect', () => process.exit());

function openFirst(): number {
  if (mode !== 'symlink') return openSync(path, 'a');
  symlinkSync(`${path}.data.0`, path);
  return openSync(`${path}.data.0`, 'a');
}

function writeLines(count: number): void {
  for (let i = 0; i < count && written < lines; i++) {
    written++;
    const line = `line ${String(written).padStart(8, '0')} of a log with ünïcode\n`;
    if (held) {
      writeSync(held.descriptor, line);
      if (--held.left === 0) {
        closeSync(held.descriptor);
        held = undefined;
      }
    } else writeSync(descriptor, line);
  }
}

function reopened(change: () => void, target = path): void {
  change();
  const old = descriptor;
  descriptor = openSync(target, 'a');
  if (mode === 'rename-and-hold') held = { descriptor: old, left: 300 };
  else closeSync(old);
}

function rotate(): void {
  generations++;
  switch (mode as Mode) {
    case 'rename':
    case 'rename-and-hold':
      reopened(() => renameSync(path, `${path}.${generations}`));
      break;
    case 'unlink':
      reopened(() => unlinkSync(path));
      break;
    case 'symlink':
      reopened(() => {
        const target = `${path}.data.${generations}`;
        appendFileSync(target, '');
        symlinkSync(target, `${path}.new`);
        renameSync(`${path}.new`, path);
      }, `${path}.data.${generations}`);
      break;
    case 'copytruncate':
      copyFileSync(path, `${path}.${generations}`);
      ftruncateSync(descriptor);
      break;
    case 'truncate-and-refill': {
      ftruncateSync(descriptor);
      const before = written - firstOfGeneration;
      firstOfGeneration = written;
      writeLines(before * 2);
      return;
    }
    case 'append':
      break;
  }
  firstOfGeneration = written;
}

function destroys(): boolean {
  return mode === 'copytruncate' || mode === 'truncate-and-refill';
}

function turn(): void {
  const full = written - firstOfGeneration >= perGeneration && held === undefined && mode !== 'append';
  if (full && counted === written) rotate();
  else if (full && !destroys() && counted > firstOfGeneration) rotate();
  else if (!full || !destroys()) writeLines(BATCH);
  // The last lines may all have gone to a held descriptor: then there is none left that would let go of it.
  if (written < lines) {
    setTimeout(turn, EVERY_MS);
    return;
  }
  process.send?.({ written, generations });
}

turn();
