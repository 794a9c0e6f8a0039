import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { NativeOptions, NativeValue } from '../../sdk/src/metric/native-value.ts';
import { goPath, program } from './packages.ts';
import { outputOf } from './run-program.ts';
import { temporaryFolder } from './temp.ts';

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
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder('go'));
  const binary = join(folder.path, 'client-golang');
  const own = process.env.GOPATH ? [process.env.GOPATH] : [];
  await outputOf(program('go'), ['build', '-o', binary, SOURCE], {
    cwd: folder.path,
    env: {
      GO111MODULE: 'off',
      GOFLAGS: '',
      CGO_ENABLED: '0',
      GOPATH: [...own, goPath('github.com/prometheus/client_golang')].join(':'),
    },
  });
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  stack.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.stdin.end();
    await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('The program with client_golang ended; its stderr says why.');
    return JSON.parse(value);
  };
  const known: Differences = await answer();
  const ask = (question: unknown) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return answer();
  };
  const owned = stack.move();
  return {
    known,
    async native(options, steps) {
      const { factor, zeroThreshold, maxBuckets, minResetSeconds, maxZeroThreshold } = options;
      const states: Answer[] = await ask({
        native: {
          factor: String(factor),
          // There, 0 is the default and what is below it is 0.
          zeroThreshold: String(zeroThreshold === 0 ? -1 : (zeroThreshold ?? 0)),
          maxBuckets: maxBuckets ?? 0,
          minResetSeconds: minResetSeconds ?? 0,
          maxZeroThreshold: String(maxZeroThreshold ?? 0),
          steps: steps.map(({ at, values }) => ({ at, values: values.map(String) })),
        },
      });
      return states.map((state) => ({
        ...state,
        sum: Number(state.sum),
        zeroThreshold: Number(state.zeroThreshold),
      }));
    },
    async buckets(name, first, second, count) {
      const bounds: string[] = await ask({
        buckets: { function: name, first: String(first), second: String(second), count },
      });
      return bounds.map(Number);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Answer = Omit<NativeValue, 'sum' | 'zeroThreshold'> & {
  sum: string;
  zeroThreshold: string;
  created: number;
};
