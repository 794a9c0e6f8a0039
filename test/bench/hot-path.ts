import { type Contestant, inGo, inNode } from './contestants.ts';
import { type Bench, compare, median, OURS, type Peer, resultOf } from './harness.ts';
import { CLIENT_PACKAGES } from './registries.ts';

export type HotPathCase = (typeof CASES)[number]['name'];

export interface HotPathSetting {
  readonly case: HotPathCase;
  /** Operations in a round; of `const-samples`, series. */
  readonly series: number;
}

const KEPT = 1_000_000;
const LOOKED_UP = 100_000;

const CASES = [
  // Of children that are kept.
  { name: 'counter/inc/kept', series: KEPT },
  { name: 'histogram/observe/kept', series: KEPT },
  // `family.with({…}).inc()` against `labels(a, b, c).inc()` and `WithLabelValues(a, b, c).Inc()`.
  { name: 'counter/inc/look-up', series: LOOKED_UP },
  // … against `inc({…})` and `With(Labels{…}).Inc()`.
  { name: 'counter/inc/labels-object', series: LOOKED_UP },
  // Samples that are new at each collect, until they are known to be right and no series to be there twice.
  { name: 'const-samples', series: 100_000 },
] as const;

const OUR_LIBRARY = inNode<HotPathSetting>(OURS, 'hot-path');
const CLIENTS = CLIENT_PACKAGES.map((name) => inNode<HotPathSetting>(name, 'hot-path'));
const CLIENT_GOLANG = inGo<HotPathSetting>('client_golang', 'hot-path');

/** What an instrumented program pays for each event, and a collector for each sample; labels are three. */
export const hotPath: Bench = {
  name: 'hot-path',
  async *run({ quick }) {
    for (const { name, series } of CASES) {
      const setting = { case: name, series: quick ? 100 : series };
      const rounds = quick ? { warmUp: 1, rounds: 2 } : { warmUp: 5, rounds: 15 };
      // The npm packages' own interface has no samples of this kind.
      const clients = name === 'const-samples' ? [] : CLIENTS;
      const measured = await compare(setting, [OUR_LIBRARY, ...clients, CLIENT_GOLANG].map(peerOf), rounds);
      yield resultOf(measured, median, { bench: 'hot-path', case: name, unit: 'ns' });
    }
  },
};

function peerOf({ name, available, start }: Contestant<HotPathSetting>): Peer<HotPathSetting> {
  return {
    name,
    available,
    async run(setting) {
      const conversation = await start(setting);
      return {
        round: (round) => conversation.ask({ do: 'round', round }),
        [Symbol.asyncDispose]: () => conversation[Symbol.asyncDispose](),
      };
    },
  };
}
