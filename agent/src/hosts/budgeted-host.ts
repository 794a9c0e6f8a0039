import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { Encoding } from '@dynamic-informer/sdk/host';
import type {
  CollectReply,
  GatherSettings,
  Host,
  HostDeath,
  HostGroup,
  OpenReply,
  OpenRequest,
  PluginInfo,
  PluginSource,
  ReplayReply,
  ReplayRequest,
  Usage,
  ValidateReply,
  ValidateRequest,
} from '../contract.ts';
import { isMemoryRefusal, MemoryBudget } from './memory-budget.ts';
import { memoryDeath, ranOut, tooLarge } from './over-budget.ts';
import { HostDied } from './process-host.ts';
import type { ProcessUsage } from './usage.ts';

/** How many looks a host that is over its memory budget has for collecting its garbage. */
const PATIENCE = 3;

/** What a host used since it was last looked at. */
export interface Spent {
  readonly cpuSeconds: number;
  /** It was given work, if only for a part of that time. */
  readonly isWorking: boolean;
}

export interface BudgetPorts {
  /** Why no collect is started now. */
  refusal(): ErrorInfo | undefined;
  /** It was stopped as it was asked to be. */
  stopped(): void;
}

/**
 * A host that is held to its budgets. It ends when it uses too much memory, says so when it dies of that by
 * itself, and is given no collects while its CPU budget is used up.
 */
export class BudgetedHost implements Host {
  readonly #host: Host;
  readonly #group: HostGroup;
  readonly #source: ProcessUsage;
  readonly #memory: MemoryBudget;
  readonly #ports: BudgetPorts;
  #usage: Usage;
  #countedCpuSeconds = 0;
  #fell = false;
  #requests = 0;
  /** Starting is work too. */
  #worked = true;
  /** How often it was looked at since it was asked to collect its garbage; `undefined` if it was not asked. */
  #looks: number | undefined;
  #death: HostDeath | undefined;

  /** `empty` is what it uses now. */
  constructor(host: Host, group: HostGroup, source: ProcessUsage, empty: Usage, ports: BudgetPorts) {
    this.#host = host;
    this.#group = group;
    this.#source = source;
    this.#usage = empty;
    this.#memory = new MemoryBudget(group.memoryBytes, empty);
    this.#ports = ports;
  }

  get name(): string {
    return this.#host.name;
  }
  get pid(): number | undefined {
    return this.#host.pid;
  }
  get residentBytes(): number {
    return this.#usage.residentBytes;
  }
  /** What counts against its budget. */
  get memoryBytes(): number {
    return this.#memory.usedBytes(this.#usage);
  }

