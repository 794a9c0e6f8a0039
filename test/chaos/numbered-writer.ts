import { closeSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';

/**
 * Writes numbered lines at about 5,000 a second, and rotates on its own clock, whatever its readers do:
 * `node numbered-writer.ts FILE ROTATE_MS KEEP`. SIGTERM ends it; then it prints how many lines it wrote. Each third
 * rotation goes on with the old descriptor for a while, as a service does that has not been told yet.
 */
const [, , file = '', rotateMs = '2000', keep = '5'] = process.argv;
const LINES = 50;
const EVERY_MS = 10;
const HELD_MS = 300;

let written = 0;
let rotations = 0;
let descriptor = openSync(file, 'a');
let held: { readonly descriptor: number; readonly until: number } | undefined;
let rotateAt = performance.now() + Number(rotateMs);

/** One write a batch, in pieces that do not end where lines do. */
function write(target: number): void {
  let text = '';
  for (let i = 0; i < LINES; i++) text += `line ${++written} of many\n`;
  const half = Math.floor(text.length / 2);
  writeSync(target, text.slice(0, half));
  writeSync(target, text.slice(half));
}

function rotate(): void {
  rotations++;
  renameSync(file, `${file}.${rotations}`);
  const old = rotations - Number(keep);
  if (old > 0) unlinkSync(`${file}.${old}`);
  const before = descriptor;
  descriptor = openSync(file, 'a');
  if (rotations % 3 === 0) held = { descriptor: before, until: performance.now() + HELD_MS };
  else closeSync(before);
}

function turn(): void {
  const now = performance.now();
  if (held && now >= held.until) {
    closeSync(held.descriptor);
    held = undefined;
  }
  if (!held && now >= rotateAt) {
    rotateAt = now + Number(rotateMs);
    rotate();
  }
  write(held?.descriptor ?? descriptor);
}

const timer = setInterval(turn, EVERY_MS);
process.on('SIGTERM', () => {
  clearInterval(timer);
  process.stdout.write(`${written}\n`);
});
process.stdout.write('writing\n');
