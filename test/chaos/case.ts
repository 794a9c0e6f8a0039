import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Exposition } from '../support/agent.ts';
import type { RunningInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import type { Fault, LogRecord, Placement, Sight } from './fault.ts';
import { pageProblems, type Standing, standings } from './healthy-check.ts';
import { type ChaosRow, isLong } from './report.ts';
import { scrapeLikePrometheus } from './scraper.ts';
import {
  type BadPlugin,
  castOf,
  configOf,
  deadlineMs,
  PAUSE_MS,
  SCRAPE_TIMEOUT_SECONDS,
  SCRAPES,
  startCast,
} from './set-up.ts';

/** How long a case goes on scraping for what has to be seen. */
const PATIENCE_MS = isLong ? 300_000 : 45_000;
const LATE_BY_MS = 100;

/** Twenty healthy resources beside what one plugin does wrong, scraped over and over. */
export async function runCase(
  fault: Fault,
  placements: readonly Placement[],
): Promise<Omit<ChaosRow, 'case'>> {
  const cast = castOf(placements);
  await using run = await startCast(cast, fault);
  await intervalsBegun(run, cast.healthy);
  const witness = new Witness(fault, cast.bad, cast.healthy);
  const timeout = fault.scrapeTimeoutSeconds ?? SCRAPE_TIMEOUT_SECONDS;
  const started = performance.now();
  let slowestMs = 0;
  for (let scrape = 0; ; scrape++) {
    if (fault.replaced && scrape % 5 === 4) await run.configure(configOf(cast, fault, scrape));
    const { page, milliseconds, failure } = await scrapeLikePrometheus(run.url, timeout);
    slowestMs = Math.max(slowestMs, milliseconds);
    expect.soft(failure, `scrape ${scrape} after ${Math.round(milliseconds)} ms`).toBeUndefined();
    if (!page) break;
    const log = logOf(run);
    witness.look(page, log);
    await witness.ask(run);
    const unseen = witness.unseen(log);
    const isOver = performance.now() - started > PATIENCE_MS;
    if (scrape + 1 >= SCRAPES && (unseen.length === 0 || isOver)) {
      const told = `in ${scrape + 1} scrapes; the log:\n${summary(log)}\n`;
      expect.soft(unseen, `what has to be seen, ${told}`).toEqual([]);
      expect.soft(witness.problems, `what is wrong with the healthy resources, ${told}`).toEqual([]);
      if (isLong) expect.soft(slowestMs).toBeLessThan(deadlineMs(timeout) + LATE_BY_MS);
      await deathsAreLogged(run);
      return {
        scrapes: scrape + 1,
        worstOverrunMs: Math.max(0, Math.round(slowestMs - deadlineMs(timeout))),
        kills: Object.values(witness.deaths).reduce((sum, count) => sum + count, 0),
        late: witness.lates,
      };
    }
    await pause(PAUSE_MS);
  }
  throw new Error(`The scraper gave up. The end of the log:\n${run.process.output().slice(-4000)}`);
}

/** Looks at every page and every answer of the API, and remembers what a case is about. */
class Witness {
  readonly problems: string[] = [];
  lates = 0;
  deaths: Record<string, number> = {};
  readonly #fault: Fault;
  readonly #bad: readonly BadPlugin[];
  readonly #healthy: readonly string[];
  readonly #codes = new Map<string, Set<string>>();
  readonly #latesOf = new Map<string, number>();
  /** By resource: the hosts that it has lived in. */
  readonly #hostsOf = new Map<string, Set<string>>();
  /** The scrape by which every bad one had been found out, and lived alone from then on. */
  #aloneSince = Number.POSITIVE_INFINITY;
  #scrapes = 0;
  readonly #spoiled = new Set<string>();
  #page: Exposition | undefined;

  constructor(fault: Fault, bad: readonly BadPlugin[], healthy: readonly string[]) {
    this.#fault = fault;
    this.#bad = bad;
    this.#healthy = healthy;
  }

  look(page: Exposition, log: readonly LogRecord[]): void {
    this.#page = page;
    this.#scrapes++;
    this.problems.push(...pageProblems(page.text));
    this.deaths = deathsIn(page);
    for (const resource of [...this.#healthy, ...this.#bad.map(({ name }) => name)]) {
      const hosts = this.#hostsOf.get(resource) ?? new Set();
      this.#hostsOf.set(resource, hosts.add(hostOf(page, resource)));
    }
    for (const [resource, standing] of standings(page, this.#healthy)) this.#judge(page, resource, standing);
    const ended = log.filter(({ msg }) => msg === 'host ended');
    const areFound = this.#bad.every(({ name }) => ended.some(({ resource }) => resource === name));
    if (areFound) this.#aloneSince = Math.min(this.#aloneSince, this.#scrapes);
  }

  async ask(run: RunningInformer): Promise<void> {
    for (const { name } of this.#bad) {
      const response = await fetch(`${run.url}/api/v1/resources/${name}`);
      const { errors } = (await response.json()) as { errors: { code: string }[] };
      const codes = this.#codes.get(name) ?? new Set();
      this.#codes.set(name, codes);
      for (const { code } of errors) codes.add(code);
    }
  }

  /** What has to be seen and was not yet. */
  unseen(log: readonly LogRecord[]): string[] {
    const page = this.#page;
    if (!page) return ['a page'];
    const unseen = this.#bad.flatMap(({ name, placement }) => {
      const { sees, seesWithOthers = sees } = this.#fault;
      return this.#unseenOf(page, name, placement === 'dedicated' ? sees : seesWithOthers, log);
    });
    const mustSpoil = this.#fault.spoils?.surely && this.#bad.some(({ siblings }) => siblings.length > 0);
    if (mustSpoil && this.#spoiled.size === 0) unseen.push('a healthy resource that is spoiled');
    return unseen;
  }

  #unseenOf(page: Exposition, resource: string, sight: Sight, log: readonly LogRecord[]): string[] {
    const unseen: string[] = [];
    const { outcome, codes, deaths, mayDie, also } = sight;
    const counted = (name: string) =>
      (page.value('informer_collects_total', { resource, outcome: name }) ?? 0) > 0;
    if (outcome && !outcome.some(counted)) unseen.push(`${resource}: the outcome ${outcome.join(' or ')}`);
    const told = [...(this.#codes.get(resource) ?? [])];
    if (codes && !told.some((code) => codes.includes(code))) {
      unseen.push(
        `${resource}: the code ${codes.join(' or ')} in the API, which had ${told.join() || 'none'}`,
      );
    }
    const logged = log.filter((line) => line.resource === resource).map(({ code }) => String(code));
    if (codes && !logged.some((code) => codes.includes(code))) {
      unseen.push(`${resource}: a log line with ${codes.join(' or ')}; there were ${logged.join()}`);
    }
    if (deaths && !deaths.some((reason) => (this.deaths[reason] ?? 0) > 0)) {
      unseen.push(`a host that ended by ${deaths.join(' or ')}`);
    }
    if (!deaths && mayDie !== true && Object.keys(this.deaths).length > 0) unseen.push('that no host ends');
    try {
      also?.(page, resource, log);
    } catch (error) {
      unseen.push(`${resource}: ${(error as Error).message}`);
    }
    return unseen;
  }

  #judge(page: Exposition, resource: string, { state, problem }: Standing): void {
    if (state === 'complete') return;
    if (this.#isSpoiled(resource)) {
      this.#spoiled.add(resource);
      return;
    }
    if (state === 'wrong') {
      this.problems.push(problem ?? resource);
      return;
    }
    this.lates++;
    const lates = (this.#latesOf.get(resource) ?? 0) + 1;
    this.#latesOf.set(resource, lates);
    const hosts = [...(this.#hostsOf.get(resource) ?? [])];
    const kills = killsOn(page, hosts);
    const where = `${resource} in ${hosts.join(' and ')}`;
    if (lates > kills) {
      this.problems.push(`${where} was late ${lates} times, and what it lived in was killed ${kills} times`);
    }
    // What the last kill has cost is still on its way in the scrape that follows.
    if (this.#scrapes > this.#aloneSince + 1) {
      this.problems.push(`${where} was late although nothing bad lived with it any more`);
    }
  }

  /** Whether it has lived with a bad one that nothing holds back there, and that was not found out. */
  #isSpoiled(resource: string): boolean {
    if (!this.#fault.spoils || this.#scrapes > this.#aloneSince + 1) return false;
    const hosts = this.#hostsOf.get(resource);
    return this.#bad.some(({ name }) =>
      [...(this.#hostsOf.get(name) ?? [])].some((host) => hosts?.has(host)),
    );
  }
}

/** `informer_resource_info` says in which host a resource lives. */
function hostOf(page: Exposition, resource: string): string {
  const [line = ''] = page
    .lines('informer_resource_info')
    .filter((each) => each.includes(`resource="${resource}"`));
  return /[{,]host="([^"]*)"/.exec(line)?.[1] ?? '';
}

function restartsIn(page: Exposition): { host: string; reason: string; count: number }[] {
  return page.lines('informer_host_restarts_total').flatMap((line) => {
    const [, host = '', reason = '', count = ''] = /host="([^"]*)",reason="([^"]*)"\} (.*)$/.exec(line) ?? [];
    return reason === 'split' || reason === 'code' ? [] : [{ host, reason, count: Number(count) }];
  });
}

function deathsIn(page: Exposition): Record<string, number> {
  const deaths: Record<string, number> = {};
  for (const { reason, count } of restartsIn(page)) deaths[reason] = (deaths[reason] ?? 0) + count;
  return deaths;
}

/** How often these hosts, or those that they were parts of before these were divided, were killed. */
function killsOn(page: Exposition, hosts: readonly string[]): number {
  return restartsIn(page)
    .filter(({ host: dead }) => hosts.some((host) => host === dead || host.startsWith(`${dead}/`)))
    .reduce((sum, { count }) => sum + count, 0);
}

/** What an agent that logs as JSON has logged. */
function logOf(run: RunningInformer): LogRecord[] {
  const lines = run.process.output().split('\n');
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as LogRecord];
    } catch {
      return [];
    }
  });
}

/** What the log says of hosts and resources, a line each. */
function summary(log: readonly LogRecord[]): string {
  const told = log.filter(({ msg }) => /^(host (?!printed)|resource|collect)/.test(String(msg)));
  return told
    .slice(-25)
    .map(({ level: _level, plugin: _plugin, fix: _fix, ...line }) => JSON.stringify(line))
    .join('\n');
}

async function intervalsBegun(run: RunningInformer, healthy: readonly string[]): Promise<void> {
  interface Status {
    readonly name: string;
    readonly every: unknown;
    readonly lastCollectAt?: number;
  }
  const begun = async () => {
    const response = await fetch(`${run.url}/api/v1/resources`);
    const { resources } = (await response.json()) as { resources: Status[] };
    return resources
      .filter(({ name, every }) => healthy.includes(name) && every !== 'scrape')
      .every(({ lastCollectAt }) => lastCollectAt !== undefined);
  };
  await waitFor(begun, { what: 'the first collects', timeout: 30_000 });
}

/** Every end of a host is seen twice: counted, and as one line of the log. */
async function deathsAreLogged(run: RunningInformer): Promise<void> {
  const agree = async () => {
    const { page } = await scrapeLikePrometheus(run.url, SCRAPE_TIMEOUT_SECONDS);
    const counted = page ? Object.values(deathsIn(page)).reduce((sum, count) => sum + count, 0) : -1;
    return counted === logOf(run).filter(({ msg }) => msg === 'host ended').length;
  };
  await waitFor(agree, { what: 'one log line for each host that ended', timeout: 20_000 });
}
