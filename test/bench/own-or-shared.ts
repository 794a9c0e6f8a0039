import {
  type BenchOptions,
  compare,
  median,
  millisecondsOf,
  numbersOf,
  OURS,
  type Result,
  resultOf,
  unprepared,
} from './harness.ts';
import { hasProc, MEMORY_FIELDS, type Memory, memoryOf } from './processes.ts';
import { type Opened, type Place, type StartedHost, startHost } from './started-host.ts';

interface Case extends Pick<Place, 'folder'> {
  readonly opened: Opened;
  /** What is in the shared host already. */
  readonly others: readonly Opened[];
}

interface Cost {
  /** Until its first result. */
  readonly milliseconds: number;
  /** What all hosts use more. */
  readonly memory: Memory;
}

/** What one more built-in plugin costs in a host that runs others already, and in a host of its own. */
export async function* ownOrShared(
  { folder }: Place,
  plugins: readonly Opened[],
  { quick }: BenchOptions,
): AsyncGenerator<Result> {
  for (const opened of plugins) {
    const given = { folder, opened, others: plugins.filter((other) => other !== opened) };
    const measured = await compare(given, [SHARED, OWN], { warmUp: 0, rounds: quick ? 1 : 3 });
    const about = (name: string, unit: string) => ({
      bench: 'hosts',
      case: `${opened.plugin}/${name}`,
      unit,
    });
    const took = numbersOf(measured, ({ milliseconds }) => milliseconds);
    yield resultOf(took, median, about('first-result', 'ms'));
    if (!hasProc) continue;
    for (const [name, field] of MEMORY_FIELDS) {
      const grown = numbersOf(measured, ({ memory }) => memory[field]);
      yield resultOf(grown, median, about(name, 'MiB'));
    }
  }
}

const SHARED = unprepared(OURS, async ({ opened, others, ...place }: Case) => {
  await using host = await startHost(place);
  for (const other of others) await host.open(other);
  return await costOf([host], async () => {
    await host.open(opened);
    return [host];
  });
});

const OWN = unprepared('own', async ({ opened, others, ...place }: Case) => {
  await using stack = new AsyncDisposableStack();
  const shared = stack.use(await startHost(place));
  for (const other of others) await shared.open(other);
  return await costOf([shared], async () => {
    const own = stack.use(await startHost(place));
    await own.open(opened);
    return [shared, own];
  });
});

async function costOf(
  before: readonly StartedHost[],
  work: () => Promise<readonly StartedHost[]>,
): Promise<Cost> {
  const start = sumOf(before);
  let after: readonly StartedHost[] = [];
  const milliseconds = await millisecondsOf(async () => {
    after = await work();
  });
  const end = sumOf(after);
  const memory = {
    pssMiB: end.pssMiB - start.pssMiB,
    anonymousMiB: end.anonymousMiB - start.anonymousMiB,
  };
  return { milliseconds, memory };
}

function sumOf(hosts: readonly StartedHost[]): Memory {
  const sum = { pssMiB: 0, anonymousMiB: 0 };
  for (const { pid } of hasProc ? hosts : []) {
    const { pssMiB, anonymousMiB } = memoryOf(pid);
    sum.pssMiB += pssMiB;
    sum.anonymousMiB += anonymousMiB;
  }
  return sum;
}
