import { bias } from './bias.ts';
import { startBuiltIns } from './built-ins.ts';
import { crowds } from './crowds.ts';
import { deadlines } from './deadlines.ts';
import { grouping } from './grouping.ts';
import {
  type Bench,
  compare,
  median,
  millisecondsOf,
  numbersOf,
  OURS,
  type Peer,
  type Result,
  resultOf,
  unprepared,
} from './harness.ts';
import { healthyAgain } from './healthy-again.ts';
import { hungCollector } from './hung-collector.ts';
import { ownOrShared } from './own-or-shared.ts';
import { hasProc, MEMORY_FIELDS, memoryOf } from './processes.ts';
import { makePlace, type Place, startHost, startNode } from './started-host.ts';

/** Hosts that live at one time while memory is measured. */
const HOSTS = 4;
const SIZES = [
  ['100', 100],
  ['10k', 10_000],
] as const;

/** What it costs, and what it is good for, to keep plugins in processes of their own. */
export const hosts: Bench = {
  name: 'hosts',
  async *run(options) {
    const { quick } = options;
    await using place = await makePlace();
    const rounds = (count: number) => (quick ? { warmUp: 0, rounds: 1 } : { warmUp: 1, rounds: count });

    yield resultOf(await compare(place, [START_HOST, START_NODE], rounds(15)), median, about('start'));
    if (hasProc) yield* memoryCases(place, quick ? 1 : HOSTS);
    for (const [label, series] of quick ? [['100', 100] as const] : SIZES) {
      const measured = await compare({ ...place, series }, [COLLECT], {
        warmUp: quick ? 0 : 20,
        rounds: quick ? 1 : 60,
      });
      yield resultOf(measured, median, about(`collect/${label}`));
    }
    {
      await using builtIns = await startBuiltIns();
      yield* crowds(place, builtIns.plugins, options);
      yield* ownOrShared(place, builtIns.plugins, options);
    }
    yield* grouping(place, options);
    yield* bias(place, options);
    yield* deadlines(place, options);
    yield* healthyAgain(options);
    yield* hungCollector(options);
  },
};

const about = (name: string, unit = 'ms') => ({ bench: 'hosts', case: name, unit });

/** From the fork until the host can be asked. */
const START_HOST = unprepared(OURS, (place: Place) => timeOf(() => startHost(place)));
const START_NODE = unprepared('node', () => timeOf(startNode));

async function timeOf(start: () => Promise<AsyncDisposable>): Promise<number> {
  const begin = performance.now();
  await using _started = await start();
  return performance.now() - begin;
}

/** A collect's way to the host and back, gathering and encoding of mix A included. */
const COLLECT: Peer<Place & { series: number }> = {
  name: OURS,
  available: () => true,
  async run({ series, ...place }) {
    await using stack = new AsyncDisposableStack();
    const host = stack.use(await startHost(place));
    await host.open({ config: { series } });
    const fragments = await host.collect();
    const got = fragments.reduce((sum, fragment) => sum + fragment.series, 0);
    if (got <= series) throw new Error(`A collect of ${series} series gave ${got}.`);
    const owned = stack.move();
    return {
      round: () => millisecondsOf(() => host.collect()),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

/** Hosts with one opened and collected resource each, and as many idle Node.js. */
async function* memoryCases(place: Place, count: number): AsyncGenerator<Result> {
  await using stack = new AsyncDisposableStack();
  const ours: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i < count; i++) {
    const host = stack.use(await startHost(place));
    await host.open({});
    ours.push(host.pid);
    bare.push(stack.use(await startNode()).pid);
  }
  const memory = new Map([
    [OURS, ours.map(memoryOf)],
    ['node', bare.map(memoryOf)],
  ]);
  for (const [name, field] of MEMORY_FIELDS) {
    yield resultOf(
      numbersOf(memory, (each) => each[field]),
      median,
      about(name, 'MiB'),
    );
  }
}
