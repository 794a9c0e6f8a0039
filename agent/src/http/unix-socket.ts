import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** What is made meanwhile is the owner's alone: a socket can be connected to as soon as it is there. */
export function ownerOnly(make: () => void): void {
  const before = isMainThread ? process.umask(0o077) : undefined;
  try {
    make();
  } finally {
    if (before !== undefined) process.umask(before);
  }
}

/** Removes the socket that an earlier agent left, but not one that somebody answers on. */
export async function prepareSocket(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (!alive) await rm(path, { force: true });
}
