import { appendFile, open, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '@dynamic-informer/sdk';
import type { auditEntry } from '../api/operations.ts';
import type { Shown } from '../api/shown.ts';
import { makeFolder } from './replace-file.ts';

/** Who did what to the running agent, when, why, and what came of it. */
export type AuditEntry = Shown<typeof auditEntry>;
export type AuditedAction = AuditEntry['action'];

/** The file that is written to is put aside at this size; one such is kept. */
const MAX_BYTES = 1024 * 1024;
/** So much of its end is read when the agent starts. */
const TAIL_BYTES = 64 * 1024;
const KEPT = 200;

/** `audit.log` in the state folder, a JSON line an entry, and the last entries in memory. */
export class Audit {
  readonly #log: Logger;
  readonly #told: (entry: AuditEntry) => void;
  #entries: AuditEntry[] = [];
  #file: string | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isFailing = false;

  /** `told` is called with every entry that is added. */
  constructor(log: Logger, told: (entry: AuditEntry) => void = () => undefined) {
    this.#log = log;
    this.#told = told;
  }

  /** Newest first. */
  latest(limit: number): AuditEntry[] {
    return this.#entries.slice(-limit).reverse();
  }

  /** Goes on in that folder's file. */
  async use(folder: string): Promise<void> {
    const file = join(folder, 'audit.log');
    if (file === this.#file) return;
    const isFirst = this.#file === undefined;
    this.#file = file;
    if (isFirst) this.#entries = [...(await readTail(file)), ...this.#entries].slice(-KEPT);
  }

  add(entry: AuditEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > KEPT) this.#entries.shift();
    const { at: _at, ...fields } = entry;
    this.#log.info('audit', fields);
    this.#told(entry);
    this.#writing = this.#writing.then(() => this.#append(entry));
  }

  /** Resolves when every entry is in the file, or can't be. */
  async stop(): Promise<void> {
    await this.#writing;
  }

  async #append(entry: AuditEntry): Promise<void> {
    if (this.#file === undefined) return;
    try {
      await makeFolder(dirname(this.#file));
      const size = (await stat(this.#file).catch(() => undefined))?.size ?? 0;
      if (size >= MAX_BYTES) await rename(this.#file, `${this.#file}.1`);
      // A write that failed may have left half a line.
      await appendFile(this.#file, `${this.#isFailing ? '\n' : ''}${JSON.stringify(entry)}\n`, {
        mode: 0o600,
      });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        const fix = 'make room or let the agent write there; this log has the entries, too';
        this.#log.error('audit not kept', {
          code: 'CONFIG_STATE_UNSAVED',
          error: (error as Error).message,
          fix,
        });
      }
      this.#isFailing = true;
    }
  }
}

/** The last entries; lines that are none, such as half of one, are left out. */
async function readTail(path: string): Promise<AuditEntry[]> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, bytesRead).split('\n').flatMap(parsed);
  } catch {
    // There is none yet, or it can't be read: writing to it says why.
    return [];
  }
}

function parsed(line: string): AuditEntry[] {
  try {
    const entry = JSON.parse(line) as AuditEntry;
    return Number.isFinite(entry.at) && typeof entry.action === 'string' && typeof entry.by === 'string'
      ? [entry]
      : [];
  } catch {
    return [];
  }
}
