import type { Logger } from '@dynamic-informer/sdk';
import type { HostDeath, HostGroup, HostUsage } from '../contract.ts';
import type { RunningUsage } from '../status.ts';
import { BudgetedHost } from './budgeted-host.ts';
import { HostLedger } from './host-ledger.ts';
import type { StartHost } from './pool.ts';
import { isUsageKnown, ProcessUsage } from './usage.ts';

const SAMPLE_MS = 1_000;
/** A reading that is younger is not taken again for a scrape. */
const FRESH_MS = 250;

/**
 * Reads once a second what every host uses, and holds them to their budgets. Without /proc nothing is known and
 * nothing is held: what remains is the bound of V8's heap.
 */
export class HostBudgets {
  readonly #log: Logger;
  readonly #proc: string;
  readonly #clock = () => performance.now() / 1000;
  readonly #ledgers = new Map<string, HostLedger>();
  #configured: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #sampledAt = 0;
  #isKnown: boolean | undefined;

  constructor(log: Logger, proc = '/proc') {
    this.#log = log;
    this.#proc = proc;
  }

  /** Starts hosts as `start` does, each of them held to its budgets. */
  watching(start: StartHost): StartHost {
    return async (group, onDeath, ...rest) => {
      const ledger = this.#ledgerOf(group);
      ledger.checkStart();
      let watched: BudgetedHost | undefined;
      const ended = (death: HostDeath) => {
        this.#forget(ledger, watched);
        onDeath(watched?.explain(death) ?? death);
      };
      const host = await start(group, ended, ...rest);
      const source = this.#sourceOf(host.pid);
      const empty = source?.read();
      if (!source || !empty) {
        source?.close();
        return host;
      }
      watched = new BudgetedHost(host, group, source, empty, {
        refusal: () => ledger.refusal(),
        stopped: () => this.#forget(ledger, watched),
      });
      ledger.add(watched);
      this.#timer ??= setInterval(() => this.#sample(), SAMPLE_MS).unref();
      return watched;
    };
  }

  /** The hosts that the configuration wants: their CPU budgets hold from now on, others are forgotten when they end. */
  configure(groups: Iterable<HostGroup>): void {
    const configured = new Map([...groups].map((group) => [group.name, group]));
    this.#configured = new Set(configured.keys());
    for (const ledger of this.#ledgers.values()) {
      const group = configured.get(wholeOf(ledger.name));
      if (group) ledger.setCpu(group.cpu);
      else this.#forget(ledger);
    }
  }

  /** In the order in which they were first started. */
  usages(): HostUsage[] {
    if (performance.now() - this.#sampledAt > FRESH_MS) this.#sample();
    return [...this.#ledgers.values()].map((ledger) => ({
      host: ledger.name,
      cpuSeconds: ledger.cpuSeconds,
      residentBytes: ledger.hosts.size === 0 ? undefined : runningUsage(ledger).residentBytes,
    }));
  }

  /** As it was when it was last looked at, a second ago at most; nothing while no such host runs. */
  usageOf(host: string): RunningUsage | undefined {
    const ledger = this.#ledgers.get(host);
    return ledger && ledger.hosts.size > 0 ? runningUsage(ledger) : undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #sample(): void {
    this.#sampledAt = performance.now();
    for (const ledger of this.#ledgers.values()) ledger.sample();
  }

  #ledgerOf({ name, cpu }: HostGroup): HostLedger {
    let ledger = this.#ledgers.get(name);
    if (!ledger) {
      ledger = new HostLedger(name, this.#log, this.#clock);
      ledger.setCpu(cpu);
      this.#ledgers.set(name, ledger);
    }
    return ledger;
  }

  #sourceOf(pid: number | undefined): ProcessUsage | undefined {
    if (pid === undefined) return undefined;
    if (this.#isKnown === undefined) {
      this.#isKnown = isUsageKnown(this.#proc);
      if (!this.#isKnown)
        this.#log.warn('memory and CPU budgets of hosts are not enforced', {
          error: `There is no ${this.#proc} that says what processes use.`,
          fix: 'Bound the whole agent from outside; see the section on budgets in ARCHITECTURE.md.',
        });
    }
    if (!this.#isKnown) return undefined;
    try {
      return new ProcessUsage(pid, this.#proc);
    } catch {
      // It ended already, which is reported where it is asked for something.
      return undefined;
    }
  }

  /** A host has ended. What it used stays counted as long as the configuration wants a host of that name. */
  #forget(ledger: HostLedger, host?: BudgetedHost): void {
    if (host) ledger.remove(host);
    if (ledger.hosts.size === 0 && !this.#configured.has(wholeOf(ledger.name)))
      this.#ledgers.delete(ledger.name);
  }
}

/** What a divided host was a part of. */
const wholeOf = (name: string): string => name.split('/', 1)[0] as string;

function runningUsage(ledger: HostLedger): RunningUsage {
  let [residentBytes, memoryBytes] = [0, 0];
  for (const host of ledger.hosts) {
    residentBytes += host.residentBytes;
    memoryBytes += host.memoryBytes;
  }
  return { residentBytes, memoryBytes, cpuShare: ledger.mean().share };
}
