import type { Encoding } from '@dynamic-informer/sdk/host';
import type { preHandlerAsyncHookHandler } from 'fastify';
import type { Exposition } from '../render/scrape.ts';
import type { Selection } from '../render/selection.ts';
import type { AgentStatus, ReloadResult } from '../status.ts';
import type { RequestAccess } from './access.ts';

/** What the routes read, and the one thing that they may say: look again. */
export interface HttpPorts {
  status(): AgentStatus;
  scrape(selection: Selection, budgetMs: number, encoding: Encoding): Promise<Exposition>;
  /** Every resource has opened or failed. */
  ready(): boolean;
  reload(): Promise<ReloadResult>;
  /** Opens an enabled resource anew; `false` if there is none of that name. */
  restart(name: string): Promise<boolean>;
  scraped(code: number, format: string, seconds: number): void;
  settings(): WebSettings;
}

export interface WebSettings {
  readonly metricsPath: string;
  readonly scrapeTimeoutOffsetMs: number;
  readonly tokenFile: string | undefined;
  /** `web.openmetrics_created`. */
  readonly openmetricsCreated: boolean;
}

/** What a group of routes is made with. */
export interface RouteContext extends RequestAccess {
  readonly ports: HttpPorts;
  /** For routes that change something: lets those pass that may. */
  readonly admin: { readonly preHandler: preHandlerAsyncHookHandler };
}
