// What every bench stands on: contestants take turns, round by round, in one run on one machine, so that
// whatever else the machine does in that time falls on all of them alike.

export interface Result {
  readonly bench: string;
  readonly case: string;
  readonly ours: number;
  /** By name; a peer that can't run here is left out. */
  readonly peers: Readonly<Record<string, number>>;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** What we want to reach, where that was said. */
  readonly goal?: Goal;
}

/** So many times better than a peer, or at least as good as a value. */
export type Goal = { readonly times: number; readonly than: string } | { readonly value: number };

/** What a bench is asked for. */
export interface BenchOptions {
  /** Tiny sizes and few rounds: it shows that a bench works, not how fast anything is. */
  readonly quick: boolean;
  /** Of a log that is read; without it, as many as the bench thinks right. */
  readonly lines?: number | undefined;
}

export interface Bench {
  readonly name: string;
  run(options: BenchOptions): AsyncIterable<Result>;
}

/** One side of a comparison: we, or a peer. `C` is what a case is made of, `V` what a round measures. */
export interface Peer<C, V = number> {
  readonly name: string;
  /** Whether it is installed on this machine. */
  available(): boolean | Promise<boolean>;
  /** Prepares one case. */
  run(given: C): Promise<Running<V>>;
}

/** A contestant that is ready for its rounds. */
export interface Running<V = number> extends AsyncDisposable {
  /** One measurement, in the case's unit, or several that are taken together: see `numbersOf`. */
  round(number: number): Promise<V>;
  /** What it gives out, in a form that is equal for all contestants; without it there is nothing to compare. */
  digest?(): Promise<string>;
}

/** The contestant that the others are measured against. */
export const OURS = 'ours';

export interface Rounds {
  /** Rounds before the first that counts. */
  readonly warmUp: number;
  readonly rounds: number;
}

/** A contestant that has nothing to prepare: each round begins and ends by itself. */
export function unprepared<C, V = number>(
  name: string,
  round: (given: C, number: number) => Promise<V>,
): Peer<C, V> {
  return {
    name,
    available: () => true,
    run: async (given) => ({
      round: (number) => round(given, number),
      [Symbol.asyncDispose]: async () => undefined,
    }),
  };
}

/** The measurements of each contestant that is available, by name. */
export async function compare<C, V = number>(
  given: C,
  contestants: readonly Peer<C, V>[],
  { warmUp, rounds }: Rounds,
): Promise<Map<string, V[]>> {
  await using stack = new AsyncDisposableStack();
  const running: { name: string; contestant: Running<V>; values: V[] }[] = [];
  for (const peer of contestants) {
    if (!(await peer.available())) {
      note(`${peer.name} is not installed and left out.`);
      continue;
    }
    running.push({ name: peer.name, contestant: stack.use(await peer.run(given)), values: [] });
  }
  await mustAgree(running);
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let turn = 0; turn < running.length; turn++) {
      // Each goes first as often as the others.
      const next = running[(turn + round) % running.length];
      const value = await next?.contestant.round(round);
      if (round >= warmUp && value !== undefined) next?.values.push(value);
    }
  }
  await mustAgree(running);
  return new Map(running.map(({ name, values }) => [name, values]));
}

/** A comparison of things that are not the same is worth nothing. */
async function mustAgree(
  running: readonly { name: string; contestant: Pick<Running, 'digest'> }[],
): Promise<void> {
  const digests = new Map<string, string>();
  const asked = running.map(async ({ name, contestant }) => {
    const digest = await contestant.digest?.();
    if (digest !== undefined) digests.set(name, digest);
  });
  await Promise.all(asked);
  if (new Set(digests.values()).size > 1) {
    const seen = [...digests].map(([name, digest]) => `${name}: ${digest}`).join('; ');
    throw new Error(`The contestants do not hold the same series and values (${seen}).`);
  }
}

/** Of measurements that hold more than a number: the one, or the several, that a case is about. */
export function numbersOf<V>(
  measured: ReadonlyMap<string, readonly V[]>,
  of: (value: V) => number | readonly number[],
): Map<string, number[]> {
  return new Map([...measured].map(([who, values]) => [who, values.flatMap((value) => of(value))]));
}

type ResultAbout = Pick<Result, 'bench' | 'case' | 'unit' | 'goal'> & { readonly better?: Result['better'] };

/** One result of what `compare` gave. */
export function resultOf(
  measured: ReadonlyMap<string, readonly number[]>,
  summary: (values: readonly number[]) => number,
  { bench, case: name, unit, better = 'lower', goal }: ResultAbout,
): Result {
  const rounded = (values: readonly number[]) => Number(summary(values).toPrecision(4));
  const peers: Record<string, number> = {};
  for (const [who, values] of measured) if (who !== OURS) peers[who] = rounded(values);
  const ours = rounded(measured.get(OURS) ?? []);
  return { bench, case: name, ours, peers, unit, better, ...(goal && { goal }) };
}

/** The value below which the part `q` of all values lies (nearest rank). */
export function quantile(q: number): (values: readonly number[]) => number {
  return (values) => {
    const sorted = values.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
  };
}

export const median = quantile(0.5);

export async function millisecondsOf(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** A line for whoever watches; stdout is the results' alone. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
