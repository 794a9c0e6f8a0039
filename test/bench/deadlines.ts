import { join } from 'node:path';
import { outputOf } from '../support/run-program.ts';
import { MISDEEDS } from './bench-plugin.ts';
import {
  type BenchOptions,
  compare,
  median,
  millisecondsOf,
  OURS,
  type Result,
  resultOf,
  unprepared,
} from './harness.ts';
import { type Place, startHost } from './started-host.ts';

const TIMEOUT_MS = 200;

interface Case extends Pick<Place, 'folder'> {
  readonly misdeed: (typeof MISDEEDS)[number];
  readonly fifo: string;
}

/** From the deadline of a collect that never ends until its host is dead; 250 ms of it are the grace. */
export async function* deadlines({ folder }: Place, { quick }: BenchOptions): AsyncGenerator<Result> {
  const fifo = join(folder, 'fifo');
  await outputOf('mkfifo', [fifo]);
  for (const misdeed of MISDEEDS) {
    const rounds = quick ? { warmUp: 0, rounds: 1 } : { warmUp: 0, rounds: 5 };
    const measured = await compare({ folder, misdeed, fifo }, [HOST], rounds);
    const name = misdeed === 'spin' ? 'deadline-to-dead' : `deadline-to-dead/${misdeed}`;
    yield resultOf(measured, median, { bench: 'hosts', case: name, unit: 'ms' });
  }
}

const HOST = unprepared(OURS, async ({ misdeed, fifo, folder }: Case) => {
  await using host = await startHost({ folder });
  await host.open({ config: { misdeed, fifo } }, { collects: false });
  // It settles when the process is gone.
  const died = () => host.collect('bench', TIMEOUT_MS).then(neverEnds, () => undefined);
  return (await millisecondsOf(died)) - TIMEOUT_MS;
});

function neverEnds(): never {
  throw new Error('A collect that never ends came back.');
}
