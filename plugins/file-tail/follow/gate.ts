import { systemClock } from '@dynamic-informer/sdk';

/** How long one call of a file system is waited for before everything else goes on without it. */
export const PATIENCE_MS = 100;
/** A file system that has not answered one call for so long is said to hang. */
export const HANGING_MS = 1000;

/** A process that did not run for a while has not waited meanwhile: the answer may be there, and was only not fetched. */
const LONGEST_STEP_MS = 250;

let waited = 0;
let steppedAt = 0;

/** How long this process has been running, and able to take in an answer, in milliseconds. */
function runningMs(): number {
  const now = systemClock.monotonic();
  waited += Math.min(LONGEST_STEP_MS, now - steppedAt);
  steppedAt = now;
  return waited;
}

/** What somebody asks a file system for, one call after the other. */
export class Activity {
  /** What the last call was about. */
  path = '';
  /** The device that it was made to, or waits for. */
  device: string | undefined;
  /** On the clock of `runningMs`. */
  since = 0;

  /** Says that a call begins, which is also that the one before was answered. */
  begin(path: string): void {
    this.path = path;
    this.since = runningMs();
  }
}

interface Gate {
  holder: Activity;
  readonly waiting: { readonly activity: Activity; readonly enter: () => void }[];
}

/**
 * One for the whole process, as the threads that a call can block are the process's: resources that read the same file
 * system which hangs must block one of them together, not one each.
 */
const gates = new Map<string, Gate>();

/** Does work on a device while nobody else does; in its turn, if somebody does. */
export async function throughGate<T>(device: string, activity: Activity, work: () => Promise<T>): Promise<T> {
  const gate = gates.get(device);
  activity.device = device;
  if (gate === undefined) gates.set(device, { holder: activity, waiting: [] });
  else await new Promise<void>((enter) => gate.waiting.push({ activity, enter }));
  activity.begin(activity.path);
  try {
    return await work();
  } finally {
    activity.device = undefined;
    leave(device);
  }
}

function leave(device: string): void {
  const gate = gates.get(device);
  const next = gate?.waiting.shift();
  if (gate === undefined || next === undefined) {
    gates.delete(device);
    return;
  }
  gate.holder = next.activity;
  next.activity.begin(next.activity.path);
  next.enter();
}

/** The call to a device that has not been answered for this long, whoever made it. */
export function unanswered(device: string | undefined, ms: number): Activity | undefined {
  const holder = device === undefined ? undefined : gates.get(device)?.holder;
  return holder !== undefined && runningMs() - holder.since >= ms ? holder : undefined;
}
