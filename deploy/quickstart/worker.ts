// A process of its own: takes jobs from the spool folder, the oldest first, compresses and hashes them, writes
// the result to PostgreSQL, and removes the file. A job whose result could not be written stays in the folder.
import { createHash } from 'node:crypto';
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { JobStore } from './job-store.ts';
import { reasonOf, say } from './say.ts';

/** Between two looks jobs gather, so that the queue has a depth to watch. */
const LOOK_EVERY_MS = 1_000;
const FORGET_EVERY_LOOKS = 60;

const { QUICKSTART_SPOOL: spool, QUICKSTART_DATABASE_URL: url } = process.env;
if (!spool || !url)
  throw new Error('QUICKSTART_SPOOL and QUICKSTART_DATABASE_URL are needed; start.ts sets them.');

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
// The pipe from the quickstart ends when the quickstart does.
process.stdin
  .on('end', () => ending.abort())
  .on('error', () => ending.abort())
  .resume();

const store = new JobStore(url, 'quickstart-worker', 1);
let failing = false;
for (let look = 1; !ending.signal.aborted; look++) {
  try {
    await drain(spool);
    if (look % FORGET_EVERY_LOOKS === 0) await store.forgetOld();
    failing = false;
  } catch (error) {
    if (!failing && look > 5) say(`the worker can not finish jobs and tries again: ${reasonOf(error)}`);
    failing = true;
  }
  await delay(LOOK_EVERY_MS, undefined, { signal: ending.signal }).catch(() => {});
}
await store.close();
process.stdin.destroy();

async function drain(folder: string): Promise<void> {
  const jobs = (await readdir(folder))
    .filter((name) => /^\d+\.job$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  for (const name of jobs) {
    if (ending.signal.aborted) return;
    const file = join(folder, name);
    const content = await readFile(file);
    const compressed = await promisify(gzip)(content);
    const hash = createHash('sha256').update(content).digest('hex');
    await store.finish(name.slice(0, -'.job'.length), hash, compressed.length);
    await unlink(file);
  }
}
