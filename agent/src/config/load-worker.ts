// Loads a configuration, again and again, in a thread of its own, until it is ended.
import { parentPort, workerData } from 'node:worker_threads';
import { CheckedFiles } from './checked-files.ts';
import { disk } from './disk.ts';
import { loadConfig } from './load.ts';
import type { LoadReply, LoadRequest, LoadThreadData } from './load-thread.ts';
import { deltaOf } from './resource-delta.ts';

/** What of a large configuration the receiver reads in one go is read within a millisecond. */
const BATCH = 50;

const { file, env, webConfigFile, resources: port } = workerData as LoadThreadData;
const kept = new CheckedFiles(env);
let next: LoadRequest | undefined;
let isBusy = false;

parentPort?.on('message', (request: LoadRequest) => {
  // Reading ahead is of no use any more when something is asked for after it.
  next = request;
  if (!isBusy) void answerAll();
});

async function answerAll(): Promise<void> {
  isBusy = true;
  while (next) {
    const request = next;
    next = undefined;
    await answer(request);
  }
  isBusy = false;
}

async function answer({ known }: LoadRequest): Promise<void> {
  const { config, draft, ...loaded } = await loadConfig(file, { ...disk, env, webConfigFile }, kept);
  if (!known) return;
  let reply: LoadReply = { ...loaded, isSound: config !== undefined, draft: undefined };
  if (draft) {
    const { resources, ...rest } = draft.config;
    const { fresh, origins, lines } = deltaOf(resources, known);
    for (let at = 0; at < fresh.length; at += BATCH) port.postMessage(fresh.slice(at, at + BATCH));
    reply = { ...reply, draft: { ...draft, config: { ...rest, origins, lines } } };
  }
  parentPort?.postMessage(reply);
}
