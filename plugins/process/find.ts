import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { targetError } from '@dynamic-informer/sdk';
import type { Watched } from './config.ts';
import { identityOf, type Proc, type Procfs } from './procfs.ts';

/** After so many processes the event loop gets a turn: others wait in the same process. */
const PROCESSES_PER_TURN = 100;

export interface Group extends Pick<Watched, 'name' | 'scope'> {
  readonly pattern: RegExp | undefined;
  readonly pidFile: string | undefined;
}

/** Finds the processes of groups; it remembers command lines, which cost most, for as long as the name stays. */
export class Finder {
  readonly #procfs: Procfs;
  #commandLines = new Map<string, string>();

  constructor(procfs: Procfs) {
    this.#procfs = procfs;
  }

  /** The processes of each group, in the order of the groups; a group whose pid file is unreadable gives its error. */
  async find(groups: readonly Group[], signal: AbortSignal): Promise<(Proc[] | Error)[]> {
    // One that a pid file names costs nothing; the others have to be looked for among all.
    const all = groups.some(needsAll) ? await this.#table(signal) : [];
    const commandLines = await this.#readCommandLines(groups.some(searches) ? all : [], signal);
    const found: (Proc[] | Error)[] = [];
    for (const group of groups) {
      try {
        const direct = group.pidFile
          ? await this.#named(group, group.pidFile, signal)
          : all.filter((proc) => group.pattern?.test(commandLines.get(keyOf(proc)) ?? ''));
        found.push(group.scope === 'tree' ? withDescendants(direct, all) : direct);
      } catch (error) {
        signal.throwIfAborted();
        found.push(error as Error);
      }
    }
    return found;
  }

  async #table(signal: AbortSignal): Promise<Proc[]> {
    const table: Proc[] = [];
    let read = 0;
    for (const pid of await this.#procfs.pids()) {
      const proc = this.#procfs.stat(pid);
      if (proc) table.push(proc);
      if (++read % PROCESSES_PER_TURN === 0) await turn();
      signal.throwIfAborted();
    }
    return table;
  }

  async #readCommandLines(table: readonly Proc[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const current = new Map<string, string>();
    for (const proc of table) {
      const key = keyOf(proc);
      const line = this.#commandLines.get(key) ?? (await this.#procfs.commandLine(proc, signal));
      if (line !== undefined) current.set(key, line);
    }
    this.#commandLines = current;
    return current;
  }

  /** The process of a pid file; none when the file is missing or its process has ended. */
  async #named(group: Group, file: string, signal: AbortSignal): Promise<Proc[]> {
    const pid = await readPid(file);
    const proc = pid === undefined ? undefined : this.#procfs.stat(pid);
    if (!proc) return [];
    if (!group.pattern) return [proc];
    const line = await this.#procfs.commandLine(proc, signal);
    return line !== undefined && group.pattern.test(line) ? [proc] : [];
  }
}

const searches = ({ pidFile, pattern }: Group) => pidFile === undefined && pattern !== undefined;
const needsAll = (group: Group) => group.scope === 'tree' || searches(group);

/** A process that executes another program keeps its id and start, and changes its name. */
const keyOf = (proc: Proc) => `${identityOf(proc)}:${proc.name}`;

function withDescendants(direct: readonly Proc[], all: readonly Proc[]): Proc[] {
  const children = Map.groupBy(all, ({ parent }) => parent);
  const found = new Map<number, Proc>();
  const add = (proc: Proc) => {
    if (found.has(proc.pid)) return;
    found.set(proc.pid, proc);
    for (const child of children.get(proc.pid) ?? []) add(child);
  };
  for (const proc of direct) add(proc);
  return [...found.values()];
}

async function readPid(file: string): Promise<number | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // No pid file is how a service that does not run looks.
    if (code === 'ENOENT') return undefined;
    throw targetError(`The pid file ${file} can not be read: ${code ?? message}.`, {
      fix: 'Let the agent read it, or use "match".',
      cause,
    });
  }
  const [line = ''] = text.split('\n', 1);
  // A service that is about to write it has an empty file for a moment; PostgreSQL, while it is being set up,
  // one with a negative number.
  if (text.trim() === '' || /^\s*-\d+\s*$/.test(line)) return undefined;
  if (/^\s*[1-9]\d*\s*$/.test(line)) return Number(line);
  throw targetError(`The first line of the pid file ${file} is not a process id.`, {
    fix: 'Name the file that the service writes its process id to.',
  });
}
