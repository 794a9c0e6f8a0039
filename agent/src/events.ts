import { Readable } from 'node:stream';
import type { collectedEvent } from './api/operations.ts';
import type { Shown } from './api/shown.ts';
import type { AuditEntry } from './overrides/audit.ts';
import type { ReloadResult, ResourceStatus } from './status.ts';

/** What a stream can ask for; `resource` brings `removed` with it. */
export const EVENT_TYPES = ['resource', 'collected', 'reload', 'audit'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export type CollectedEvent = Shown<typeof collectedEvent>;

export interface EventPorts {
  /** Of every resource of the configuration. */
  names(): Iterable<string>;
  /** `undefined` when it is not configured any more. */
  status(name: string): ResourceStatus | undefined;
}

interface Client {
  readonly stream: Readable;
  readonly types: ReadonlySet<EventType>;
}

const MAX_STREAMS = 32;
/** A client that leaves more than this unread is dropped: it reads everything anew when it comes back. */
const MAX_PENDING_BYTES = 1024 * 1024;
const COALESCE_MS = 200;
const BATCH_MS = 1_000;
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it connects anew. */
const RETRY_MS = 2_000;
/** Resources that are looked at in one go, so that a burst of changes does not hold up scrapes. */
const SLICE = 50;

/**
 * Tells streams of server-sent events what has changed. Whoever knows of a change only says "look again"; what is
 * sent is the difference to what was sent before. Without streams nothing is looked at and nothing is kept.
 */
export class EventFeed {
  readonly #ports: EventPorts;
  readonly #clients = new Set<Client>();
  /** By resource: what of its status is worth an event. Kept only while there are streams. */
  readonly #seen = new Map<string, string>();
  readonly #due = new Set<string>();
  #collected: CollectedEvent[] = [];
  #lookTimer: NodeJS.Timeout | undefined;
  #batchTimer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(ports: EventPorts) {
    this.#ports = ports;
  }

  /**
   * A stream that begins with a `hello` of that body, and ends when the agent does or when its reader falls behind;
   * `undefined` when there are as many as are allowed, or the agent is ending.
   */
  open(types: ReadonlySet<EventType>, hello: unknown): Readable | undefined {
    if (this.#isClosed || this.#clients.size >= MAX_STREAMS) return undefined;
    const stream = new Readable({ read: () => undefined });
    const client = { stream, types };
    if (this.#clients.size === 0) this.#begin();
    this.#clients.add(client);
    stream.once('close', () => this.#leave(client));
    stream.push(`retry: ${RETRY_MS}\n\n${this.#frame('hello', hello)}`);
    return stream;
  }

  /** Something about the resource may be different now. */
  changed(name: string): void {
    if (this.#clients.size === 0) return;
    this.#due.add(name);
    this.#lookSoon();
  }

  /** Resources may have come, gone or changed. */
  changedAll(): void {
    if (this.#clients.size === 0) return;
    for (const name of this.#ports.names()) this.#due.add(name);
    for (const name of this.#seen.keys()) this.#due.add(name);
    this.#lookSoon();
  }

  /** A collect of the resource has ended. */
  collected(name: string): void {
    if (this.#clients.size === 0) return;
    const status = this.#ports.status(name);
    if (!status) return;
    const { lastCollectAt: at, lastCollectSeconds: seconds, outcome, series, up } = status;
    this.#collected.push({ name, at, seconds, outcome, series, up });
    this.#batchTimer ??= setTimeout(() => this.#sendCollected(), BATCH_MS).unref();
    if (this.#seen.get(name) !== signatureOf(status)) this.changed(name);
  }

  reloaded(reload: { readonly at: number; readonly result: ReloadResult }): void {
    if (this.#clients.size > 0) this.#send('reload', this.#frame('reload', reload));
  }

  /** Somebody changed something while the agent runs; the entry as the audit shows it. */
  audited(entry: AuditEntry): void {
    if (this.#clients.size > 0) this.#send('audit', this.#frame('audit', entry));
  }

  /** Ends all streams, and begins none any more. */
  close(): void {
    this.#isClosed = true;
    for (const { stream } of [...this.#clients]) {
      // Who does not read would not read the end either.
      if (stream.readableLength > 0) stream.destroy();
      else stream.push(null);
    }
    this.#clients.clear();
    this.#rest();
  }

  #begin(): void {
    for (const name of this.#ports.names()) {
      const status = this.#ports.status(name);
      if (status) this.#seen.set(name, signatureOf(status));
    }
    this.#heartbeat = setInterval(() => {
      this.#write(':\n\n', () => true);
      // What changes by the passing of time is told by nobody.
      this.changedAll();
    }, HEARTBEAT_MS).unref();
  }

  #leave(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#rest();
  }

  #rest(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#lookTimer);
    clearTimeout(this.#batchTimer);
    this.#lookTimer = undefined;
    this.#batchTimer = undefined;
    this.#collected = [];
    this.#due.clear();
    this.#seen.clear();
  }

  #lookSoon(): void {
    this.#lookTimer ??= setTimeout(() => this.#look(), COALESCE_MS).unref();
  }

  /** Looks at some of what is due, and at the rest when the loop has come round. */
  #look(): void {
    let frames = '';
    let looked = 0;
    for (const name of this.#due) {
      this.#due.delete(name);
      frames += this.#difference(name);
      if (++looked === SLICE) break;
    }
    if (frames !== '') this.#send('resource', frames);
    this.#lookTimer = undefined;
    if (this.#due.size > 0) this.#lookTimer = setTimeout(() => this.#look(), 0).unref();
  }

  #difference(name: string): string {
    const status = this.#ports.status(name);
    if (!status) return this.#seen.delete(name) ? this.#frame('removed', { name }) : '';
    const signature = signatureOf(status);
    if (this.#seen.get(name) === signature) return '';
    this.#seen.set(name, signature);
    return this.#frame('resource', status);
  }

  #sendCollected(): void {
    this.#batchTimer = undefined;
    const batch = this.#collected;
    this.#collected = [];
    this.#send('collected', this.#frame('collected', batch));
  }

  #frame(event: string, data: unknown): string {
    return `event: ${event}\nid: ${++this.#lastId}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #send(type: EventType, frames: string): void {
    this.#write(frames, ({ types }) => types.has(type));
  }

  #write(text: string, isFor: (client: Client) => boolean): void {
    const bytes = Buffer.from(text);
    for (const client of [...this.#clients]) {
      if (!isFor(client)) continue;
      client.stream.push(bytes);
      if (client.stream.readableLength > MAX_PENDING_BYTES) {
        client.stream.destroy();
        this.#leave(client);
      }
    }
  }
}

/** Of a status all that does not differ from collect to collect anyway; of errors their codes. */
function signatureOf(status: ResourceStatus): string {
  const {
    errors,
    series: _series,
    bytes: _bytes,
    outcome: _outcome,
    hostUsage: _hostUsage,
    lastCollectSeconds: _seconds,
    lastCollectAt: _at,
    lastSuccessAt: _successAt,
    snapshotAt: _snapshotAt,
    ...standing
  } = status;
  return JSON.stringify([standing, errors.map(({ code }) => code)]);
}
