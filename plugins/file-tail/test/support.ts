import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestCollector } from '@dynamic-informer/sdk/testing';
import type { Mode } from './writer.ts';

/** Counts numbered lines and adds the numbers up: a loss and a repeat can't make up for each other in both. */
export const NUMBERED = [
  {
    match: '^line (?<number>\\d+) of a log with ünïcode$',
    metrics: [
      { name: 'lines_total', type: 'counter', help: 'Lines.' },
      { name: 'numbers_total', type: 'counter', help: 'Sum of the numbers.', value: 'number' },
    ],
  },
];

export const sumUpTo = (n: number): number => (n * (n + 1)) / 2;

/** A folder that goes when the scope ends. */
export async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'file-tail-'));
  return {
    path: folder,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export class Writer implements Disposable {
  readonly #child: ChildProcess;
  result: { written: number; generations: number } | undefined;

  constructor(file: string, mode: Mode, lines: number, generation = 1000) {
    const script = path.join(import.meta.dirname, 'writer.ts');
    this.#child = fork(script, [file, mode, String(lines), String(generation)], { execArgv: [] });
    this.#child.on('message', (result) => {
      this.result = result as { written: number; generations: number };
    });
  }

  /** Tells the writer how many of its lines were counted. */
  counted(count: number): void {
    if (this.#child.connected) this.#child.send(count);
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

/** Collects until the writer is done, and once more; returns what is exposed then. */
export async function followToEnd(collector: TestCollector, writer: Writer) {
  for (;;) {
    const done = writer.result !== undefined;
    const collected = await collector.collect();
    writer.counted(collected.value('lines_total') ?? 0);
    if (done) return collected;
  }
}

export interface Exposed {
  count: number;
  sum: number;
}

/** A collector in a process of its own, for killing. */
export class CollectorProcess {
  readonly #child: ChildProcess;
  readonly #onExposed: (exposed: Exposed) => void;

  constructor(state: string, config: object, onExposed: (exposed: Exposed) => void) {
    const script = path.join(import.meta.dirname, 'collector.ts');
    this.#child = fork(script, [state, JSON.stringify(config)], { execArgv: [] });
    this.#onExposed = onExposed;
    this.#child.on('message', (exposed) => this.#onExposed(exposed as Exposed));
  }

  /** Resolves when this holds of what was exposed. */
  async until(holds: (exposed: Exposed) => boolean): Promise<void> {
    for (;;) {
      const [exposed] = (await once(this.#child, 'message')) as [Exposed];
      if (holds(exposed)) return;
    }
  }

  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
