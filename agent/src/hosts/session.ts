import {
  configError,
  type ErrorInfo,
  type LogLevel,
  makeLogger,
  type Plugin,
  pluginError,
  type State,
  systemClock,
} from '@dynamic-informer/sdk';
import {
  compileRelabel,
  compileSchema,
  type Encoding,
  type GatherOptions,
  OpenedCollector,
  type OpenOptions,
} from '@dynamic-informer/sdk/host';
import type {
  CollectReply,
  GatherSettings,
  LogLine,
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
import { type Blame, NO_BLAME } from './blame.ts';
import { collectGarbage } from './garbage.ts';
import { importPlugin } from './import-plugin.ts';
import type { LoadedFiles } from './loaded-files.ts';
import { boundFields, boundMessage } from './log-line.ts';
import { resourceOf } from './protocol.ts';
import { Replays } from './replays.ts';
import { ReplyEncoder } from './reply-encoder.ts';
import { fileState } from './state-file.ts';
import { usageNow } from './usage.ts';

type LogSink = (level: LogLevel, resource: string, message: string, fields: Record<string, unknown>) => void;

interface Opened {
  /** What it has logged, if that is to be handed back with what it collects. */
  readonly lines: LogLine[] | undefined;
  readonly collector: OpenedCollector;
  readonly encoder: ReplyEncoder;
}

/** Of the runtime's own, whatever a plugin puts in the place of the globals: deadlines depend on them. */
const { setTimeout, clearTimeout } = globalThis;
const { now } = Date;

/** What runs inside a host, whether that is a child process or the agent's own. */
export class HostSession {
  readonly #plugins = new Map<string, Promise<Plugin>>();
  readonly #failedLoads = new Map<string, number>();
  readonly #collectors = new Map<string, Opened>();
  /** Collectors that are being opened: what ends that, and when it has ended. */
  readonly #openings = new Map<string, { abort: AbortController; ended: Promise<unknown> }>();
  readonly #replays = new Replays();
  readonly #log: LogSink;
  readonly #loadedFiles: LoadedFiles | undefined;
  readonly #blame: Blame;
  /** Called before a plugin is given a configuration: what it says of it at once is to be masked already. */
  readonly #tellSecrets: (values: readonly string[]) => void;

  constructor(
    log: LogSink,
    loadedFiles?: LoadedFiles,
    blame = NO_BLAME,
    tellSecrets: (values: readonly string[]) => void = () => undefined,
  ) {
    this.#tellSecrets = tellSecrets;
    this.#log = log;
    this.#loadedFiles = loadedFiles;
    this.#blame = blame;
  }

  async load(source: PluginSource): Promise<PluginInfo> {
    const plugin = await this.#plugin(source, '');
    return {
      name: plugin.name,
      description: plugin.description ?? '',
      schema: plugin.config,
      metrics: plugin.metrics ?? [],
      replays: plugin.replay !== undefined,
    };
  }

  async validate(request: ValidateRequest): Promise<ValidateReply> {
    const { issues, warnings, secrets, watched } = await this.#checked(request);
    return { issues, warnings, secrets, watched };
  }

  async open(request: OpenRequest): Promise<OpenReply> {
    const { id, timeoutMs } = request;
    const abort = new AbortController();
    const opening = this.#openNow(request, AbortSignal.any([abort.signal, AbortSignal.timeout(timeoutMs)]));
    this.#openings.set(id, { abort, ended: opening.catch(() => undefined) });
    try {
      return await opening;
    } finally {
      this.#openings.delete(id);
    }
  }

  async #openNow(request: OpenRequest, signal: AbortSignal): Promise<OpenReply> {
    const { value, issues, warnings, secrets, plugin } = await this.#checked(request);
    const [issue] = issues;
    if (issue) throw issue;
    const { id, directory, gather, stateFile, target } = request;
    const lines: LogLine[] | undefined = target === undefined ? undefined : [];
    const options: OpenOptions = {
      resource: gather.resource,
      directory,
      signal,
      clock: systemClock,
      logger: makeLogger((level, message, fields) => {
        if (lines) keepLine(lines, level, message, fields);
        else this.#log(level, gather.resource, message, fields);
      }),
      state: target === undefined ? fileState(stateFile) : NO_STATE,
      gather: gatherOptions(gather),
      reading: (read) => this.#blame.run(resourceOf(id), read),
    };
    for (const warning of target === undefined ? warnings : []) options.logger.warn(inWords(warning));
    const collector = await this.#blame.run(resourceOf(id), () =>
      OpenedCollector.open(plugin, value, options),
    );
    this.#collectors.set(id, { collector, encoder: new ReplyEncoder(gather.maxBytes), lines });
    return { stateful: collector.stateful, descriptors: collector.descriptors, secrets };
  }

  /** The bytes of the reply stay as they are until `sent`; who never calls that has them for good. */
  async collect(id: string, timeoutMs: number, encodings: readonly Encoding[]): Promise<CollectReply> {
    const { collector, encoder, lines } = this.#opened(id);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(deadlineError(timeoutMs)), timeoutMs);
    try {
      const collecting = this.#run(id, () => collector.collect(abort.signal, now() + timeoutMs));
      const reply = encoder.encode(await collecting, encodings);
      return lines ? { ...reply, lines } : reply;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs a configuration over this process' stdin. */
  async replay(request: ReplayRequest): Promise<ReplayReply> {
    const { id, input, gather, directory } = request;
    const { replay } = await this.#plugin(request.plugin, resourceOf(id));
    const config = { ...(request.config as object), ...(replay && { [replay.inputKey]: [input] }) };
    const { value, issues, plugin } = await this.#checked({ ...request, config });
    const [issue] = issues;
    if (issue) throw issue;
    const { resource } = gather;
    return this.#run(id, () =>
      this.#replays.run(id, input, plugin, value, {
        resource,
        directory,
        clock: systemClock,
        logger: makeLogger((level, message, fields) => this.#log(level, resource, message, fields)),
        gather: gatherOptions(gather),
      }),
    );
  }

  async replayedBytes(id: string): Promise<number> {
    return this.#replays.bytes(id);
  }

  async endReplay(id: string): Promise<void> {
    this.#replays.end(id);
  }

  /** A collect's reply has left: what it lies in can be used again. */
  sent(id: string): void {
    this.#collectors.get(id)?.encoder.giveBack();
  }

  async adjust(id: string, gather: GatherSettings): Promise<void> {
    const { collector, encoder } = this.#opened(id);
    collector.adjust(gatherOptions(gather));
    encoder.maxBytes = gather.maxBytes;
  }

  async pause(id: string): Promise<void> {
    const { collector } = this.#opened(id);
    await this.#run(id, () => collector.pause());
  }

  async resume(id: string): Promise<void> {
    const { collector } = this.#opened(id);
    await this.#run(id, () => collector.resume());
  }

  /** Closes a collector; one that is being opened is told to stop that first. */
  async close(id: string): Promise<void> {
    const opening = this.#openings.get(id);
    opening?.abort.abort(new DOMException('The resource is being closed.', 'AbortError'));
    await opening?.ended;
    const opened = this.#collectors.get(id);
    this.#collectors.delete(id);
    if (opened) await this.#run(id, () => opened.collector.close());
  }

  async collectGarbage(): Promise<Usage | undefined> {
    collectGarbage();
    return usageNow(process.pid);
  }

  async closeAll(): Promise<void> {
    const all = new Set([...this.#collectors.keys(), ...this.#openings.keys()]);
    await Promise.allSettled([...all].map((id) => this.close(id)));
  }

  #run<T>(id: string, work: () => T): T {
    return this.#blame.run(resourceOf(id), work);
  }

  #opened(id: string): Opened {
    const opened = this.#collectors.get(id);
    if (opened) return opened;
    throw pluginError(`The host has no collector "${id}".`, { code: 'INTERNAL_FAILED' });
  }

  /** A plugin's module, loaded once; what could not be loaded is tried anew the next time. */
  async #plugin(source: PluginSource, resource: string): Promise<Plugin> {
    const { name, url, version, problem } = source;
    if (problem) throw problem;
    const key = `${url}?${version}`;
    let loading = this.#plugins.get(key);
    if (!loading) {
      const failures = this.#failedLoads.get(key) ?? 0;
      // Node.js remembers that a module could not be loaded, but by its whole address.
      const address = failures === 0 ? url : `${url}?attempt=${failures}`;
      const loaded = () => this.#loadedFiles?.filesOf(url) ?? [];
      this.#loadedFiles?.begin(source);
      loading = this.#blame.runWhole(resource, () => importPlugin(name, address, loaded));
      this.#plugins.set(key, loading);
      loading.then(
        () => this.#loadedFiles?.done(source),
        () => {
          this.#plugins.delete(key);
          this.#failedLoads.set(key, failures + 1);
        },
      );
    }
    return loading;
  }

  async #checked({
    id,
    plugin: source,
    config,
    substituted,
    directory,
    target,
  }: ValidateRequest): Promise<CheckedRequest> {
    const resource = resourceOf(id);
    const plugin = await this.#plugin(source, resource);
    const check = await compileSchema(plugin.config);
    const fromSubstitution = new Set(substituted.map((path) => JSON.stringify(path)));
    const { value, issues, secrets, watched } = check(config ?? {}, {
      coerce: (path) => fromSubstitution.has(JSON.stringify(path)),
    });
    if (secrets.length > 0) this.#tellSecrets(secrets);
    const problems: ErrorInfo[] = [...issues];
    const warnings: ErrorInfo[] = [];
    if (problems.length === 0) {
      const found = await this.#blame.run(resource, () => plugin.validate?.(value as never, { directory }));
      for (const { path, message, fix, severity } of found ?? []) {
        const list = severity === 'warning' ? warnings : problems;
        list.push({
          code: 'CONFIG_INVALID',
          class: 'config',
          message,
          path,
          ...(fix !== undefined && { fix }),
        });
      }
    }
    if (target === undefined || problems.length > 0) {
      return { plugin, value, issues: problems, warnings, secrets, watched };
    }
    const { probe } = plugin;
    if (!probe) throw notProbed(plugin.name);
    const asked = this.#blame.run(resource, () => probe.call(plugin, value as never, target));
    const forTarget = await this.#checked({ id, plugin: source, config: asked, substituted: [], directory });
    return { ...forTarget, secrets: [...secrets, ...forTarget.secrets] };
  }
}

