import { readFile } from 'node:fs/promises';

/** Clock ticks a second and bytes a page, as Linux has them on every machine that Node.js runs on but a few. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** What a process has used, from /proc/PID/stat (proc(5)); `undefined` where there is none. */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime, rss] = [fields[11], fields[12], fields[21]].map(Number) as [number, number, number];
  return { cpuSeconds: (utime + stime) / TICKS_PER_SECOND, residentBytes: rss * PAGE_BYTES };
}
