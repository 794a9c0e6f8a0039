import type { LogLevel } from '@dynamic-informer/sdk';
import type { logLine } from './api/operations.ts';
import type { Shown } from './api/shown.ts';
import type { Redactor } from './redactor.ts';

/** A log line as the API shows it. */
export type RecentLine = Shown<typeof logLine>;

export interface RecentQuery {
  readonly resource?: string | undefined;
  /** The least severe level. */
  readonly level?: LogLevel | undefined;
  readonly limit?: number | undefined;
}

interface KeptLine {
  readonly at: number;
  readonly level: LogLevel;
  /** Message and fields as JSON: one string takes a third of what the objects do. */
  readonly text: string;
}

interface Lane {
  readonly lines: KeptLine[];
  size: number;
}

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Lines of everything, and of each resource. */
const MOST_LINES = 500;
const MOST_LINES_EACH = 50;
/** Of a line, in characters. */
const LONGEST_MESSAGE = 1_000;
const LONGEST_FIELDS = 1_000;
/** Of the lines of everything, and of all resources' own. */
const MOST_CHARACTERS = 384 * 1024;
/** What a line takes beside its text. */
const OVERHEAD = 120;

/**
 * The last lines of the log: 500 of everything and 50 of each resource, so that one that is quiet keeps its own when others
 * are loud. Where there is not room for all, those give way that have the most.
 */
export class RecentLog {
  readonly #redactor: Redactor;
  readonly #all: Lane = { lines: [], size: 0 };
  readonly #own = new Map<string, Lane>();
  #ownSize = 0;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  add(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>): void {
    const line: KeptLine = { at: Date.now(), level, text: textOf(message, fields) };
    push(this.#all, line);
    while (this.#all.lines.length > MOST_LINES || this.#all.size > MOST_CHARACTERS) drop(this.#all);
    const { resource } = fields;
    if (typeof resource === 'string' && resource !== '') this.#addOwn(resource, line);
  }

  /** The newest last. What has become known as a secret since is masked, too. */
  lines({ resource, level = 'debug', limit = MOST_LINES }: RecentQuery = {}): RecentLine[] {
    const lane = resource === undefined ? this.#all : this.#own.get(resource);
    return (lane?.lines ?? [])
      .filter((line) => SEVERITY[line.level] >= SEVERITY[level])
      .slice(-limit)
      .map((line) => this.#shown(line));
  }

  /** Whether there are lines of this resource, which may not be configured any more. */
  has(resource: string): boolean {
    return this.#own.has(resource);
  }

  #addOwn(resource: string, line: KeptLine): void {
    let lane = this.#own.get(resource);
    if (!lane) {
      lane = { lines: [], size: 0 };
      this.#own.set(resource, lane);
    }
    this.#ownSize += push(lane, line);
    if (lane.lines.length > MOST_LINES_EACH) this.#ownSize -= drop(lane);
    while (this.#ownSize > MOST_CHARACTERS) this.#dropOfLargest();
  }

  #dropOfLargest(): void {
    let largest: [string, Lane] | undefined;
    for (const entry of this.#own) if (!largest || entry[1].size > largest[1].size) largest = entry;
    if (!largest) return;
    const [resource, lane] = largest;
    this.#ownSize -= drop(lane);
    if (lane.lines.length === 0) this.#own.delete(resource);
  }

  #shown({ at, level, text }: KeptLine): RecentLine {
    const [message, fields] = JSON.parse(text) as [string, Record<string, unknown>];
    return {
      at,
      level,
      message: this.#redactor.redact(message),
      fields: this.#redactor.redactValue(fields) as Record<string, unknown>,
    };
  }
}

const sizeOf = ({ text }: KeptLine): number => text.length + OVERHEAD;

function push(lane: Lane, line: KeptLine): number {
  lane.lines.push(line);
  lane.size += sizeOf(line);
  return sizeOf(line);
}

function drop(lane: Lane): number {
  const line = lane.lines.shift();
  const size = line ? sizeOf(line) : 0;
  lane.size -= size;
  return size;
}

/** Message and fields as JSON of a bounded length; what does not fit is cut, and ends in "…". */
function textOf(message: string, fields: Readonly<Record<string, unknown>>): string {
  const kept: Record<string, unknown> = {};
  let room = LONGEST_FIELDS;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (room <= 0) {
      kept['…'] = '…';
      break;
    }
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    room -= key.length + text.length;
    kept[key] = room >= 0 ? value : cut(text, Math.max(0, room + text.length));
  }
  return JSON.stringify([cut(message, LONGEST_MESSAGE), kept]);
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text;
