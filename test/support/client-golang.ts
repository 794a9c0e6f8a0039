import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NativeOptions, NativeValue } from '../../sdk/src/metric/native-value.ts';
import { startGoProgram } from './go-program.ts';

/**
 * Go's exponential and logarithm differ in their last bits from one kind of processor to another. On this kind
 * they are what the SDK repeats.
 */
export const GO_ROUNDS_ALIKE =
  process.arch === 'x64' &&
  existsSync('/proc/cpuinfo') &&
  /\bfma\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));

const SOURCE = fileURLToPath(new URL('client-golang/main.go', import.meta.url));

/** What an older client_golang does differently from the current one. */
interface Differences {
  /** With a schema below 0, indexes below 0 are rounded towards 0 instead of up (until 1.15). */
  roundsToZero: boolean;
  /** A histogram with a zero threshold of 0 and no observation has an empty span (since 1.17). */
  marksEmpty: boolean;
}

/** Sets the clock to a second, then observes values. */
export interface Step {
  at: number;
  values: readonly number[];
}

export interface ClientGolang extends AsyncDisposable {
  readonly known: Differences;
  /** The state of one native histogram after each step; `created` in seconds. */
  native(options: NativeOptions, steps: readonly Step[]): Promise<(NativeValue & { created: number })[]>;
  buckets(
    name: 'linear' | 'exponential' | 'range',
    first: number,
    second: number,
    count: number,
  ): Promise<number[]>;
}

/** Builds and starts a program with the client_golang that is installed here. */
export async function startClientGolang(): Promise<ClientGolang> {
  const go = await startGoProgram(SOURCE);
  return {
    known: go.first as Differences,
    async native(options, steps) {
      const { factor, zeroThreshold, maxBuckets, minResetSeconds, maxZeroThreshold } = options;
      const states = (await go.ask({
        native: {
          factor: String(factor),
          // There, 0 is the default and what is below it is 0.
          zeroThreshold: String(zeroThreshold === 0 ? -1 : (zeroThreshold ?? 0)),
          maxBuckets: maxBuckets ?? 0,
          minResetSeconds: minResetSeconds ?? 0,
          maxZeroThreshold: String(maxZeroThreshold ?? 0),
          steps: steps.map(({ at, values }) => ({ at, values: values.map(String) })),
        },
      })) as Answer[];
      return states.map((state) => ({
        ...state,
        sum: Number(state.sum),
        zeroThreshold: Number(state.zeroThreshold),
      }));
    },
    async buckets(name, first, second, count) {
      const bounds = (await go.ask({
        buckets: { function: name, first: String(first), second: String(second), count },
      })) as string[];
      return bounds.map(Number);
    },
    [Symbol.asyncDispose]: () => go[Symbol.asyncDispose](),
  };
}

type Answer = Omit<NativeValue, 'sum' | 'zeroThreshold'> & {
  sum: string;
  zeroThreshold: string;
  created: number;
};