/** `config.patterns[0].match: what is not good; what to do` */
function inWords({ path = [], message, fix }: ErrorInfo): string {
  const place = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return `config${place}: ${message}${fix === undefined ? '' : `; ${fix}`}`;
}

/** What a probe's collector has: what it would find belongs to the resource's own. */
const NO_STATE: State = { read: async () => undefined, write: async () => undefined };

/** A plugin with a configuration that it has been given, and what is wrong with that. */
interface CheckedRequest {
  readonly plugin: Plugin;
  readonly value: unknown;
  readonly issues: readonly ErrorInfo[];
  readonly warnings: readonly ErrorInfo[];
  readonly secrets: readonly string[];
  readonly watched: readonly string[];
}

/** More than a probe has to say, and little enough for the head of a reply; the lines are for people. */
const MAX_LINES = 100;
const MAX_LINE_CHARACTERS = 1_000;

function keepLine(lines: LogLine[], level: LogLevel, message: unknown, fields: unknown): void {
  if (lines.length >= MAX_LINES) return;
  const bounded = boundFields(fields);
  const isShort = JSON.stringify(bounded).length <= MAX_LINE_CHARACTERS;
  const text = boundMessage(message).slice(0, MAX_LINE_CHARACTERS);
  lines.push({ level, message: text, fields: isShort ? bounded : { left_out: 'its fields are too long' } });
}

function notProbed(plugin: string): Error {
  return configError(`The plugin "${plugin}" can't be asked for a target of the caller's.`, {
    code: 'CONFIG_NOT_PROBED',
    fix: 'Remove "probe: true" from its resources, or give the plugin a probe() function.',
  });
}

function gatherOptions({ relabel, ...rest }: GatherSettings): GatherOptions {
  return { ...rest, relabel: relabel.length > 0 ? compileRelabel(relabel) : undefined };
}

function deadlineError(timeoutMs: number): Error {
  return new DOMException(`The collect took longer than ${timeoutMs} ms.`, 'TimeoutError');
}
