import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  type Bench,
  compare,
  median,
  OURS,
  type Peer,
  type Rounds,
  type Running,
  resultOf,
} from './harness.ts';
import type { Changed } from './mix-a.ts';
import { CLIENT_PACKAGES } from './registries.ts';
import type { Answer, Ask } from './registry-child.ts';

interface Case {
  readonly series: number;
  readonly changed: Changed;
}

const ENTRY = fileURLToPath(new URL('./registry-child.js', import.meta.url));

const SIZES: readonly ({ label: string; series: number } & Rounds)[] = [
  { label: '1k', series: 1_000, warmUp: 40, rounds: 41 },
  { label: '10k', series: 10_000, warmUp: 12, rounds: 21 },
  { label: '100k', series: 100_000, warmUp: 2, rounds: 7 },
];
const QUICK = [{ label: '100', series: 100, warmUp: 1, rounds: 2 }];

/** Writing a registry's text exposition, from the instruments to the bytes that are sent. */
export const exposition: Bench = {
  name: 'exposition',
  async *run({ quick }) {
    for (const { label, series, ...rounds } of quick ? QUICK : SIZES) {
      for (const changed of ['all', '10pct'] as const) {
        const measured = await compare({ series, changed }, CONTESTANTS, rounds);
        const about = { bench: 'exposition', case: `text/${label}/${changed}/A`, unit: 'ms' };
        yield resultOf(measured, median, about);
      }
    }
  },
};

const CONTESTANTS: readonly Peer<Case>[] = [OURS, ...CLIENT_PACKAGES].map((name) => ({
  name,
  // They are installed with the tests.
  available: () => true,
  run: ({ series, changed }) => startChild(name, series, changed),
}));

async function startChild(name: string, series: number, changed: Changed): Promise<Running> {
  const child = fork(ENTRY, [name, String(series), changed], { execArgv: ['--expose-gc'] });
  const exited = once(child, 'exit');
  let id = 0;
  const ask = async (what: Ask['do'], round: number): Promise<Answer['value']> => {
    child.send({ id: ++id, do: what, round } satisfies Ask);
    const [answer] = await Promise.race([once(child, 'message'), exited.then(ended)]);
    return (answer as Answer).value;
  };
  const ended = ([code, signal]: unknown[]): never => {
    throw new Error(`${name} with ${series} series ended by itself (${signal ?? `exit code ${code}`}).`);
  };
  return {
    round: async (number) => Number(await ask('round', number)),
    digest: async () => String(await ask('digest', 0)),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
