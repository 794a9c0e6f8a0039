import type { ErrorInfo, Logger } from '@dynamic-informer/sdk';
import type { CollectOutcome } from './contract.ts';
import type { ResourceState } from './resources/resource.ts';

interface Said {
  /** State, code and message of what it was said to have failed with; it holds until a collect brings something. */
  failure: string | undefined;
  /** What its collects were said to lack or to fail with, by code. */
  readonly problems: Set<string>;
  isLate: boolean;
  hasRun: boolean;
}

/** Outcomes that brought what the resource should bring, be it not all of it. */
export const SUCCESSES: readonly CollectOutcome[] = ['ok', 'partial', 'limit'];

export const LATE: ErrorInfo = {
  code: 'TARGET_LATE',
  class: 'target',
  message: 'It was not ready when the last scrape had to be answered.',
  fix: 'Look at what it reads, give it a clock of its own with "every", or let the scraper wait longer.',
};

/** Says of every resource what is wrong with it, each thing once while it lasts, and once that it is well again. */
export class ResourceLog {
  readonly #log: Logger;
  readonly #said = new Map<string, Said>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** It has another state, or another reason for the one that it has. */
  changed(resource: string, plugin: string, state: ResourceState, error: ErrorInfo | undefined): void {
    const fields = { resource, plugin };
    if (state === 'closed') {
      this.#log.info('resource closed', fields);
      this.#said.delete(resource);
      return;
    }
    const said = this.#of(resource);
    if (error) {
      // Each try that fails for the same reason passes through another state; that is no news.
      const failure = `${state} ${error.code} ${error.message}`;
      if (failure !== said.failure) {
        this.#log.error(`resource ${state}`, { ...fields, ...inWords(error) });
      }
      said.failure = failure;
    } else if (state === 'running' && !said.hasRun) {
      said.hasRun = true;
      if (said.failure === undefined) this.#log.info('resource running', fields);
    }
  }

  collected(
    resource: string,
    plugin: string,
    { outcome, errors }: { readonly outcome: CollectOutcome; readonly errors: readonly ErrorInfo[] },
    standing: ErrorInfo | undefined,
  ): void {
    // It was not started, which says nothing of the resource.
    if (outcome === 'limit' && errors[0]?.code === 'LIMIT_CPU') return;
    const said = this.#of(resource);
    const level = SUCCESSES.includes(outcome) ? 'incomplete' : 'failed';
    const now = new Map<string, ErrorInfo | undefined>();
    for (const error of errors) {
      const key = `${level} ${error.code}`;
      if (!now.has(key)) now.set(key, error);
    }
    if (outcome !== 'ok' && errors.length === 0) now.set(outcome, undefined);
    const wasUnwell = said.problems.size > 0 || (said.failure !== undefined && standing === undefined);
    for (const [key, error] of now) {
      if (said.problems.has(key) || (error && isSaidElsewhere(error, standing))) continue;
      this.#log.warn(`collect ${level}`, { resource, plugin, outcome, ...(error && inWords(error)) });
    }
    said.problems.clear();
    for (const key of now.keys()) said.problems.add(key);
    if (level === 'incomplete' && standing === undefined) said.failure = undefined;
    if (outcome === 'ok' && wasUnwell && !said.isLate) this.#wellAgain(resource, plugin);
  }

  late(resource: string, plugin: string, isLate: boolean): void {
    const said = this.#of(resource);
    if (said.isLate === isLate) return;
    said.isLate = isLate;
    if (isLate) this.#log.warn('resource was late for a scrape', { resource, plugin, ...inWords(LATE) });
    else if (said.problems.size === 0 && said.failure === undefined) this.#wellAgain(resource, plugin);
  }

  forget(resource: string): void {
    this.#said.delete(resource);
  }

  #wellAgain(resource: string, plugin: string): void {
    this.#log.info('resource is well again', { resource, plugin, outcome: 'ok' });
  }

  #of(resource: string): Said {
    const known = this.#said.get(resource);
    if (known) return known;
    const said: Said = { failure: undefined, problems: new Set(), isLate: false, hasRun: false };
    this.#said.set(resource, said);
    return said;
  }
}

const inWords = ({ code, message, fix }: ErrorInfo) => ({ code, error: message, fix });

/** What comes of a collect whose host it brought down. */
const HOST_ENDED: readonly string[] = ['PLUGIN_HOST_DIED', 'LIMIT_MEMORY', 'LIMIT_CPU'];

/** That it brought its host down was said when its state changed; that its host is over its CPU budget says the host. */
function isSaidElsewhere({ code }: ErrorInfo, standing: ErrorInfo | undefined): boolean {
  return code === 'LIMIT_CPU' || (standing !== undefined && HOST_ENDED.includes(code));
}
