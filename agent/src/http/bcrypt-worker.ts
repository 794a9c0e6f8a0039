// Compares passwords with bcrypt hashes, one after the other, in a thread of its own.
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { Comparison } from './bcrypt-thread.ts';

/** On Linux a thread has its own priority; elsewhere this would slow the whole agent down. */
if (process.platform === 'linux') setPriority(10);

parentPort?.on('message', ({ password, hash }: Comparison) => {
  parentPort?.postMessage(compareSync(password, hash));
});
