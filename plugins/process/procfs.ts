import { closeSync, openSync, readSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { targetError } from '@dynamic-informer/sdk';

/** procfs counts in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

/** A process as its `stat` file shows it. */
export interface Proc {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** The kernel's letter: R, S, D, Z, … */
  readonly state: string;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly threads: number;
  /** Ticks since the host booted; with the id it names a process for good. */
  readonly startTicks: number;
}

/** Which process it is, for ever: ids are used again. */
export const identityOf = ({ pid, startTicks }: Proc): string => `${pid}:${startTicks}`;

export const startSeconds = ({ startTicks }: Proc, bootTime: number): number =>
  bootTime + startTicks / TICKS_PER_SECOND;

/** Below one page, so that the kernel hands it over in one read. */
const STAT_BYTES = 4096;

/** Reads processes from a procfs. */
export class Procfs {
  readonly #folder: string;
  readonly #buffer = Buffer.allocUnsafe(STAT_BYTES);

  constructor(folder: string) {
    this.#folder = folder;
  }

  async pids(): Promise<number[]> {
    return (await readdir(this.#folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  }

  /** When the host booted, in seconds since 1970. @throws a target error when this is no procfs */
  async bootTime(): Promise<number> {
    const path = join(this.#folder, 'stat');
    try {
      return Number(/^btime (\d+)$/m.exec(await readFile(path, 'latin1'))?.[1]);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw targetError(`${path} can not be read: ${code ?? message}.`, {
        fix: 'Point "procfs" to where it is mounted.',
        cause,
      });
    }
  }

  /**
   * Undefined when it has ended. Synchronous, for the kernel answers from memory in microseconds: through the
   * thread pool a thousand processes would take ten times as long.
   */
  stat(pid: number): Proc | undefined {
    let file: number | undefined;
    try {
      file = openSync(`${this.#folder}/${pid}/stat`, 'r');
      return parseStat(this.#buffer.toString('latin1', 0, readSync(file, this.#buffer, 0, STAT_BYTES, 0)));
    } catch (error) {
      if (hasEnded(error)) return undefined;
      throw error;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** Arguments joined by blanks, or the name in brackets; undefined when it has ended. */
  async commandLine({ pid, name }: Proc, signal: AbortSignal): Promise<string | undefined> {
    const text = await this.#read(pid, 'cmdline', signal);
    if (text === undefined) return undefined;
    return text.replaceAll('\0', ' ').trim() || `[${name}]`;
  }

  /** Bytes by memtype; undefined when it has ended or is a kernel thread or zombie, which have none. */
  async memory(pid: number, signal: AbortSignal): Promise<Record<Memtype, number> | undefined> {
    const text = await this.#read(pid, 'status', signal);
    const bytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1]) * 1024;
    const resident = bytes('VmRSS');
    if (Number.isNaN(resident)) return undefined;
    return { resident, virtual: bytes('VmSize'), swapped: bytes('VmSwap') || 0 };
  }

  /** How many files it has open; `denied` when we may not know, undefined when it has ended. */
  async openFiles(pid: number): Promise<number | 'denied' | undefined> {
    try {
      return (await readdir(`${this.#folder}/${pid}/fd`)).length;
    } catch (error) {
      if (hasEnded(error)) return undefined;
      if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return 'denied';
      throw error;
    }
  }

  async #read(pid: number, file: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await readFile(`${this.#folder}/${pid}/${file}`, { encoding: 'utf8', signal });
    } catch (error) {
      if (hasEnded(error)) return undefined;
      throw error;
    }
  }
}

export const MEMTYPES = ['resident', 'virtual', 'swapped'] as const;
export type Memtype = (typeof MEMTYPES)[number];

/** `ESRCH` comes from reading a file that was opened while the process lived. */
const hasEnded = (error: unknown) =>
  ['ENOENT', 'ESRCH', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

/** The name is in parentheses and may itself hold blanks and parentheses. */
export function parseStat(text: string): Proc | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  // Counted as proc(5) does, the first of these is field 3.
  const fields = text.slice(close + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number.parseInt(text, 10),
    name: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parent: field(4),
    userSeconds: field(14) / TICKS_PER_SECOND,
    systemSeconds: field(15) / TICKS_PER_SECOND,
    threads: field(20),
    startTicks: field(22),
  };
}
