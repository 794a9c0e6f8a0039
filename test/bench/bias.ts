import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { type LocalServer, startHttp } from '../support/http-server.ts';
import {
  type BenchOptions,
  compare,
  numbersOf,
  OURS,
  type Peer,
  quantile,
  type Result,
  resultOf,
} from './harness.ts';
import { type Opened, type Place, type StartedHost, startHost } from './started-host.ts';

const ANSWER_MS = 10;
/** Probes that are under way by themselves, so that a busy neighbour does not decide when they begin. */
const PROBES = 5;
const LONGEST_PAUSE_MS = 60;
/** Beyond the time for which the neighbours burn. */
const SLACK_MS = 10_000;

interface Case extends Pick<Place, 'folder'> {
  readonly server: AnsweringServer;
  readonly neighbours: readonly Burn[];
  readonly roundMs: number;
}

interface Burn {
  readonly share: number;
  readonly sliceMs: number;
}

/** Where the probes are and where their neighbours. */
interface Placement {
  readonly probeNice: number;
  /** What the neighbours' own hosts run at; without it they are in the probes' host, or there are none. */
  readonly neighbourNice?: number;
  readonly isAlone?: boolean;
}

const QUANTILES = [
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;

/**
 * What http-probe's duration is beyond the time in which the server did answer: alone, beside a neighbour
 * that burns the CPU, and on a machine of which all cores are busy.
 */
export async function* bias({ folder }: Place, { quick }: BenchOptions): AsyncGenerator<Result> {
  await using server = await startAnswering();
  const given = { folder, server, roundMs: quick ? 150 : 900 };
  const rounds = { warmUp: 0, rounds: quick ? 1 : 3 };
  for (const [share, sliceMs] of quick
    ? [[0.9, 5] as const]
    : ([
        [0.3, 5],
        [0.3, 50],
        [0.9, 5],
        [0.9, 50],
      ] as const)) {
    const contestants = [
      placed(OURS, { probeNice: 0 }),
      placed('own', { probeNice: 0, neighbourNice: 10 }),
      placed('own at nice 0', { probeNice: 0, neighbourNice: 0 }),
      placed('alone', { probeNice: 0, isAlone: true }),
    ];
    const measured = await compare({ ...given, neighbours: [{ share, sliceMs }] }, contestants, rounds);
    yield* resultsOf(`bias/${share * 100}pct-${sliceMs}ms`, measured);
  }

  const neighbours = Array.from({ length: availableParallelism() }, () => ({ share: 1, sliceMs: 50 }));
  const contestants = [
    placed(OURS, { probeNice: 0, neighbourNice: 0 }),
    placed('probe at nice 10', { probeNice: 10, neighbourNice: 0 }),
    placed('others at nice 10', { probeNice: 0, neighbourNice: 10 }),
    placed('alone', { probeNice: 0, isAlone: true }),
  ];
  yield* resultsOf('bias/cores-busy', await compare({ ...given, neighbours }, contestants, rounds));
}

function* resultsOf(name: string, measured: ReadonlyMap<string, readonly number[][]>): Generator<Result> {
  const added = numbersOf(measured, (milliseconds) => milliseconds);
  for (const [label, q] of QUANTILES) {
    yield resultOf(added, quantile(q), { bench: 'hosts', case: `${name}/${label}`, unit: 'ms' });
  }
}

function placed(name: string, placement: Placement): Peer<Case, number[]> {
  return {
    name,
    available: () => true,
    async run({ folder, server, neighbours, roundMs }) {
      await using stack = new AsyncDisposableStack();
      const host = stack.use(await startHost({ folder }, { nice: placement.probeNice }));
      const probes = Array.from({ length: PROBES }, (_, index) => `/${index}`);
      for (const path of probes) {
        await host.open({
          plugin: 'http-probe',
          id: path.slice(1),
          config: { targets: [server.url + path] },
        });
      }
      const burners: StartedHost[] = [];
      for (const burn of placement.isAlone ? [] : neighbours) {
        const { neighbourNice } = placement;
        const burner =
          neighbourNice === undefined
            ? host
            : stack.use(await startHost({ folder }, { nice: neighbourNice }));
        await burner.open(burnerOf(burn, roundMs), { collects: false });
        burners.push(burner);
      }
      const owned = stack.move();
      return {
        async round() {
          const burning = burners.map((burner) => burner.collect('bench', roundMs + SLACK_MS));
          const end = performance.now() + roundMs;
          const added = await Promise.all(probes.map((path) => probeUntil(end, host, server, path)));
          await Promise.all(burning);
          return added.flat();
        },
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    },
  };
}

const burnerOf = ({ share, sliceMs }: Burn, forMs: number): Opened => ({
  config: { burn: { share, slice_ms: sliceMs, for_ms: forMs } },
});

/** Probes one path again and again, and gives by how many milliseconds each probe was longer than its answer. */
async function probeUntil(
  end: number,
  host: StartedHost,
  server: AnsweringServer,
  path: string,
): Promise<number[]> {
  const added: number[] = [];
  do {
    await pause(Math.random() * LONGEST_PAUSE_MS);
    const fragments = await host.collect(path.slice(1));
    const duration = fragments.find(({ name }) => name === 'probe_duration_seconds');
    const line = Buffer.concat([...(duration?.bodies.values() ?? [])].flat()).toString();
    added.push(Number(line.slice(line.lastIndexOf(' '))) * 1000 - server.lastAnswerMs(path));
  } while (performance.now() < end);
  return added;
}

interface AnsweringServer extends LocalServer {
  /** How long the last answer at this path took, by the server's own clock. */
  lastAnswerMs(path: string): number;
}

/** A server of which each answer takes the same time, or knows how long it did take. */
async function startAnswering(): Promise<AnsweringServer> {
  const took = new Map<string, number>();
  const server = await startHttp(async (request, response) => {
    const start = performance.now();
    await pause(ANSWER_MS);
    response.end('well\n');
    took.set(request.url ?? '', performance.now() - start);
  });
  return { ...server, lastAnswerMs: (path) => took.get(path) ?? Number.NaN };
}