  /** Looks at what it uses now, and ends it if it keeps too much memory. */
  sample(): Spent {
    const isWorking = this.#worked;
    this.#worked = this.#requests > 0;
    const usage = this.#source.read();
    if (!usage) return { cpuSeconds: 0, isWorking };
    this.#usage = usage;
    this.#judge(usage);
    return { cpuSeconds: this.#spent(usage), isWorking };
  }

  /** What its death is reported as, if it was not ended here: one for want of memory says so. */
  explain(death: HostDeath): HostDeath {
    if (this.#death) return this.#death;
    const most = this.#memory.most(this.#usage);
    // Whoever asks for memory when there is none left can die of it in many ways.
    const isLikely = death.reason === 'crash' && !death.external && most.bytes > this.#memory.bytes;
    if (death.reason !== 'memory' && !isLikely) return death;
    return ranOut(this.#group, most, death.message);
  }

  /** It is watched no more. */
  release(): void {
    this.#source.close();
  }

  load(plugin: PluginSource, timeoutMs: number): Promise<PluginInfo> {
    return this.#during(this.#host.load(plugin, timeoutMs));
  }

  validate(request: ValidateRequest, timeoutMs: number): Promise<ValidateReply> {
    return this.#during(this.#host.validate(request, timeoutMs));
  }

  open(request: OpenRequest): Promise<OpenReply> {
    return this.#during(this.#host.open(request));
  }

  async collect(id: string, timeoutMs: number, encodings: readonly Encoding[]): Promise<CollectReply> {
    const refusal = this.#ports.refusal();
    if (refusal) return { outcome: 'limit', errors: [refusal], fragments: [], dropped: {} };
    const reply = await this.#during(this.#host.collect(id, timeoutMs, encodings));
    if (!reply.errors.some(({ message }) => isMemoryRefusal(message))) return reply;
    await this.#refused();
    const errors = reply.errors.map((error) =>
      isMemoryRefusal(error.message) ? tooLarge(this.#group, this.memoryBytes, error) : error,
    );
    return { ...reply, errors };
  }

  replay(request: ReplayRequest): Promise<ReplayReply> {
    return this.#during(this.#host.replay(request));
  }

  replayedBytes(id: string): Promise<number> {
    return this.#host.replayedBytes(id);
  }

  endReplay(id: string): Promise<void> {
    return this.#host.endReplay(id);
  }

  adjust(id: string, gather: GatherSettings): Promise<void> {
    return this.#during(this.#host.adjust(id, gather));
  }

  pause(id: string): Promise<void> {
    return this.#during(this.#host.pause(id));
  }

  resume(id: string): Promise<void> {
    return this.#during(this.#host.resume(id));
  }

  close(id: string): Promise<void> {
    return this.#during(this.#host.close(id));
  }

  collectGarbage(): Promise<Usage | undefined> {
    return this.#during(this.#host.collectGarbage());
  }

  async stop(): Promise<void> {
    try {
      await this.#during(this.#host.stop());
    } finally {
      this.#ports.stopped();
    }
  }

  end(death: HostDeath): void {
    this.#death ??= death;
    this.#host.end(this.#death);
  }

  async #during<T>(work: Promise<T>): Promise<T> {
    this.#requests++;
    this.#worked = true;
    try {
      return await work;
    } catch (error) {
      if (!('death' in (error as object)) && isMemoryRefusal((error as Error).message)) await this.#refused();
      throw error;
    } finally {
      this.#requests--;
    }
  }

  /** What is garbage is not kept: it counts only if the host does not come to collect it. */
  #judge(usage: Usage): void {
    const excess = this.#memory.excess(usage);
    if (!excess || this.#death) return;
    if (this.#looks === undefined) {
      this.#looks = 0;
      void this.#tidy().then(() => {
        this.#looks = undefined;
        const kept = this.#memory.excess(this.#usage);
        if (kept) this.end(memoryDeath(this.#group, kept));
      });
    } else if (++this.#looks >= PATIENCE) this.end(memoryDeath(this.#group, excess));
  }

  /** Reads what it uses once its garbage is collected, if it lives that long. */
  async #tidy(): Promise<void> {
    const tidied = await this.#host.collectGarbage().catch(() => undefined);
    // By the time that it can be read here, there may be garbage again.
    this.#usage = tidied ?? this.#source.read() ?? this.#usage;
  }

  /**
   * The kernel has refused memory.
   * @throws that it died, if its budget is used up: it would limp on for ever
   */
  async #refused(): Promise<void> {
    await this.#tidy();
    if (!this.#memory.explainsRefusal(this.#usage)) return;
    const death = memoryDeath(this.#group, this.#memory.most(this.#usage), 'It was refused more.');
    this.end(death);
    throw new HostDied(this.name, this.#death ?? death);
  }

  /** CPU time that was not counted yet. A child that nobody waited for takes its time with it; nothing is given back. */
  #spent({ cpuSeconds }: Usage): number {
    const spent = cpuSeconds - this.#countedCpuSeconds;
    // A child that ends between two reads is missing once, and is then among those that were waited for.
    if (spent < 0 && !this.#fell) {
      this.#fell = true;
      return 0;
    }
    this.#fell = false;
    this.#countedCpuSeconds = cpuSeconds;
    return Math.max(0, spent);
  }
}
