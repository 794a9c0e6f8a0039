import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Does the process run? One that has ended and that nobody has asked for yet does not. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** A signal to process 0 would go to the test's own: what is not there must not become a number. */
export function known(pid: number | undefined): number {
  if (pid === undefined || pid <= 1) throw new Error(`There is no such process: ${pid}.`);
  return pid;
}

/** The processes whose parent this is. */
export function childrenOf(pid: number): number[] {
  return allProcesses().filter((id) => statOf(id)?.[1] === String(pid));
}

/** Of proc(5)'s `status`, a line's values. */
export function statusOf(pid: number, field: string): string[] {
  const line = new RegExp(`^${field}:(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return line?.[1]?.trim().split(/\s+/) ?? [];
}

/** As `ps` shows it as NI. */
export const niceOf = (pid: number): number => Number(statOf(pid)?.[16]);

/** Of the process' session, where the kernel shares the CPU between sessions; `undefined` elsewhere. */
export function sessionNiceOf(pid: number): number | undefined {
  try {
    return Number(/nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** The pipes and sockets that a process holds, each by the name that is its own on this machine. */
export function channelsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`);
    } catch {
      // It was closed meanwhile.
      return '';
    }
  });
  return links.filter((link) => /^(socket|pipe):/.test(link));
}

/** The fields of proc(5)'s `stat` from the third one on. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

const allProcesses = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
