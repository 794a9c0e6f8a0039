// Appends numbered lines to a log and rotates it, in a process of its own that does not care who reads:
// `node rotating-writer.js FILE ROTATION SETTINGS`.
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { numberedLine } from './numbered.ts';
import type { Rotation, RotationSettings, WriterSays } from './rotations.ts';

const TICK_MS = 5;
/** By which a log that is filled again becomes longer than it was. */
const MORE_LINES = 100;

class RotatingWriter {
  readonly #path: string;
  readonly #rotation: Rotation;
  readonly #settings: RotationSettings;
  #descriptor: number;
  written = 0;
  /** In the present file. */
  #lines = 0;
  #generation = 0;

  constructor(path: string, rotation: Rotation, settings: RotationSettings) {
    this.#path = path;
    this.#rotation = rotation;
    this.#settings = settings;
    this.#descriptor = openSync(path, 'a');
  }

  async run(): Promise<void> {
    await this.#writeFor(this.#settings.writeMs);
    while (this.#generation < this.#settings.rotations) {
      this.#generation++;
      await this.#rotate();
    }
    closeSync(this.#descriptor);
  }

  async #rotate(): Promise<void> {
    const { writeMs, heldMs, quietMs } = this.#settings;
    switch (this.#rotation) {
      case 'rename-held': {
        renameSync(this.#path, `${this.#path}.${this.#generation}`);
        const next = openSync(this.#path, 'a');
        await this.#writeFor(heldMs);
        this.#continueIn(next);
        break;
      }
      case 'unlink':
        unlinkSync(this.#path);
        this.#continueIn(openSync(this.#path, 'a'));
        break;
      case 'symlink': {
        const target = `${this.#path}.${this.#generation}`;
        const next = openSync(target, 'a');
        symlinkSync(target, `${this.#path}.new`);
        renameSync(`${this.#path}.new`, this.#path);
        this.#continueIn(next);
        break;
      }
      case 'copytruncate-quiet':
        await pause(quietMs);
        this.#copyAndTruncate();
        break;
      case 'copytruncate-hot':
        this.#copyAndTruncate();
        break;
      case 'truncate-refill': {
        await pause(quietMs);
        const lines = this.#lines;
        this.#truncate();
        // At once, and further than a reader can have come.
        this.#write(lines + MORE_LINES);
        return this.#writeFor(writeMs / 10);
      }
      case 'same-size': {
        await pause(quietMs);
        const lines = this.#lines;
        this.#truncate();
        return this.#write(lines);
      }
    }
    await this.#writeFor(writeMs);
  }

  #copyAndTruncate(): void {
    copyFileSync(this.#path, `${this.#path}.${this.#generation}`);
    this.#truncate();
  }

  #truncate(): void {
    ftruncateSync(this.#descriptor);
    this.#lines = 0;
  }

  #continueIn(descriptor: number): void {
    closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#lines = 0;
  }

  async #writeFor(milliseconds: number): Promise<void> {
    const start = performance.now();
    const before = this.written;
    for (let elapsed = 0; elapsed < milliseconds; ) {
      await pause(TICK_MS);
      elapsed = performance.now() - start;
      const due = Math.floor((Math.min(elapsed, milliseconds) / 1000) * this.#settings.perSecond);
      this.#write(due - (this.written - before));
    }
  }

  #write(count: number): void {
    let batch = '';
    for (let i = 0; i < count; i++) batch += numberedLine(this.#rotation, this.written++);
    this.#lines += count;
    writeSync(this.#descriptor, batch);
  }
}

const [, , path = '', rotation, settings = ''] = process.argv;
const writer = new RotatingWriter(path, rotation as Rotation, JSON.parse(settings));
await writer.run();
process.send?.({ written: writer.written } satisfies WriterSays);
process.on('disconnect', () => process.exit());
