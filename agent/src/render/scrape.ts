import { type Encoding, Headers, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import type { Fragment } from '../contract.ts';
import { bodyIn, merge } from './exposition.ts';
import type { Selection } from './selection.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';
import type { WantedEncodings } from './wanted-encodings.ts';

/** What a scrape needs to know of a resource. */
export interface ScrapedResource {
  readonly name: string;
  readonly every: 'scrape' | number;
  readonly timeoutMs: number;
  readonly maxStaleMs: number;
}

export interface ScrapePorts {
  /** In the configuration's order. */
  resources(): readonly ScrapedResource[];
  /** Collects now, or joins the collect that is under way. */
  collect(name: string): Promise<void>;
  setLate(name: string, late: boolean): void;
  renderSelf(
    wanted: (resource: string | undefined) => boolean,
    encoding: Encoding,
  ): Promise<readonly Fragment[]>;
}

/** The bytes of an answer, in parts to be sent one after the other. */
export interface Exposition {
  /** What it is written in, which may be text though something else was wanted. */
  readonly encoding: Encoding;
  readonly parts: readonly Uint8Array[];
}

/** Answers scrapes: collects what is collected on a scrape, waits until the deadline, renders what is there. */
export class Scraper {
  readonly #ports: ScrapePorts;
  readonly #snapshots: Snapshots;
  readonly #wanted: WantedEncodings;
  readonly #headers = new Headers();

  constructor(ports: ScrapePorts, snapshots: Snapshots, wanted: WantedEncodings) {
    this.#ports = ports;
    this.#snapshots = snapshots;
    this.#wanted = wanted;
  }

  /** The exposition. `budgetMs` is how long collects may take. */
  async scrape({ names, narrowed }: Selection, budgetMs: number, wanted: Encoding): Promise<Exposition> {
    this.#wanted.ask(wanted);
    const started = Date.now();
    const selected = this.#ports.resources().filter(({ name }) => names.has(name));
    const pending = new Set<string>();
    const collects = selected
      .filter(({ every }) => every === 'scrape')
      .map(async ({ name }) => {
        pending.add(name);
        await this.#ports.collect(name);
        pending.delete(name);
      });
    await settledWithin(collects, budgetMs);
    for (const { name } of selected) this.#ports.setLate(name, pending.has(name));

    const fragments = selected.flatMap((resource) => this.visible(resource, started)?.fragments ?? []);
    // A result from before this format was first asked for has text only, and with it the whole page.
    const isThere = fragments.every((fragment) => bodyIn(fragment, wanted) !== undefined);
    const encoding = isThere ? wanted : TEXT_ENCODING;
    const self = await this.#ports.renderSelf(
      (resource) => (resource === undefined ? !narrowed : names.has(resource)),
      encoding,
    );
    return {
      encoding,
      parts: merge([...fragments, ...self], encoding, this.#headers, (name) => this.#snapshots.header(name)),
    };
  }

  /**
   * The snapshot whose values may be shown: for `every: scrape` one that this scrape's collect brought,
   * else the latest that is no older than its interval allows; beyond that the last good one within `max_stale`.
   */
  visible(
    { name, every, timeoutMs, maxStaleMs }: ScrapedResource,
    scrapeStart: number,
  ): Snapshot | undefined {
    const latest = this.#snapshots.latest(name);
    const oldest = every === 'scrape' ? scrapeStart : Date.now() - 2 * every - timeoutMs;
    if (latest && latest.at >= oldest && latest.fragments.length > 0) return latest;
    if (latest && latest.at >= oldest && latest.outcome === 'ok') return latest;
    const good = this.#snapshots.good(name);
    return good && Date.now() - good.at <= maxStaleMs ? good : undefined;
  }
}

/** Waits for all of them, but no longer than `ms`; the work itself goes on to its own deadline. */
async function settledWithin(work: readonly Promise<void>[], ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  void Promise.all(work).then(() => resolve());
  await promise;
  clearTimeout(timer);
}
