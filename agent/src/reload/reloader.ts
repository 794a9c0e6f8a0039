import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { toErrorInfo } from '@dynamic-informer/sdk';
import { formatDiagnostic } from '../config/diagnostic.ts';
import { ConfigLoader } from '../config/load-off-thread.ts';
import { diagnosticAt } from '../config/place.ts';
import { reported } from '../config/report.ts';
import type { AgentConfig, ConfigSources, Diagnostic, Digests } from '../config/types.ts';
import type { HostPool } from '../hosts/pool.ts';
import type { Redactor } from '../redactor.ts';
import type { DesiredResource } from '../resources/desired.ts';
import type { Action } from '../resources/plan.ts';
import type { ReloadResult } from '../status.ts';
import { type CheckedConfig, checkLoaded } from './check-config.ts';
import type { PluginCode } from './plugin-code.ts';
import type { WatchedFiles } from './watched-files.ts';
import type { Settled } from './watcher.ts';

/** How long what else has changed waits for a plugin that is asked whether its configuration is right. */
const PATIENCE_MS = 3_000;

export interface ReloaderPorts {
  readonly file: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Instead of `web.config_file`. */
  readonly webConfigFile: string | undefined;
  readonly pool: HostPool;
  readonly redactor: Redactor;
  readonly code: PluginCode;
  readonly files: WatchedFiles;
  /**
   * Makes a valid configuration take effect. Throws, with nothing changed, if its addresses can't be listened on.
   * When it resolves, it says what has begun, and `settled` still waits for what opens.
   */
  apply(config: AgentConfig, desired: readonly DesiredResource[]): Promise<Applied>;
}

/** The actions that have been taken, and when all of them have been carried out or have failed. */
export interface Applied {
  readonly actions: readonly Action[];
  readonly settled: Promise<void>;
}

/** What a pass came to, and when all that it has begun is done: the next pass need not wait for that. */
export interface Pass {
  readonly result: ReloadResult;
  readonly settled: Promise<void>;
}

/** Turns "look again" into a changed agent: load, validate everything, and only then apply, one pass at a time. */
export class Reloader {
  readonly #ports: ReloaderPorts;
  readonly #loader: ConfigLoader;
  /** Fingerprints of resources that plugins have found nothing wrong with, by name. */
  #checked: CheckedConfig['fingerprints'] = new Map();
  #last: Promise<unknown> = Promise.resolve();
  #sources: ConfigSources;
  /** How many passes have begun. */
  passes = 0;

  constructor(ports: ReloaderPorts) {
    this.#ports = ports;
    const { environment: env, webConfigFile } = ports;
    this.#loader = new ConfigLoader(ports.file, { env, webConfigFile });
    const mainFile = resolve(ports.file);
    this.#sources = { mainFile, include: [], included: [], digests: {} };
  }

  /** What the last pass has read: a change in it is a reason for another. */
  get sources(): ConfigSources {
    return this.#sources;
  }

  /** Waits for the pass that is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** A pass is likely to come soon: what it will read is read ahead. */
  readAhead(): void {
    this.#loader.readAhead();
  }

  /** No pass comes any more. */
  close(): void {
    this.#loader[Symbol.dispose]();
  }

  pass(): Promise<Pass> {
    return this.#enqueue(() => this.#passNow()) as Promise<Pass>;
  }

  /** A pass over what was seen on disk and had settled. Gives nothing, and changes nothing, if it reads something else or the last pass has read it. */
  passOver(settled: Settled): Promise<Pass | undefined> {
    return this.#enqueue(() => this.#passNow(settled));
  }

  #enqueue(pass: () => Promise<Pass | undefined>): Promise<Pass | undefined> {
    const next = this.#last.then(pass);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #passNow(seen?: Settled): Promise<Pass | undefined> {
    // The pass that was under way may have read it.
    if (seen && this.#isKnown(seen)) return undefined;
    this.passes++;
    const { pool, redactor, code, files } = this.#ports;
    const checked = await checkLoaded(await this.#loader.load(), {
      pool,
      redactor,
      checked: this.#checked,
      files,
      look: (config) => code.look(config, seen === undefined),
      // An agent that starts holds up nothing that runs by waiting for a plugin.
      ...(this.passes > 1 && { patienceMs: PATIENCE_MS }),
    });
    if (checked.loaded.draft) this.#checked = checked.fingerprints;
    let settled = Promise.resolve();
    try {
      const { sources } = checked.loaded;
      if (sources && seen && hasMoved(seen.config, sources.digests)) return undefined;
      if (seen && checked.code && hasMoved(seen.code, checked.code.digests)) return undefined;
      if (seen && hasMoved(seen.files, checked.files.digests)) return undefined;
      if (sources) this.#sources = sources;
      if (checked.code) {
        checked.code.take();
        checked.files.take();
      }
      if (!checked.config || checked.issues.length > 0) {
        return { result: this.#rejected(checked.issues, checked), settled };
      }
      const pass = await this.#apply(checked, checked.config);
      settled = pass.settled;
      return pass;
    } finally {
      // Until what opens has hosts of its own, those that were asked must not end.
      void settled.finally(() => checked.release());
    }
  }

  #isKnown(seen: Settled): boolean {
    const { digests } = this.#sources;
    const paths = Object.keys({ ...digests, ...seen.config });
    const { code, files } = this.#ports;
    return (
      paths.every((path) => digests[path] === seen.config[path]) &&
      Object.entries(code.digests).every(([path, digest]) => seen.code[path] === digest) &&
      isDeepStrictEqual(files.digests, seen.files)
    );
  }

  async #apply(checked: CheckedConfig, config: AgentConfig): Promise<Pass> {
    let applied: Applied;
    try {
      applied = await this.#ports.apply(config, checked.desired);
    } catch (error) {
      return {
        result: this.#rejected([diagnosticAt(config.web, toErrorInfo(error))], checked),
        settled: Promise.resolve(),
      };
    }
    const { actions, settled } = applied;
    const of = (kind: string) =>
      actions
        .filter((action) => action.kind === kind)
        .map((action) => ('resource' in action ? action.resource.name : action.name));
    const result = {
      successful: true,
      errors: [],
      diagnostics: [],
      warnings: this.#lines(checked.warnings),
      opened: of('open'),
      replaced: of('replace'),
      adjusted: of('adjust'),
      closed: of('close'),
    };
    return { result, settled };
  }

  #rejected(issues: readonly Diagnostic[], { loaded, warnings }: CheckedConfig): ReloadResult {
    return {
      successful: false,
      errors: this.#lines(issues),
      diagnostics: reported(issues, loaded, (text) => this.#ports.redactor.redact(text)),
      warnings: this.#lines(warnings),
      opened: [],
      replaced: [],
      adjusted: [],
      closed: [],
    };
  }

  #lines(diagnostics: readonly Diagnostic[]): string[] {
    return diagnostics.map((issue) => this.#ports.redactor.redact(formatDiagnostic(issue)));
  }
}

/** Whether something that both have read is not the same; a change may name other files than before. */
function hasMoved(seen: Digests, read: Digests): boolean {
  return Object.entries(read).some(([path, digest]) => (seen[path] ?? digest) !== digest);
}
