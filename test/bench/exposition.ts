import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temp.ts';
import {
  CLIENT_GOLANG,
  CLIENT_REGISTRIES,
  type Contestant,
  OUR_REGISTRY,
  type RegistrySetting,
  registriesOf,
} from './contestants.ts';
import type { Ask } from './conversation.ts';
import { digestOf } from './digest.ts';
import { decodeProtobuf, goProgram } from './go-program.ts';
import { type Bench, compare, median, type Peer, type Rounds, resultOf } from './harness.ts';
import type { Changed } from './mix-a.ts';
import type { MixName } from './mixes.ts';

interface Size extends Rounds {
  readonly label: string;
  readonly series: number;
}

const LARGE: Size = { label: '100k', series: 100_000, warmUp: 7, rounds: 7 };
const SIZES: readonly Size[] = [
  { label: '1k', series: 1_000, warmUp: 150, rounds: 41 },
  { label: '10k', series: 10_000, warmUp: 30, rounds: 21 },
  LARGE,
];
/** The digest before the rounds is a rendering too; more warming up would take minutes. */
const LARGEST: Size = { label: '1M', series: 1_000_000, warmUp: 0, rounds: 2 };
const QUICK: Size = { label: '100', series: 100, warmUp: 1, rounds: 2 };

/** Writing a registry's exposition, from the instruments to the bytes that are sent. */
export const exposition: Bench = {
  name: 'exposition',
  async *run({ quick }) {
    for (const size of quick ? [QUICK] : SIZES) {
      for (const changed of ['all', '10pct'] as const) {
        for (const mix of ['A', 'H'] as const) yield await textCase(size, changed, mix);
      }
    }
    if (!quick) yield await textCase(LARGEST, 'all', 'A');
    yield await protobufCase(quick ? QUICK : LARGE);
    yield await holdCase(quick ? QUICK : LARGE);
  },
};

async function textCase({ label, series, ...rounds }: Size, changed: Changed, mix: MixName) {
  const peers = registriesOf(mix).map((contestant) => peerOf(contestant, 'round'));
  const measured = await compare({ series, changed, mix }, peers, rounds);
  return resultOf(measured, median, {
    bench: 'exposition',
    case: `text/${label}/${changed}/${mix}`,
    unit: 'ms',
  });
}

/** The packages for Node.js write none. */
async function protobufCase({ label, series, ...rounds }: Size) {
  const peers = [OUR_REGISTRY, CLIENT_GOLANG].map((contestant) => peerOf(contestant, 'round'));
  const measured = await compare({ series, changed: 'all', mix: 'A', format: 'protobuf' }, peers, rounds);
  return resultOf(measured, median, { bench: 'exposition', case: `protobuf/${label}/all/A`, unit: 'ms' });
}

/** For how long nothing else in the process got a turn: requests, timers, other collects. */
async function holdCase({ label, series, ...rounds }: Size) {
  const peers = [OUR_REGISTRY, ...CLIENT_REGISTRIES].map((contestant) => peerOf(contestant, 'hold'));
  const measured = await compare({ series, changed: 'all', mix: 'A' }, peers, rounds);
  return resultOf(measured, median, { bench: 'exposition', case: `stall/${label}/all/A`, unit: 'ms' });
}

function peerOf(contestant: Contestant<RegistrySetting>, question: Ask['do']): Peer<RegistrySetting> {
  const { name, available } = contestant;
  return {
    name,
    available,
    async run(setting) {
      await using stack = new AsyncDisposableStack();
      const folder = stack.use(await temporaryFolder('bench'));
      const conversation = stack.use(await contestant.start(setting));
      const file = join(folder.path, 'exposition');
      const owned = stack.move();
      return {
        // Round 0 is the contestant's first filling.
        round: (number) => conversation.ask({ do: question, round: number + 1 }),
        async digest() {
          await conversation.ask({ do: 'write', file });
          if (setting.format === 'protobuf') {
            // Nobody else is there to differ from us.
            if ((await goProgram()) === undefined) return '';
            await decodeProtobuf(file);
          }
          return digestOf(await readFile(file), setting.series);
        },
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    },
  };
}
