import { Worker } from 'node:worker_threads';

const ENTRY = new URL(`./bcrypt-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** The thread ends when it had nothing to do for so long. */
const IDLE_MS = 10_000;

export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/**
 * bcrypt off the main thread. Not in Node's own pool, whose four threads read files, too; and in JavaScript, since
 * it is asked so seldom that the speed of native code would not be worth its size on every host.
 */
export class BcryptThread {
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** One at a time: who calls waits before the next one. Rejects if the thread could not do it. */
  async compare(comparison: Comparison): Promise<boolean> {
    clearTimeout(this.#idle);
    const worker = this.#worker ?? this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const ended = () => reject(new Error('The thread that compares passwords ended.'));
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', ended);
    worker.postMessage(comparison);
    try {
      return await promise;
    } finally {
      worker.off('message', resolve);
      worker.off('error', reject);
      worker.off('exit', ended);
      this.#idle = setTimeout(() => void this.close(), IDLE_MS);
      this.#idle.unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(ENTRY, { stdout: false, stderr: false });
    worker.unref();
    // Also between two comparisons: an error that nobody listens to would end the agent.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    this.#worker = worker;
    return worker;
  }
}
