import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Who is not root may change the priority of one session at a time; the kernel then refuses for 100 ms. */
const AGAIN_MS = 200;
const ATTEMPTS = 50;

/**
 * Gives a host, which is a session of its own, a priority. Where the kernel shares the CPU between sessions
 * first (sched(7), "The autogroup feature"), that of a process counts within its session only.
 */
export async function setNice(pid: number, nice: number): Promise<void> {
  try {
    setPriority(pid, nice);
  } catch {
    // It ended already, which its exit event reports.
    return;
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      await writeFile(`/proc/${pid}/autogroup`, String(nice));
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') return;
      await delay(AGAIN_MS, undefined, { ref: false });
    }
  }
}
