import { type FileHandle, open } from 'node:fs/promises';
import { configError } from '@dynamic-informer/sdk';
import type { ReplayReply } from '../contract.ts';
import type { HostPool } from '../hosts/pool.ts';
import { shownLine } from '../printable.ts';
import type { Subject } from './collect-subject.ts';
import { LOAD_TIMEOUT_MS, loadPlugins, readCatalog } from './plugins.ts';
import { ReplayWatch } from './replay-watch.ts';

export interface Replayed {
  readonly reply: ReplayReply;
  /** Lines that a terminal shows and does not obey. */
  readonly text: readonly string[];
  /** The plugin's report, and whether the input was read to its end. */
  readonly report: unknown;
  readonly seconds: number;
}

interface ReplayPorts {
  readonly pool: HostPool;
  /** The configuration's file, as it was named. */
  readonly config: string | undefined;
}

const STDIN = 0;

/** Nobody wants to know any more. */
export class Interrupted extends Error {
  override readonly message = 'Ended without a report.';
}

/** Runs a subject's configuration over a file, or over stdin if that is `-`, in a host that has it as its stdin. */
export async function replay(subject: Subject, file: string, ports: ReplayPorts): Promise<Replayed> {
  await using input = await openInput(file);
  const { host: group, request } = subject;
  const { resource } = request.gather;
  const { name: plugin } = request.plugin;
  const lease = await ports.pool.lease({ ...group, stdin: input.descriptor }, { resource, plugin });
  try {
    const { host } = lease;
    const { replays } = await host.load(request.plugin, LOAD_TIMEOUT_MS);
    if (!replays) throw await notReplayed(plugin, ports);
    using watch = new ReplayWatch(host, request.id, input);
    const started = performance.now();
    const { timeoutMs: _timeoutMs, target: _target, ...rest } = request;
    const reply = await host.replay({ ...rest, input: input.name }).catch((error: Error) => {
      throw watch.isGivenUp ? new Interrupted() : error;
    });
    const { isEnded } = watch;
    const isComplete = !isEnded && reply.outcome !== 'target';
    const ending = isEnded ? ['', 'Ended early: what had been read by then is counted.'] : [];
    return {
      reply,
      text: [...reply.text.map(shownLine), ...ending],
      report: { ...(reply.report as object), complete: isComplete },
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    lease.release();
  }
}

interface Input extends AsyncDisposable {
  readonly name: string;
  readonly descriptor: number;
  /** In bytes; `undefined` for what is no regular file. */
  readonly size: number | undefined;
}

async function openInput(file: string): Promise<Input> {
  if (file === '-') {
    return {
      name: 'stdin',
      descriptor: STDIN,
      size: undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
  }
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error('it is a folder');
    const opened = handle;
    return {
      name: file,
      descriptor: opened.fd,
      size: stats.isFile() ? stats.size : undefined,
      [Symbol.asyncDispose]: () => opened.close(),
    };
  } catch (error) {
    await handle?.close();
    const { code, message } = error as NodeJS.ErrnoException;
    throw configError(`${file} can't be replayed: ${REASONS[code ?? ''] ?? message}.`, {
      code: 'CONFIG_NOT_REPLAYED',
      fix: 'Name a file that can be read; "-" is stdin.',
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'permission denied',
};

async function notReplayed(plugin: string, { pool, config }: ReplayPorts): Promise<Error> {
  const entries = [...(await readCatalog(config)).values()].filter(({ builtin }) => builtin);
  const infos = await loadPlugins(pool, entries);
  const names = infos.filter(({ replays }) => replays).map(({ name }) => name);
  return configError(`The plugin "${plugin}" can't replay a file.`, {
    code: 'CONFIG_NOT_REPLAYED',
    fix: `Of those that came with the agent these can: ${names.join(', ')}.`,
  });
}
