import type { Exposition } from '../support/agent.ts';
import type { BadParts } from './plugin-source.ts';

/** Where the bad resource runs: with the healthy ones, with others of its plugin, alone. */
export const PLACEMENTS = ['shared', 'own', 'dedicated'] as const;
export type Placement = (typeof PLACEMENTS)[number];

type Outcome = 'ok' | 'partial' | 'target' | 'timeout' | 'crash' | 'plugin' | 'limit';
type DeathReason = 'timeout' | 'memory' | 'cpu' | 'exit' | 'crash';

/** What an operator is told of a fault. Of several words, one is enough. */
export interface Sight {
  /** Counted in `informer_collects_total`. */
  readonly outcome?: readonly Outcome[];
  /** Codes of the resource's errors in the API, and of the one log line that names it. */
  readonly codes?: readonly string[];
  /** Counted in `informer_host_restarts_total`; without it, no host may end. */
  readonly deaths?: readonly DeathReason[];
  /** A host may also end by its own slowness, or by what a neighbour runs into. */
  readonly mayDie?: boolean;
  /** What else has to be there in the end. Throws if it is not. */
  readonly also?: (page: Exposition, resource: string, log: readonly LogRecord[]) => void;
}

export type LogRecord = Readonly<Record<string, unknown>>;

/** One thing that a plugin does wrong. */
export interface Fault {
  readonly name: string;
  readonly bad: BadParts;
  /** More of the bad resource's configuration. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where it is to run into a timeout, which is short then. */
  readonly hangs?: 'open' | 'collect';
  readonly sees: Sight;
  /** What is different where the bad resource does not run alone. */
  readonly seesWithOthers?: Sight;
  /**
   * Nothing stands between code in one process: until it is found out, healthy series of resources that live with
   * it are wrong or missing, `surely` if the case has to show it. `how` is for the test's name and the table in
   * ARCHITECTURE.md.
   */
  readonly spoils?: { readonly how: string; readonly surely: boolean };
  /** How long the scraper waits, in seconds. */
  readonly scrapeTimeoutSeconds?: number;
  /** Changes the bad resource's configuration now and then, so that its collector is replaced and closed. */
  readonly replaced?: boolean;
  /** What the table in ARCHITECTURE.md says that an operator sees. */
  readonly shown: string;
}
