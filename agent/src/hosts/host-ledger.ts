import type { ErrorInfo, Logger } from '@dynamic-informer/sdk';
import type { BudgetedHost } from './budgeted-host.ts';
import { CPU_WINDOW_SECONDS, CpuBudget } from './cpu-budget.ts';
import { cpuDeath, cpuFix, type MeanCpu, notStartedYet, spacedOut } from './over-budget.ts';

/** How often a point of the mean is kept. */
const POINT_SECONDS = 10;

/**
 * What the hosts of one name have used, those that have ended included: a host that is started again goes on
 * with the budget of the one before. Times are seconds of a clock that does not go backwards.
 */
export class HostLedger {
  readonly name: string;
  readonly #log: Logger;
  readonly #clock: () => number;
  readonly #hosts = new Set<BudgetedHost>();
  #cpuSeconds = 0;
  #cpu: CpuBudget | undefined;
  /** Why no host is started until its bucket is filled again. */
  #stopped: Error | undefined;
  /** When how much CPU time had been used, the oldest first: as many as the window needs. */
  #points: { at: number; cpuSeconds: number }[];

  constructor(name: string, log: Logger, clock: () => number) {
    this.name = name;
    this.#log = log;
    this.#clock = clock;
    this.#points = [{ at: clock(), cpuSeconds: 0 }];
  }

  /** CPU time of all hosts of that name so far. */
  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }
  /** The hosts that run: more than one while one takes the place of another. */
  get hosts(): ReadonlySet<BudgetedHost> {
    return this.#hosts;
  }

  setCpu(share: number | undefined): void {
    if (share === undefined) {
      this.#cpu = undefined;
      this.#stopped = undefined;
    } else if (this.#cpu) this.#cpu.setShare(share, this.#clock());
    else this.#cpu = new CpuBudget(share, this.#clock());
  }

  /** @throws while its CPU budget does not allow to start a host */
  checkStart(): void {
    if (this.#stopped && this.#waitSeconds() > 0) throw this.#stopped;
    this.#stopped = undefined;
  }

  add(host: BudgetedHost): void {
    this.#hosts.add(host);
  }

  remove(host: BudgetedHost): void {
    if (this.#hosts.delete(host)) host.release();
  }

  /** Why no collect is started now. */
  refusal(): ErrorInfo | undefined {
    const wait = this.#waitSeconds();
    if (wait === 0 || !this.#cpu) return undefined;
    return spacedOut(this.name, this.mean(), this.#cpu.share, wait);
  }

  /** The share of a core that was used over the last five minutes, or since there is a ledger. */
  mean(): MeanCpu {
    const oldest = this.#points[0] as { at: number; cpuSeconds: number };
    const seconds = Math.max(1, this.#clock() - oldest.at);
    return { share: (this.#cpuSeconds - oldest.cpuSeconds) / seconds, seconds };
  }

  /** Looks at what the hosts have used since it last did, and does what follows from that. */
  sample(): void {
    let [spent, most, isWorking] = [0, 0, false];
    let busiest: BudgetedHost | undefined;
    for (const host of this.#hosts) {
      const now = host.sample();
      spent += now.cpuSeconds;
      isWorking ||= now.isWorking;
      if (now.cpuSeconds >= most) [most, busiest] = [now.cpuSeconds, host];
    }
    if (!busiest) return;
    const at = this.#clock();
    this.#cpuSeconds += spent;
    this.#remember(at);
    const change = this.#cpu?.spend(spent, at, isWorking);
    if (change === 'exhausted') this.#stop(busiest);
    else if (change === 'over')
      this.#log.warn('host is over its CPU budget', this.#fields(cpuFix(this.name)));
    else if (change === 'back') this.#log.info('host is within its CPU budget again', this.#fields());
  }

  #stop(host: BudgetedHost): void {
    const death = cpuDeath(this.name, this.mean(), this.#cpu?.share ?? 0);
    this.#stopped = notStartedYet(death, new Date(Date.now() + this.#waitSeconds() * 1000));
    host.end(death);
  }

  #fields(fix?: string): Readonly<Record<string, unknown>> {
    return {
      host: this.name,
      used: Number(this.mean().share.toPrecision(2)),
      budget: this.#cpu?.share,
      ...(fix !== undefined && { fix }),
    };
  }

  #waitSeconds(): number {
    return this.#cpu?.waitSeconds(this.#clock()) ?? 0;
  }

  #remember(at: number): void {
    const last = this.#points.at(-1);
    if (last && at - last.at < POINT_SECONDS) return;
    this.#points.push({ at, cpuSeconds: this.#cpuSeconds });
    while ((this.#points[1]?.at ?? at) <= at - CPU_WINDOW_SECONDS) this.#points.shift();
  }
}
