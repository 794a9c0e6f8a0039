import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Usage } from '../contract.ts';

/** Clock ticks a second, as Linux has them on every machine that Node.js runs on. */
const TICKS_PER_SECOND = 100;

/** Large enough for any of the files that are read; the list of children may be cut, which costs those that are cut off. */
const buffer = Buffer.allocUnsafe(16 * 1024);

/** Can the usage of processes be read here? Only Linux has /proc. */
export const isUsageKnown = (proc = '/proc'): boolean => existsSync(`${proc}/self/status`);

/**
 * Reads what a process uses from /proc (proc(5)). Its files stay open, so that a read costs no look-up (some
 * tens of µs for all of them) and never tells of another process that got the same id. Reading waits for no lock
 * of the process.
 */
export class ProcessUsage {
  readonly #proc: string;
  readonly #files: readonly [stat: number, status: number, children: number | undefined];
  #isClosed = false;

  /** @throws when there is no such process, or no /proc */
  constructor(pid: number, proc = '/proc') {
    this.#proc = proc;
    const stat = openSync(`${proc}/${pid}/stat`, 'r');
    try {
      const status = openSync(`${proc}/${pid}/status`, 'r');
      this.#files = [stat, status, openIfThere(childrenOf(proc, pid))];
    } catch (error) {
      closeSync(stat);
      throw error;
    }
  }

  /** `undefined` once the process has ended or this is closed. */
  read(): Usage | undefined {
    if (this.#isClosed) return undefined;
    const [stat, status, children] = this.#files;
    try {
      const usage = parse(textOf(stat), textOf(status));
      if (usage.residentBytes === 0) return undefined;
      return children === undefined ? usage : this.#withDescendants(usage, textOf(children));
    } catch {
      // ESRCH: it is gone.
      return undefined;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const file of this.#files) if (file !== undefined) closeSync(file);
  }

  #withDescendants(usage: Usage, children: string): Usage {
    let sum = usage;
    for (const child of children.split(' ')) {
      if (child.trim() === '') continue;
      const files = [`${this.#proc}/${child}/stat`, `${this.#proc}/${child}/status`] as const;
      try {
        const own = parse(readFileSync(files[0], 'latin1'), readFileSync(files[1], 'latin1'));
        const more = this.#withDescendants(own, readFileSync(childrenOf(this.#proc, child), 'latin1'));
        sum = {
          cpuSeconds: sum.cpuSeconds + more.cpuSeconds,
          residentBytes: sum.residentBytes + more.residentBytes,
          privateBytes: sum.privateBytes + more.privateBytes,
          dataBytes: sum.dataBytes,
        };
      } catch {
        // It ended meanwhile.
      }
    }
    return sum;
  }
}

/** What a process uses, read once; `undefined` where that is not known. */
export function usageNow(pid: number): Usage | undefined {
  if (!isUsageKnown()) return undefined;
  const source = new ProcessUsage(pid);
  try {
    return source.read();
  } finally {
    source.close();
  }
}

/** Is it what a host says of itself? */
export function isUsage(value: unknown): value is Usage {
  const { cpuSeconds, residentBytes, privateBytes, dataBytes } = (value ?? {}) as Partial<Usage>;
  return [cpuSeconds, residentBytes, privateBytes, dataBytes].every(Number.isFinite);
}

/** What the main thread has started, as Node.js starts all children; not every kernel has the file. */
const childrenOf = (proc: string, pid: number | string): string => `${proc}/${pid}/task/${pid}/children`;

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

function textOf(file: number): string {
  return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.byteLength, 0));
}

/** A process that has ended and was not waited for has no memory any more, but has used its CPU time. */
function parse(stat: string, status: string): Usage {
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 15);
  const ticks = Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
  const part = (key: string) => kibibytes(status, key);
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    residentBytes: part('VmRSS:'),
    privateBytes: part('RssAnon:') + part('RssShmem:') + part('VmSwap:'),
    dataBytes: part('VmData:'),
  };
}

/** A line of /proc/PID/status such as `VmRSS:	   72296 kB`, in bytes; 0 if there is none. */
function kibibytes(status: string, key: string): number {
  const at = status.indexOf(`\n${key}`);
  if (at < 0) return 0;
  return Number.parseInt(status.slice(at + 1 + key.length, at + 40), 10) * 1024;
}
