import { toErrorInfo } from '@dynamic-informer/sdk';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { diagnosticAt } from '../config/place.ts';
import type { AgentConfig, Diagnostic } from '../config/types.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Redactor } from '../log.ts';
import type { DesiredResource } from '../resources/desired.ts';
import { plan } from '../resources/plan.ts';
import type { ReloadResult } from '../status.ts';
import { type CheckedConfig, checkConfig } from './check-config.ts';

export interface ReloaderPorts {
  readonly file: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pool: HostPool;
  readonly redactor: Redactor;
  running(): ReadonlyMap<string, DesiredResource>;
  /** Makes a valid configuration take effect. Throws a config error if its addresses can't be listened on. */
  apply(config: AgentConfig, desired: readonly DesiredResource[]): Promise<void>;
}

export interface Watched {
  readonly files: readonly string[];
  readonly directories: readonly string[];
}

/** Turns "look again" into a changed agent: load, validate everything, and only then apply, one pass at a time. */
export class Reloader {
  readonly #ports: ReloaderPorts;
  #last: Promise<unknown> = Promise.resolve();
  #watched: Watched;
  /** How many passes have begun. */
  passes = 0;

  constructor(ports: ReloaderPorts) {
    this.#ports = ports;
    this.#watched = { files: [ports.file], directories: [] };
  }

  /** What the last pass has read: a change in it is a reason for another. */
  get watched(): Watched {
    return this.#watched;
  }

  /** Waits for the pass that is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  pass(): Promise<ReloadResult> {
    const next = this.#last.then(() => this.#passNow());
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #passNow(): Promise<ReloadResult> {
    this.passes++;
    const { file, environment, pool, redactor } = this.#ports;
    const checked = await checkConfig(file, environment, pool, redactor, this.#ports.running());
    this.#watched = { files: checked.loaded.files, directories: checked.loaded.directories };
    try {
      if (!checked.config || checked.issues.length > 0) return this.#rejected(checked.issues);
      return await this.#apply(checked, checked.config);
    } finally {
      checked.release();
    }
  }

  async #apply({ desired }: CheckedConfig, config: AgentConfig): Promise<ReloadResult> {
    const actions = plan(desired, this.#ports.running());
    try {
      await this.#ports.apply(config, desired);
    } catch (error) {
      const info = toErrorInfo(error);
      if (info.class !== 'config') throw error;
      return this.#rejected([diagnosticAt(config.web, info)]);
    }
    const of = (kind: string) =>
      actions
        .filter((action) => action.kind === kind)
        .map((action) => ('resource' in action ? action.resource.name : action.name));
    return {
      successful: true,
      errors: [],
      opened: of('open'),
      replaced: of('replace'),
      adjusted: of('adjust'),
      closed: of('close'),
    };
  }

  #rejected(issues: readonly Diagnostic[]): ReloadResult {
    const errors = issues.map((issue) => this.#ports.redactor.redact(formatDiagnostic(issue)));
    return { successful: false, errors, opened: [], replaced: [], adjusted: [], closed: [] };
  }
}
