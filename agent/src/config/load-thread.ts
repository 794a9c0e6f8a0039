import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { configError, formatDuration, InformerError } from '@dynamic-informer/sdk';
import { breathe } from '../breathe.ts';
import type { DigestedResource, ResourceDelta } from './resource-delta.ts';
import type { AgentConfig, ConfigDraft, LoadedConfig } from './types.ts';

const ENTRY = new URL(`./load-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export const FIX_TIMEOUT = 'see whether its files are on a file system that answers';

/** What a thread is started with. */
export interface LoadThreadData {
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Instead of `web.config_file`. */
  readonly webConfigFile: string | undefined;
  /** Takes the resources of replies, in batches that come before the reply. */
  readonly resources: MessagePort;
}

/** Without `known` it is only read ahead: nothing is sent. */
export interface LoadRequest {
  /** Digests of the resources that need not be sent. */
  readonly known?: readonly string[];
}

export interface LoadReply extends Omit<LoadedConfig, 'config' | 'draft'> {
  /** The draft is the configuration: there are no issues. */
  readonly isSound: boolean;
  readonly draft: (Omit<ConfigDraft, 'config'> & { readonly config: SentConfig }) | undefined;
}

type SentConfig = Omit<AgentConfig, 'resources'> & Omit<ResourceDelta, 'fresh'>;

/** A reply with the resources that came with it. */
export interface ThreadAnswer {
  readonly reply: LoadReply;
  readonly fresh: readonly DigestedResource[];
}

/** A thread that loads one configuration as often as it is asked. It keeps the process alive only while it is asked. */
export class LoadThread {
  readonly #worker: Worker;
  readonly #resources: MessagePort;
  #waiting: PromiseWithResolvers<LoadReply> | undefined;
  #isOver = false;
  /** Resolves when nothing of it is left. */
  readonly gone: Promise<void>;

  constructor({ file, env, webConfigFile }: Omit<LoadThreadData, 'resources'>) {
    const { port1, port2 } = new MessageChannel();
    this.#resources = port1;
    const workerData: LoadThreadData = { file, env: { ...env }, webConfigFile, resources: port2 };
    this.#worker = new Worker(ENTRY, { workerData, transferList: [port2], stdout: false, stderr: false });
    this.#worker.unref();
    const gone = Promise.withResolvers<void>();
    this.gone = gone.promise;
    this.#worker.on('message', (reply: LoadReply) => this.#waiting?.resolve(reply));
    this.#worker.on('error', (error) => {
      this.#fail(`loading failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.#worker.on('exit', (code) => {
      this.#fail(`loading ended with code ${code}`);
      gone.resolve();
    });
  }

  /** It can't be asked any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Reads what it will be asked for, so that the answer comes sooner. */
  readAhead(): void {
    this.#worker.postMessage({} satisfies LoadRequest);
  }

  /**
   * Loads; one question at a time.
   * @throws an error with a code when it takes longer than the deadline, or the thread ends
   */
  async ask(known: readonly string[], deadlineMs: number): Promise<ThreadAnswer> {
    const waiting = Promise.withResolvers<LoadReply>();
    this.#waiting = waiting;
    const timer = setTimeout(() => {
      const message = `loading took longer than ${formatDuration(deadlineMs)}`;
      waiting.reject(configError(message, { code: 'CONFIG_TIMEOUT', fix: FIX_TIMEOUT }));
    }, deadlineMs);
    this.#worker.ref();
    this.#worker.postMessage({ known } satisfies LoadRequest);
    try {
      const reply = await waiting.promise;
      return { reply, fresh: await this.#received() };
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
      this.#worker.unref();
    }
  }

  /** One that hangs in the file system goes when that answers. */
  end(): void {
    this.#isOver = true;
    void this.#worker.terminate();
    this.#resources.close();
  }

  #fail(message: string): void {
    this.#isOver = true;
    const fix = 'report this as a bug';
    this.#waiting?.reject(new InformerError('internal', message, { code: 'CONFIG_NOT_LOADED', fix }));
  }

  /** Nobody is held up by a large configuration: it is read batch by batch. */
  async #received(): Promise<DigestedResource[]> {
    const fresh: DigestedResource[] = [];
    const breath = breathe();
    for (;;) {
      const batch = receiveMessageOnPort(this.#resources) as { message: DigestedResource[] } | undefined;
      if (!batch) return fresh;
      fresh.push(...batch.message);
      if (breath.isDue()) await breath.now();
    }
  }
}
