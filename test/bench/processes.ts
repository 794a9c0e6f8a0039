// What processes use, from Linux' /proc (proc(5)).
import { existsSync, globSync, readFileSync } from 'node:fs';

const KIB_PER_MIB = 1024;

/** Without it nothing here can be asked, and the cases that would are left out. */
export const hasProc = existsSync('/proc/self/smaps_rollup');

export interface Memory {
  /** Resident, each page shared with n processes counted as 1/n of it. */
  readonly pssMiB: number;
  readonly anonymousMiB: number;
}

/** As the cases are named. */
export const MEMORY_FIELDS = [
  ['memory/pss', 'pssMiB'],
  ['memory/anonymous', 'anonymousMiB'],
] as const;

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / KIB_PER_MIB;
  return { pssMiB: field('Pss'), anonymousMiB: field('Anonymous') };
}

/** The most that a process has been resident with; 0 if it has ended. */
export function peakMemoryMiB(pid: number): number {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
  return Number(peak ?? 0) / KIB_PER_MIB;
}

/** The process and all that it started, and they in turn. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const file of globSync('/proc/[0-9]*/stat')) {
    const stat = readIfThere(file);
    // The second field is the program's name in parentheses and may hold anything; the parent is the fourth.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(Number(file.split('/')[2]), parent);
  }
  const below = (pid: number): number[] => [
    pid,
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ];
  return below(root);
}

/** Processes end while they are listed. */
function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/** Time on a processor, all threads that still live taken together. */
export function cpuMilliseconds(pids: readonly number[]): number {
  const threads = pids.flatMap((pid) => globSync(`/proc/${pid}/task/*/schedstat`));
  return threads.reduce((sum, file) => sum + onProcessor(file), 0);
}

/** Time on a processor of the thread that runs JavaScript: nothing else of the process can hold up its event loop. */
export function mainThreadMilliseconds(pid: number): number {
  return onProcessor(`/proc/${pid}/task/${pid}/schedstat`);
}

const onProcessor = (schedstat: string): number => Number(readIfThere(schedstat).split(' ')[0]) / 1e6;
