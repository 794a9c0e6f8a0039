import {
  type ErrorInfo,
  type LogLevel,
  makeLogger,
  type Plugin,
  pluginError,
  systemClock,
} from '@dynamic-informer/sdk';
import {
  type CollectResult,
  compileRelabel,
  compileSchema,
  type Encoding,
  encodingKey,
  FamilyEncoders,
  type GatherOptions,
  OpenedCollector,
  pluginOf,
  sharedEncoding,
} from '@dynamic-informer/sdk/host';
import type {
  CollectReply,
  GatherSettings,
  OpenReply,
  OpenRequest,
  PluginInfo,
  PluginSource,
  ValidateReply,
} from '../contract.ts';
import { fileState } from './state-file.ts';

type LogSink = (level: LogLevel, resource: string, message: string, fields: Record<string, unknown>) => void;

/** What runs inside a host, whether that is a child process or the agent's own. */
export class HostSession {
  readonly #plugins = new Map<string, Promise<Plugin>>();
  readonly #collectors = new Map<string, { collector: OpenedCollector; encoders: FamilyEncoders }>();
  readonly #log: LogSink;
  readonly #loadedFiles: () => string[];

  constructor(log: LogSink, loadedFiles: () => string[] = () => []) {
    this.#log = log;
    this.#loadedFiles = loadedFiles;
  }

  async load(source: PluginSource): Promise<PluginInfo> {
    const plugin = await this.#plugin(source);
    return {
      name: plugin.name,
      description: plugin.description ?? '',
      schema: plugin.config,
      metrics: plugin.metrics ?? [],
      files: this.#loadedFiles(),
    };
  }

  async validate(request: Pick<OpenRequest, 'plugin' | 'config' | 'substituted'>): Promise<ValidateReply> {
    const { issues, secrets } = await this.#checked(request);
    return { issues, secrets };
  }

  async open(request: OpenRequest): Promise<OpenReply> {
    const { value, issues, secrets, plugin } = await this.#checked(request);
    const [issue] = issues;
    if (issue) throw issue;
    const { id, directory, gather, stateFile, timeoutMs } = request;
    const collector = await OpenedCollector.open(plugin, value, {
      resource: gather.resource,
      directory,
      signal: AbortSignal.timeout(timeoutMs),
      clock: systemClock,
      logger: makeLogger((level, message, fields) => this.#log(level, gather.resource, message, fields)),
      state: fileState(stateFile),
      gather: gatherOptions(gather),
    });
    this.#collectors.set(id, { collector, encoders: new FamilyEncoders() });
    return { stateful: collector.stateful, descriptors: collector.descriptors, secrets };
  }

  /** The bytes of the reply stay as they are until `sent`; who never calls that has them for good. */
  async collect(id: string, timeoutMs: number, encodings: readonly Encoding[]): Promise<CollectReply> {
    const { collector, encoders } = this.#opened(id);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(deadlineError(timeoutMs)), timeoutMs);
    try {
      return encode(await collector.collect(abort.signal, Date.now() + timeoutMs), encoders, encodings);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A collect's reply has left: what it lies in can be used again. */
  sent(id: string): void {
    this.#collectors.get(id)?.encoders.giveBack();
  }

  async adjust(id: string, gather: GatherSettings): Promise<void> {
    this.#opened(id).collector.adjust(gatherOptions(gather));
  }

  async pause(id: string): Promise<void> {
    await this.#opened(id).collector.pause();
  }

  async resume(id: string): Promise<void> {
    await this.#opened(id).collector.resume();
  }

  async close(id: string): Promise<void> {
    const opened = this.#collectors.get(id);
    this.#collectors.delete(id);
    await opened?.collector.close();
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#collectors.keys()].map((id) => this.close(id)));
  }

  #opened(id: string): { collector: OpenedCollector; encoders: FamilyEncoders } {
    const opened = this.#collectors.get(id);
    if (opened) return opened;
    throw pluginError(`The host has no collector "${id}".`, { code: 'INTERNAL_FAILED' });
  }

  #plugin({ name, url, version }: PluginSource): Promise<Plugin> {
    const key = `${url}?${version}`;
    let plugin = this.#plugins.get(key);
    if (!plugin) {
      plugin = importPlugin(name, url);
      this.#plugins.set(key, plugin);
    }
    return plugin;
  }

  async #checked({
    plugin: source,
    config,
    substituted,
  }: Pick<OpenRequest, 'plugin' | 'config' | 'substituted'>) {
    const plugin = await this.#plugin(source);
    const check = await compileSchema(plugin.config);
    const fromSubstitution = new Set(substituted.map((path) => JSON.stringify(path)));
    const { value, issues, secrets } = check(config ?? {}, {
      coerce: (path) => fromSubstitution.has(JSON.stringify(path)),
    });
    const problems: ErrorInfo[] = [...issues];
    if (problems.length === 0) {
      for (const { path, message, fix } of plugin.validate?.(value as never) ?? []) {
        problems.push({
          code: 'CONFIG_INVALID',
          class: 'config',
          message,
          path,
          ...(fix !== undefined && { fix }),
        });
      }
    }
    return { plugin, value, issues: problems, secrets };
  }
}

async function importPlugin(name: string, url: string): Promise<Plugin> {
  let module: unknown;
  try {
    module = await import(url);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw pluginError(`The plugin "${name}" can't be loaded: ${reason}`, {
      code: 'PLUGIN_NOT_LOADED',
      fix: 'See whether its file is there and whether its imports are installed.',
      cause: error,
    });
  }
  return pluginOf(module);
}

function gatherOptions({ resource, labels, relabel, maxSeries }: GatherSettings): GatherOptions {
  return { resource, labels, maxSeries, relabel: relabel.length > 0 ? compileRelabel(relabel) : undefined };
}

function deadlineError(timeoutMs: number): Error {
  return new DOMException(`The collect took longer than ${timeoutMs} ms.`, 'TimeoutError');
}

function encode(
  { families, outcome, errors, dropped }: CollectResult,
  encoders: FamilyEncoders,
  encodings: readonly Encoding[],
): CollectReply {
  encoders.keepOnly(families, encodings);
  const fragments = families.map((family) => {
    const bodies = new Map(
      encodings.map((encoding) => [
        encodingKey(sharedEncoding(family, encoding)),
        encoders.encode(family, encoding),
      ]),
    );
    const { name, type, help, unit, seriesCount: series, hasLegacyNames } = family;
    return { name, type, help, unit, series, hasLegacyNames, bodies };
  });
  return { outcome, errors, dropped, fragments };
}
