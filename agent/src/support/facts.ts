import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CatalogEntry } from '../catalog.ts';

/** What reading a configuration brings to light, as far as it has come. */
export interface Facts {
  readonly stateDir?: string;
  /** The configuration's files, absolute; not those of `${file:}`. */
  readonly files?: readonly string[];
  /** Values to mask wherever they stand. */
  readonly secrets?: readonly string[];
  readonly plugins?: readonly CatalogEntry[];
  /** The schemas of the plugins that are in use and could be loaded, by name. */
  readonly schemas?: Readonly<Record<string, unknown>>;
  /** What `informer check` says; empty if all is well. */
  readonly check?: readonly string[];
}

const ENTRY = new URL(`./facts-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Asks a process of its own about a configuration: plugins, and what a path leads to, can block whoever reads them. */
export class FactFinder {
  readonly #child: ChildProcess;
  readonly #done: Promise<void>;
  readonly #stateDir = Promise.withResolvers<string | undefined>();
  #facts: Facts = {};

  constructor(configFile: string) {
    this.#child = fork(fileURLToPath(ENTRY), [configFile], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      detached: true,
    });
    this.#child.on('message', (facts) => this.#learn(facts as Facts));
    this.#done = new Promise((resolve) => {
      this.#child.once('error', () => resolve());
      this.#child.once('exit', () => resolve());
    });
    void this.#done.then(() => this.#stateDir.resolve(this.#facts.stateDir));
  }

  /** Where the agent keeps its state; `undefined` if the configuration does not say. */
  get stateDir(): Promise<string | undefined> {
    return this.#stateDir.promise;
  }

  /** All that is found until the time is up; then the process is killed with what it has started. */
  async within(ms: number): Promise<Facts> {
    const timer = setTimeout(() => this.stop(), ms);
    await this.#done;
    clearTimeout(timer);
    return this.#facts;
  }

  stop(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }

  #learn(facts: Facts): void {
    const secrets = [...(this.#facts.secrets ?? []), ...(facts.secrets ?? [])];
    this.#facts = { ...this.#facts, ...facts, secrets };
    if (facts.stateDir !== undefined) this.#stateDir.resolve(facts.stateDir);
  }
}
