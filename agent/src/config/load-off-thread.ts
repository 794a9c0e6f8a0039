import { resolve } from 'node:path';
import { configError, type ErrorInfo, toErrorInfo } from '@dynamic-informer/sdk';
import { FIX_TIMEOUT, LoadThread, type ThreadAnswer } from './load-thread.ts';
import { applyDelta, type DigestedResource } from './resource-delta.ts';
import type { LoadedConfig } from './types.ts';

export interface LoaderOptions {
  readonly deadlineMs?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Instead of `web.config_file`. */
  readonly webConfigFile?: string | undefined;
  /** How long the thread stays after it was last needed. */
  readonly keepMs?: number;
}

/** So many threads may hang in the file system: each holds one of the four that serve files for the whole process. */
const MAX_HUNG = 2;

/** Loads a configuration once, as `ConfigLoader` does. */
export async function loadConfigOffThread(file: string, options: LoaderOptions = {}): Promise<LoadedConfig> {
  using loader = new ConfigLoader(file, options);
  return await loader.load();
}

/**
 * Loads a configuration without burdening this thread: neither a large file nor a file system that hangs
 * holds it up, and neither yaml nor ajv stays in its memory. The thread that does it ends after the first load:
 * most agents start and change rarely. From the second on it stays for a while, so that the next load finds it warm
 * and parses only files that have changed.
 */
export class ConfigLoader implements Disposable {
  readonly #source: ConstructorParameters<typeof LoadThread>[0];
  readonly #deadlineMs: number;
  readonly #keepMs: number;
  #thread: LoadThread | undefined;
  /** Threads that were told to end, and have not ended yet. */
  readonly #ending = new Set<LoadThread>();
  #idle: NodeJS.Timeout | undefined;
  #isLoading = false;
  #loads = 0;
  #known: readonly DigestedResource[] = [];

  constructor(
    file: string,
    { deadlineMs = 10_000, env = process.env, webConfigFile, keepMs = 10_000 }: LoaderOptions = {},
  ) {
    this.#source = { file, env, webConfigFile };
    this.#deadlineMs = deadlineMs;
    this.#keepMs = keepMs;
  }

  /** A load is likely to be wanted soon: lets the thread read what is there now. */
  readAhead(): void {
    if (this.#isLoading || this.#ending.size >= MAX_HUNG) return;
    this.#running().readAhead();
    this.#keepForNow();
  }

  /**
   * Loads what is there now, one load at a time. Resources that are as they were the last time, and where they were,
   * are the same objects. A load that fails as a whole or takes longer than the deadline is an issue too.
   */
  async load(): Promise<LoadedConfig> {
    clearTimeout(this.#idle);
    this.#isLoading = true;
    try {
      if (this.#ending.size >= MAX_HUNG) throw hungBefore();
      const known = this.#known.map(({ digest }) => digest);
      return this.#take(await this.#running().ask(known, this.#deadlineMs));
    } catch (error) {
      this.#end();
      return failed(this.#source.file, toErrorInfo(error));
    } finally {
      this.#isLoading = false;
      if (this.#loads++ === 0) this.#end();
      else this.#keepForNow();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#idle);
    this.#end();
  }

  #running(): LoadThread {
    if (this.#thread?.isOver) this.#end();
    this.#thread ??= new LoadThread(this.#source);
    return this.#thread;
  }

  #keepForNow(): void {
    clearTimeout(this.#idle);
    if (this.#thread) this.#idle = setTimeout(() => this.#end(), this.#keepMs).unref();
  }

  #end(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (!thread) return;
    thread.end();
    this.#ending.add(thread);
    void thread.gone.then(() => this.#ending.delete(thread));
  }

  #take({ reply, fresh }: ThreadAnswer): LoadedConfig {
    const { isSound, draft: sent, ...loaded } = reply;
    if (!sent) return { ...loaded, config: undefined, draft: undefined };
    const { origins, lines, ...rest } = sent.config;
    this.#known = applyDelta({ origins, lines, fresh }, this.#known);
    const config = { ...rest, resources: this.#known.map(({ resource }) => resource) };
    return { ...loaded, config: isSound ? config : undefined, draft: { ...sent, config } };
  }
}

const hungBefore = () =>
  configError('it is not loaded while earlier loads still hang', {
    code: 'CONFIG_TIMEOUT',
    fix: FIX_TIMEOUT,
  });

function failed(file: string, error: ErrorInfo): LoadedConfig {
  return {
    config: undefined,
    draft: undefined,
    issues: [{ ...error, path: [], file, line: 1, column: 1 }],
    files: [resolve(file)],
    sources: undefined,
    secrets: [],
    texts: {},
  };
}
