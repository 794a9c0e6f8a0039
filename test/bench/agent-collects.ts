import { inNode } from './contestants.ts';
import {
  type BenchOptions,
  compare,
  median,
  numbersOf,
  OURS,
  quantile,
  type Result,
  resultOf,
} from './harness.ts';

export interface CollectSetting {
  readonly series: number;
  /** What each collect changes. */
  readonly changed: 'all' | 'none';
  readonly everyMs: number;
  /** For how many of them is looked at a time. */
  readonly collects: number;
}

interface Measured {
  /** CPU of the main thread for each collect. */
  readonly milliseconds: number;
  /** The longest for which it was held in the whole window. */
  readonly holdMs: number;
}

/** What a collect costs the agent's main thread: the only one that all resources and scrapes share. */
export async function* agentCollects({ quick }: BenchOptions): AsyncGenerator<Result> {
  const contestant = inNode<CollectSetting>(OURS, 'collect');
  const peer = {
    name: OURS,
    available: () => true,
    async run(setting: CollectSetting) {
      const conversation = await contestant.start(setting);
      return {
        async round(): Promise<Measured> {
          const milliseconds = await conversation.ask({ do: 'round' });
          return { milliseconds, holdMs: await conversation.ask({ do: 'hold' }) };
        },
        [Symbol.asyncDispose]: () => conversation[Symbol.asyncDispose](),
      };
    },
  };
  for (const { name, ...setting } of quick ? QUICK_CASES : CASES) {
    const rounds = quick ? { warmUp: 0, rounds: 1 } : { warmUp: 1, rounds: 3 };
    const measured = await compare(setting, [peer], rounds);
    const about = { bench: 'agent', unit: 'ms' };
    const cpu = numbersOf(measured, ({ milliseconds }) => milliseconds);
    yield resultOf(cpu, median, { ...about, case: `${name}/main-thread` });
    // Of what was held longest in each window the longest: a stall that comes once counts.
    const hold = numbersOf(measured, ({ holdMs }) => holdMs);
    yield resultOf(hold, quantile(1), { ...about, case: `${name}/longest-hold` });
  }
}

type Case = CollectSetting & { readonly name: string };

const QUICK_CASES: readonly Case[] = [
  { name: 'collect/100/all', series: 100, changed: 'all', everyMs: 100, collects: 2 },
];

const SIZES = [
  { label: '100', series: 100, everyMs: 100, collects: 15 },
  { label: '10k', series: 10_000, everyMs: 100, collects: 15 },
  { label: '100k', series: 100_000, everyMs: 300, collects: 5 },
] as const;

const CASES: readonly Case[] = (['all', 'none'] as const).flatMap((changed) =>
  SIZES.map(({ label, ...size }) => ({ ...size, name: `collect/${label}/${changed}`, changed })),
);
