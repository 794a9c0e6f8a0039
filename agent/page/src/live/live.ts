import { dropToken, RequestProblem, readAgent, readResources } from '../api/client.ts';
import type { AgentSummary, AuditEntry, CollectedEvent, ListedResource, Reload } from '../api/types.ts';
import { readEvents } from './events.ts';
import {
  agent,
  connection,
  keepOnly,
  lastAudit,
  now,
  putCollected,
  putReload,
  putResource,
  removeResource,
} from './store.ts';

/** Between tries; the last of them goes on. */
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000];

/** In the background the stream is given up after this: agents serve few, and browsers open few to one place. */
const HIDDEN_MS = 60_000;
const HIDDEN_POLL_MS = 60_000;

const LIST_PIECE = 500;
const HISTORY_PIECE = 100;

/** Keeps the page up to date for as long as it is open. */
export async function keepLive(): Promise<never> {
  let tries = 0;
  for (;;) {
    await untilLookedAt();
    try {
      await followStream(() => {
        tries = 0;
      });
    } catch (error) {
      if (document.hidden) {
        connection.value = { kind: 'connecting' };
        continue;
      }
      const { value: last } = connection;
      connection.value = {
        kind: 'broken',
        since: last.kind === 'broken' ? last.since : now.value,
        why: wordsOf(error),
        readAt: last.kind === 'broken' ? last.readAt : undefined,
      };
      await poll();
      await pause(RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)] ?? 0);
    }
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof RequestProblem ? [error.message, error.fix].filter(Boolean).join(' ') : String(error);

/** @throws RequestProblem when the stream ends, and when nobody has looked for a while */
async function followStream(connected: () => void): Promise<never> {
  const end = new AbortController();
  const stopWatching = whenHiddenFor(HIDDEN_MS, () => end.abort());
  // What fails while lists are read ends the stream, too: then both are tried again.
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const refresh = async (): Promise<void> => {
    try {
      await readLists(end.signal);
      connection.value = { kind: 'live' };
      connected();
      await readHistories(end.signal);
    } catch (error) {
      reject(error);
    }
  };
  try {
    return await Promise.race([
      failed,
      readEvents(end.signal, (type, data) => {
        if (type === 'hello') void refresh();
        take(type, data);
      }),
    ]);
  } finally {
    stopWatching();
    end.abort();
  }
}

function take(type: string, data: unknown): void {
  if (type === 'hello') putAgent(data as AgentSummary);
  else if (type === 'resource') putResource(data as ListedResource);
  else if (type === 'removed') removeResource((data as { name: string }).name);
  else if (type === 'collected') putCollected(data as CollectedEvent[]);
  else if (type === 'reload') {
    putReload(data as Reload);
    // A new configuration can have another token or another path for metrics.
    void readAgent().then(putAgent, () => undefined);
  } else if (type === 'audit') lastAudit.value = data as AuditEntry;
}

function putAgent(info: AgentSummary): void {
  // A token that is not the right one any more is not sent again and again: that would look like an attack.
  if (!info.mayChange) dropToken();
  agent.value = info;
}

async function readLists(signal?: AbortSignal): Promise<void> {
  const names = new Set<string>();
  for await (const { resources } of readResources({
    limit: LIST_PIECE,
    history: false,
    ...(signal && { signal }),
  })) {
    for (const resource of resources) {
      names.add(resource.name);
      putResource(resource);
    }
  }
  keepOnly(names);
}

async function readHistories(signal: AbortSignal): Promise<void> {
  for await (const { resources } of readResources({ limit: HISTORY_PIECE, history: true, signal })) {
    for (const resource of resources) putResource(resource);
  }
}

/** What a page without a stream shows: read again from time to time. */
async function poll(): Promise<void> {
  try {
    putAgent(await readAgent());
    await readLists();
    const { value: state } = connection;
    if (state.kind === 'broken') connection.value = { ...state, readAt: now.value };
  } catch (error) {
    const { value: state } = connection;
    if (state.kind === 'broken') connection.value = { ...state, why: wordsOf(error) };
  }
}

/** Ends early when the browser says that there is a network again, or somebody looks. */
function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = new AbortController();
  const done = (): void => {
    stop.abort();
    resolve();
  };
  const timer = setTimeout(done, ms);
  stop.signal.addEventListener('abort', () => clearTimeout(timer));
  window.addEventListener('online', done, { signal: stop.signal });
  document.addEventListener('visibilitychange', done, { signal: stop.signal });
  return promise;
}

/** While nobody looks, only the title's number is kept up to date. */
async function untilLookedAt(): Promise<void> {
  while (document.hidden) {
    try {
      putAgent(await readAgent());
    } catch {
      // The title keeps the last number; what is wrong is said when somebody looks.
    }
    await pause(HIDDEN_POLL_MS);
  }
}

function whenHiddenFor(ms: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(act, ms);
  };
  document.addEventListener('visibilitychange', look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
