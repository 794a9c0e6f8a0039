import {
  type BenchOptions,
  compare,
  median,
  numbersOf,
  OURS,
  type Peer,
  type Result,
  resultOf,
  unprepared,
} from './harness.ts';
import { hasProc, MEMORY_FIELDS, type Memory, memoryOf } from './processes.ts';
import { type Opened, type Place, type Started, startHost, startNode } from './started-host.ts';

/** Hosts that live at one time. */
const CROWDS = [1, 5, 20];
/** So many tell enough in one round. */
const MANY = 20;

interface Crowd {
  readonly startMs: number;
  readonly memory: readonly Memory[];
}

/**
 * Hosts of the built-in plugins, in turn, one collected resource each, that start at the same time: against
 * hosts of a plugin of one gauge, and against idle Node.js.
 */
export async function* crowds(
  place: Place,
  plugins: readonly Opened[],
  { quick }: BenchOptions,
): AsyncGenerator<Result> {
  const contestants: Peer<number, Crowd>[] = [
    unprepared(OURS, (count) => crowdOf(count, (index) => startUsed(place, plugins[index % plugins.length]))),
    unprepared('one gauge', (count) => crowdOf(count, () => startUsed(place))),
    unprepared('node', (count) => crowdOf(count, startNode)),
  ];
  for (const count of quick ? [1] : CROWDS) {
    const measured = await compare(count, contestants, { warmUp: 0, rounds: quick || count >= MANY ? 1 : 3 });
    const crowd = count === 1 ? '1-host' : `${count}-hosts`;
    const about = (name: string, unit: string) => ({ bench: 'hosts', case: `${crowd}/${name}`, unit });
    const started = numbersOf(measured, ({ startMs }) => startMs);
    yield resultOf(started, median, about('first-results', 'ms'));
    if (!hasProc) continue;
    for (const [name, field] of MEMORY_FIELDS) {
      const each = numbersOf(measured, ({ memory }) => memory.map((one) => one[field]));
      yield resultOf(each, median, about(name, 'MiB/host'));
    }
  }
}

async function startUsed(place: Place, opened: Opened = {}): Promise<Started> {
  const host = await startHost(place);
  await host.open(opened);
  return host;
}

async function crowdOf(count: number, start: (index: number) => Promise<Started>): Promise<Crowd> {
  await using stack = new AsyncDisposableStack();
  const begin = performance.now();
  const all = await Promise.allSettled(Array.from({ length: count }, (_, index) => start(index)));
  const startMs = performance.now() - begin;
  const started = all.flatMap((each) => (each.status === 'fulfilled' ? [stack.use(each.value)] : []));
  for (const each of all) if (each.status === 'rejected') throw each.reason;
  return { startMs, memory: hasProc ? started.map(({ pid }) => memoryOf(pid)) : [] };
}
