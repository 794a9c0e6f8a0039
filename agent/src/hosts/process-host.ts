import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { InformerError } from '@dynamic-informer/sdk';
import type { Encoding } from '@dynamic-informer/sdk/host';
import type {
  CollectReply,
  GatherSettings,
  Host,
  HostDeath,
  LoadedCode,
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
import { BlameFile } from './blame.ts';
import type { FrameRoom } from './frame-room.ts';
import type { HostLogPorts } from './host-log.ts';
import { HostOutput } from './host-output.ts';
import { isOutOfMemory, wallBytes } from './memory-budget.ts';
import { limitMemory } from './os-limits.ts';
import { type Answer, type Asked, GRACE_MS, HostPipe } from './pipe.ts';
import { setNice } from './priority.ts';
import {
  fromWire,
  loadedOf,
  type Message,
  type Method,
  replayFromWire,
  resourceOf,
  secretsOf,
  validatedOf,
} from './protocol.ts';
import { type HostProcessSettings, type PreparedHost, prepareHost } from './spawn-host.ts';
import { StateOwner } from './state-owner.ts';
import { whyNotStarted } from './unreadable.ts';
import { isUsage } from './usage.ts';
import type { Watchdog } from './watchdog.ts';

export interface HostSettings extends HostProcessSettings {
  /** The bound of V8's heap; the kernel refuses memory a little above it. */
  readonly memoryBytes: number;
  readonly nice: number;
  /** Where frames of all hosts arrive. */
  readonly room: FrameRoom;
}

export interface HostEvents extends HostLogPorts {
  /** A plugin has loaded these files, as the host says. */
  loaded(code: LoadedCode): void;
  /** These must never be shown; said before a plugin sees them. */
  secrets(values: readonly string[]): void;
  /** Called once, when the process is gone without having been asked to stop. */
  died(death: HostDeath): void;
}

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 2_000;
/** For what may take as long as it likes: something else decides when it was too long. */
const UNHURRIED_MS = 24 * 3_600_000;
const LAST_WORDS_MS = 50;
/** A process that has closed what it is reached through is ending, or else it is ended after this. */
const CLOSED_MS = 250;
const STUCK =
  'All its threads are held by calls that do not return, such as reads of a file system that hangs.';
/** Plugins do not send these to their own process without being blamed for it: they come from elsewhere. */
const EXTERNAL_SIGNALS: readonly unknown[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
const ENTRY = fileURLToPath(
  new URL(`./child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** A host that is a child process, reached over a framed pipe. It has one life: a dead one is replaced. */
export class ProcessHost implements Host {
  readonly name: string;
  readonly #watchdog: Watchdog;
  readonly #state: StateOwner;
  readonly #events: HostEvents;
  readonly #child: ChildProcess;
  readonly #pipe: HostPipe;
  readonly #exited: Promise<void>;
  readonly #output: HostOutput;
  readonly #blame = BlameFile.create();
  #death: HostDeath | undefined;
  #stopping = false;
  #isReaped = false;
  #finished = false;
  #ready: () => void = () => undefined;
  #closed: NodeJS.Timeout | undefined;

  private constructor(
    settings: HostSettings,
    events: HostEvents,
    watchdog: Watchdog,
    prepared: PreparedHost,
  ) {
    this.name = settings.name;
    this.#watchdog = watchdog;
    this.#state = new StateOwner(settings.account, settings.stateFolder);
    this.#events = events;
    this.#child = prepared.spawn(this.#blame);
    // Without a listener an error that comes later would end the agent.
    this.#child.once('error', () => undefined);
    if (this.pid !== undefined) watchdog.add(this.pid);
    // Where files can't be opened any more, there is a child without pipes, in spite of its type.
    const pipe = (this.#child.stdio as readonly unknown[] | undefined)?.[3];
    if (!pipe) {
      this.#blame?.close();
      throw notStarted(settings.name);
    }
    this.#pipe = new HostPipe(pipe as Duplex, settings.room, {
      said: (message) => this.#said(message),
      overdue: (asked) => this.#overdue(asked),
      broken: (message) => this.#kill({ reason: 'crash', message }),
      ended: () => this.#hasClosed('its pipe to the agent'),
    });
    this.#output = new HostOutput(this.#child, settings.logLines, {
      log: (level, resource, message, fields) => events.log(level, resource, message, fields),
      heldBack: (lines) => events.heldBack(lines),
      closed: (stream) => this.#hasClosed(`its ${stream}`),
    });
    this.#exited = this.#watch();
    if (settings.nice !== 0 && this.pid !== undefined) void setNice(this.pid, settings.nice);
  }

  /** Starts a process and waits until it can be asked. */
  static async start(
    settings: HostSettings,
    events: HostEvents,
    watchdog: Watchdog,
    signal?: AbortSignal,
  ): Promise<ProcessHost> {
    const prepared = await prepareHost(settings, ENTRY);
    let host: ProcessHost;
    try {
      host = new ProcessHost(settings, events, watchdog, prepared);
    } finally {
      prepared.release();
    }
    const ready = Promise.withResolvers<void>();
    host.#ready = ready.resolve;
    const giveUp = (message: string) => host.#kill({ reason: 'timeout', message });
    const notNeeded = () => giveUp('It was not needed any more.');
    const timer = setTimeout(() => giveUp('It did not start in time.'), START_TIMEOUT_MS);
    signal?.addEventListener('abort', notNeeded);
    try {
      if (signal?.aborted) notNeeded();
      await Promise.race([ready.promise, host.#exited]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', notNeeded);
    }
    if (host.#death) throw (await whyNotStarted(settings, ENTRY)) ?? host.#deathError();
    await limitMemory(host.pid, wallBytes(settings.memoryBytes));
    return host;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  load(plugin: PluginSource, timeoutMs: number): Promise<PluginInfo> {
    return this.#ask('load', [plugin], { timeoutMs }) as Promise<PluginInfo>;
  }

  async validate(request: ValidateRequest, timeoutMs: number): Promise<ValidateReply> {
    return validatedOf(await this.#ask('validate', [request], { timeoutMs }));
  }

  async open(request: OpenRequest): Promise<OpenReply> {
    const { timeoutMs, id } = request;
    const stateFile = await this.#state.take(id, request.stateFile);
    const limits = { timeoutMs, collector: id };
    return this.#ask('open', [{ ...request, stateFile }], limits) as Promise<OpenReply>;
  }

  async collect(id: string, timeoutMs: number, encodings: readonly Encoding[]): Promise<CollectReply> {
    const answer = await this.#request('collect', [id, timeoutMs, encodings], { timeoutMs, collector: id });
    return this.#read(id, answer, fromWire);
  }

  async replay(request: ReplayRequest): Promise<ReplayReply> {
    const { id } = request;
    const answer = await this.#request('replay', [request], { timeoutMs: UNHURRIED_MS, collector: id });
    return this.#read(id, answer, replayFromWire);
  }

  async replayedBytes(id: string): Promise<number> {
    return Number(await this.#ask('replayedBytes', [id], { timeoutMs: UNHURRIED_MS }));
  }

  async endReplay(id: string): Promise<void> {
    await this.#ask('endReplay', [id], { timeoutMs: UNHURRIED_MS });
  }

  async #read<R>(
    id: string,
    { value, body }: Answer,
    from: (value: unknown, body: Uint8Array) => R,
  ): Promise<R> {
    try {
      return from(value, body);
    } catch (error) {
      const message = `It sent what a host does not send: ${(error as Error).message}.`;
      this.#kill({ reason: 'crash', message, culprit: resourceOf(id) });
      await this.#exited;
      throw this.#deathError();
    }
  }

  async adjust(id: string, gather: GatherSettings): Promise<void> {
    await this.#ask('adjust', [id, gather], { timeoutMs: STOP_TIMEOUT_MS, collector: id });
  }

  async pause(id: string): Promise<void> {
    await this.#ask('pause', [id], { timeoutMs: STOP_TIMEOUT_MS, collector: id });
  }

  async resume(id: string): Promise<void> {
    await this.#state.takeBack(id);
    await this.#ask('resume', [id], { timeoutMs: STOP_TIMEOUT_MS, collector: id });
  }

  async close(id: string): Promise<void> {
    this.#state.forget(id);
    await this.#ask('close', [id], { timeoutMs: STOP_TIMEOUT_MS, collector: id });
  }

  async collectGarbage(): Promise<Usage | undefined> {
    const usage = await this.#ask('collectGarbage', [], { timeoutMs: UNHURRIED_MS });
    return isUsage(usage) ? usage : undefined;
  }

  async stop(): Promise<void> {
    if (this.#death) return;
    this.#stopping = true;
    await this.#ask('closeAll', [], { timeoutMs: STOP_TIMEOUT_MS }).catch(() => undefined);
    this.#killGroup();
    await this.#exited;
  }

  end(death: HostDeath): void {
    this.#kill(death);
  }

  async #ask(
    method: Method,
    args: readonly unknown[],
    limits: { timeoutMs: number; collector?: string },
  ): Promise<unknown> {
    return (await this.#request(method, args, limits)).value;
  }

  /** Settles when the host has answered or is dead: its slot of the limiter is never free before. */
  #request(
    method: Method,
    args: readonly unknown[],
    limits: { timeoutMs: number; collector?: string },
  ): Promise<Answer> {
    if (this.#death) return Promise.reject(this.#deathError());
    return this.#pipe.request(args, { method, ...limits });
  }

  #overdue({ method, collector, timeoutMs, isNoticed }: Asked): void {
    const message = `The ${method} went on ${GRACE_MS} ms beyond its timeout of ${timeoutMs} ms.`;
    const death = { reason: 'timeout', message } as const;
    // A host that noticed is neither blocked nor out of threads: it is this collector that does not end. Else it is another.
    if (isNoticed && collector !== undefined) this.#kill({ ...death, culprit: resourceOf(collector) });
    else this.#kill(this.#blamed(death));
  }

  #kill(death: HostDeath): void {
    this.#death ??= death;
    this.#killGroup();
  }

  /** Adds whose code ran last. */
  #blamed(death: HostDeath): HostDeath {
    const culprit = this.#blame?.read();
    return culprit === undefined ? death : { ...death, culprit };
  }

  /** Ends the process and what its plugins have started. */
  #killGroup(): void {
    if (this.pid === undefined || this.#isReaped) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  }

  /** Its process is gone: from now on another process may have its number. */
  #reaped(): void {
    this.#killGroup();
    this.#isReaped = true;
    if (this.pid !== undefined) this.#watchdog.remove(this.pid);
  }

  #said(message: Exclude<Message, { kind: 'reply' | 'overdue' }>): void {
    if (message.kind === 'ready') this.#ready();
    else if (message.kind === 'stuck') this.#kill({ reason: 'timeout', message: STUCK });
    else if (message.kind === 'log' || message.kind === 'held-back') this.#output.said(message);
    else if (message.kind === 'secrets') this.#events.secrets(secretsOf(message.values));
    else if (message.kind === 'loaded') {
      const code = loadedOf(message.code);
      if (code) this.#events.loaded(code);
    }
  }

  /** What it prints can go into any file that it opens next, and it can't be asked any more. */
  #hasClosed(what: string): void {
    const message = `It closed ${what}.`;
    this.#closed ??= setTimeout(() => this.#kill({ reason: 'crash', message }), CLOSED_MS);
  }

  #watch(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.on('error', (error) => this.#finish({ reason: 'exit', message: error.message }, resolve));
      this.#child.on('exit', (code, signal) => {
        this.#reaped();
        this.#output.drain();
        const how = signal ? `It was ended by ${signal}.` : `It exited with code ${code}.`;
        const finish = () => {
          if (this.#finished) return;
          clearTimeout(timer);
          const { lastWords } = this.#output;
          const message = lastWords ? `${how} Its last words: ${lastWords}` : how;
          this.#finish(this.#deathOf(message, signal), resolve);
        };
        // What it printed last can still be on its way; a child of its own may hold the pipe open for ever.
        const timer = setTimeout(finish, LAST_WORDS_MS);
        if (this.#death) finish();
        else this.#child.once('close', finish);
      });
    });
  }

  /** What a process died of that the agent has not killed. */
  #deathOf(message: string, signal: NodeJS.Signals | null): HostDeath {
    // Whose code asks for memory when there is none left says little about who has it.
    if (signal !== null && isOutOfMemory(message)) return { reason: 'memory', message };
    const death = this.#blamed({ reason: signal ? 'crash' : 'exit', message });
    const isExternal = death.culprit === undefined && EXTERNAL_SIGNALS.includes(signal);
    return isExternal ? { ...death, external: true } : death;
  }

  #finish(death: HostDeath, resolve: () => void): void {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#closed);
    this.#death ??= death;
    this.#blame?.close();
    this.#pipe.close(this.#deathError());
    this.#output.close();
    resolve();
    if (!this.#stopping) this.#events.died(this.#death);
  }

  #deathError(): HostDied {
    return new HostDied(this.name, this.#death as HostDeath);
  }
}

/** What a request to a host rejects with when the host is dead. */
export class HostDied extends InformerError {
  readonly death: HostDeath;

  constructor(host: string, death: HostDeath) {
    super('plugin', `The host "${host}" ended: ${death.message}`, {
      code: 'PLUGIN_HOST_DIED',
      fix: death.fix ?? 'See the log for what it printed; the agent starts it again.',
    });
    this.death = death;
  }
}

function notStarted(host: string): InformerError {
  return new InformerError('internal', `The host "${host}" can't be started: too many files are open.`, {
    fix: 'Raise the limit of open files (ulimit -n, LimitNOFILE).',
  });
}
