import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestCollect, TestCollector } from '@dynamic-informer/sdk/testing';
import type { Mode } from './writer.ts';

/** Counts a writer's lines and adds their numbers up: a loss and a repeat can't make up for each other in both. */
export const NUMBERED = [
  {
    match: '^line (?<number>\\d+) of (?<mode>[a-z-]+) with ünïcode$',
    metrics: [
      { name: 'lines_total', type: 'counter', help: 'Lines.', labels: { mode: 'mode' } },
      {
        name: 'numbers_total',
        type: 'counter',
        help: 'Sum of the numbers.',
        value: 'number',
        labels: { mode: 'mode' },
      },
    ],
  },
];

/** What is counted of each writer, and the sum of the numbers. */
export type Counted = Record<string, [lines: number, sum: number]>;

export const countedOf = (value: TestCollect['value'], modes: readonly Mode[]): Counted =>
  Object.fromEntries(
    modes.map((mode) => [mode, [value('lines_total', { mode }) ?? 0, value('numbers_total', { mode }) ?? 0]]),
  );

export const sumUpTo = (n: number): number => (n * (n + 1)) / 2;

/** Each of so many lines once. */
export const allOnce = (lines: number, modes: readonly Mode[]): Counted =>
  Object.fromEntries(modes.map((mode) => [mode, [lines, sumUpTo(lines)]]));

/** A folder that goes when the scope ends. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'file-tail-'));
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A process that writes numbered lines and rotates its file, see `writer.ts`. */
export class Writer implements Disposable {
  readonly #child: ChildProcess;
  /** Resolves when all lines are written. */
  readonly done: Promise<{ written: number; generations: number }>;
  isDone = false;

  constructor(file: string, mode: Mode, lines: number, generation = 1000) {
    const script = path.join(import.meta.dirname, 'writer.ts');
    this.#child = fork(script, [file, mode, String(lines), String(generation)], { execArgv: [] });
    this.done = once(this.#child, 'message').then(([result]) => {
      this.isDone = true;
      return result as { written: number; generations: number };
    });
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

/** Writers of several modes, each with a folder of its own. */
export function writers(folder: string, modes: readonly Mode[], lines: number, generation?: number) {
  const all = modes.map((mode) => {
    mkdirSync(path.join(folder, mode));
    return new Writer(path.join(folder, mode, 'app.log'), mode, lines, generation);
  });
  return {
    done: Promise.all(all.map(({ done }) => done)),
    get areDone() {
      return all.every(({ isDone }) => isDone);
    },
    [Symbol.dispose]: () => {
      for (const writer of all) writer[Symbol.dispose]();
    },
  };
}

/** Collects until a further collect gives no more lines. */
export async function collectAll(collector: TestCollector, modes: readonly Mode[]) {
  let before = '';
  for (;;) {
    const collected = await collector.collect();
    const counted = countedOf(collected.value, modes);
    const now = JSON.stringify(counted);
    if (now === before) return { ...collected, counted };
    before = now;
  }
}

/** A collector in a process of its own, for killing. */
export class CollectorProcess {
  readonly #child: ChildProcess;
  readonly #onExposed: (exposed: Counted) => void;

  constructor(state: string, config: object, modes: readonly Mode[], onExposed: (exposed: Counted) => void) {
    const script = path.join(import.meta.dirname, 'collector.ts');
    this.#child = fork(script, [state, JSON.stringify(config), JSON.stringify(modes)], { execArgv: [] });
    this.#onExposed = onExposed;
    this.#child.on('message', (exposed) => this.#onExposed(exposed as Counted));
  }

  /** Resolves when this holds of what was exposed. */
  async until(holds: (exposed: Counted) => boolean): Promise<void> {
    const ended = new AbortController();
    const onExit = () => ended.abort(new Error('The collector process ended.'));
    this.#child.once('exit', onExit);
    try {
      for (;;) {
        const [exposed] = (await once(this.#child, 'message', { signal: ended.signal })) as [Counted];
        if (holds(exposed)) return;
      }
    } finally {
      this.#child.off('exit', onExit);
    }
  }

  /** Resolves when many collects in a row have exposed the same. */
  async untilStill(): Promise<void> {
    let before = '';
    let same = 0;
    await this.until((exposed) => {
      const now = JSON.stringify(exposed);
      same = now === before ? same + 1 : 0;
      before = now;
      return same === 20;
    });
  }

  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
