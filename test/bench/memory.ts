import { inGo, inNode } from './contestants.ts';
import { type Bench, compare, median, OURS, type Peer, resultOf } from './harness.ts';
import { CLIENT_PACKAGES } from './registries.ts';

export interface MemorySetting {
  readonly series: number;
}

const SERIES = 1_000_000;
const QUICK_SERIES = 1_000;

const CONTESTANTS = [
  ...[OURS, ...CLIENT_PACKAGES].map((name) => inNode<MemorySetting>(name, 'memory')),
  inGo<MemorySetting>('client_golang', 'memory'),
];

/** What a registry of gauges with three labels keeps of memory, in bytes for each series after a collection. */
export const memory: Bench = {
  name: 'memory',
  async *run({ quick }) {
    const setting = { series: quick ? QUICK_SERIES : SERIES };
    const filled = new Map<string, number[]>();
    const rendered = new Map<string, number[]>();
    for (const { name, available, start } of CONTESTANTS) {
      // One after the other: bytes do not depend on what else the machine does, and four would need it all.
      const peer: Peer<MemorySetting> = {
        name,
        available,
        async run(given) {
          const conversation = await start(given);
          return {
            round: (round) => conversation.ask({ do: 'round', round }),
            [Symbol.asyncDispose]: () => conversation[Symbol.asyncDispose](),
          };
        },
      };
      const values = (await compare(setting, [peer], { warmUp: 0, rounds: 2 })).get(name);
      if (values === undefined) continue;
      filled.set(name, values.slice(0, 1));
      rendered.set(name, values.slice(1));
    }
    const label = quick ? '1k' : '1M';
    const about = { bench: 'memory', unit: 'B/series' };
    yield resultOf(filled, median, { ...about, case: `gauges/${label}/filled` });
    yield resultOf(rendered, median, { ...about, case: `gauges/${label}/rendered` });
  },
};
