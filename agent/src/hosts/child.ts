// The entry of a host process. It talks to the agent over file descriptor 3 and ends with it.
import { stat } from 'node:fs';
import { Socket } from 'node:net';
import { pluginError, toErrorInfo } from '@dynamic-informer/sdk';
import type { CollectReply } from '../contract.ts';
import { NO_BLAME, processBlame } from './blame.ts';
import { encodeFrame, FrameError, FrameReader, MAX_FRAME_BYTES } from './frames.ts';
import { HostLogger } from './host-logger.ts';
import { LoadedFiles } from './loaded-files.ts';
import { lockBuiltIns } from './lock-built-ins.ts';
import { resolveSdk } from './module-hooks.ts';
import { type Message, type Request, toWire } from './protocol.ts';
import { HostSession } from './session.ts';

const PIPE = 3;
const BLAME_FILE = 4;
/** How long a call that needs a thread may take before all threads are taken to be held. */
const THREADS_MS = 2_000;
/** Where the log's budget stands among the arguments. */
const LOG_LINES = 3;
/** How long a broken pipe is left for the agent to see, which then says why it ends the host. */
const BROKEN_MS = 1_000;
/** What plugins import late is told of together. */
const LOADED_MS = 20;
const NOTHING = new Uint8Array(0);
/** Of the runtime's own, whatever a plugin puts in the place of the globals: deadlines depend on them. */
const { setTimeout, clearTimeout } = globalThis;

const pipe = new Socket({ fd: PIPE, readable: true, writable: true });
const exit = process.exit.bind(process);
const nextTick = process.nextTick.bind(process);
/** Leaves at once, even if the event loop never turns again. */
const send = (message: Message): void => {
  pipe.cork();
  for (const part of encodeFrame(message)) pipe.write(part);
  pipe.uncork();
};
/** Answers of one turn leave in one write. */
const reply = (message: Message, bodies: readonly Uint8Array[] = [], sent?: () => void): void => {
  const frame = encodeFrame(message, bodies);
  pipe.cork();
  for (const part of frame) pipe.write(part);
  if (sent) pipe.write(NOTHING, sent);
  nextTick(() => pipe.uncork());
};

/** Before any answer, so that who is told that a plugin was loaded, or was not, knows of which files. */
function tellLoaded(): void {
  for (const code of loadedFiles.takeNews()) send({ kind: 'loaded', code });
}

resolveSdk();
lockBuiltIns();
const loadedFiles = new LoadedFiles(() => setTimeout(tellLoaded, LOADED_MS).unref());
loadedFiles.track();
const logger = new HostLogger(Number(process.argv[LOG_LINES]), send);
const session = new HostSession(
  (level, resource, message, fields) => logger.line(level, resource, message, fields),
  loadedFiles,
  process.argv.includes('blame') ? processBlame(BLAME_FILE) : NO_BLAME,
  (values) => send({ kind: 'secrets', values }),
);

/** That this can be said shows that neither the event loop is blocked nor all threads are held. */
function tellOverdue(id: number): void {
  const timer = setTimeout(() => send({ kind: 'stuck' }), THREADS_MS);
  stat('/', () => {
    clearTimeout(timer);
    send({ kind: 'overdue', id });
  });
}

async function answer({ id, method, args, timeoutMs }: Request): Promise<void> {
  const timer = setTimeout(() => tellOverdue(id), timeoutMs);
  try {
    const value: unknown = await (session[method] as (...given: readonly unknown[]) => unknown)(...args);
    tellLoaded();
    if (method === 'collect' || method === 'replay') {
      const wire = toWire(value as CollectReply);
      const sent = method === 'collect' ? () => session.sent(String(args[0])) : undefined;
      reply({ kind: 'reply', id, value: wire.value }, wire.bodies, sent);
    } else {
      reply({ kind: 'reply', id, value });
    }
  } catch (error) {
    tellLoaded();
    reply({ kind: 'reply', id, error: toErrorInfo(error instanceof FrameError ? tooLarge(error) : error) });
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge({ message }: FrameError): Error {
  return pluginError(`What it gives makes ${message}, which is more than a host may send.`, {
    code: 'LIMIT_BYTES',
    fix: 'Let the plugin give fewer families, or less text.',
  });
}

const reader = new FrameReader(({ head }) => void answer(head as Request), {
  headBytes: MAX_FRAME_BYTES,
  frameBytes: () => MAX_FRAME_BYTES,
});
pipe.on('data', (chunk: Buffer) => reader.push(chunk));
pipe.on('close', (hasError: boolean) => {
  if (!hasError) exit(0);
});
pipe.on('error', () => setTimeout(exit, BROKEN_MS, 0));
// The agent decides when a host ends; a Ctrl-C in its terminal reaches the hosts too.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
// The first asynchronous file operation starts the whole thread pool. What its stacks map has to be there
// before the agent limits the memory to what is mapped and a budget.
stat('/', () => send({ kind: 'ready' }));
