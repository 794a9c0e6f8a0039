import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gauge, type Sample, targetError } from '@dynamic-informer/sdk';
import { matcher } from './config.ts';
import { type Mount, parseMounts } from './mounts.ts';
import { isMissing, type Part, type Reading } from './part.ts';

const LABELS = ['device', 'mountpoint', 'fstype'] as const;
const size = gauge('node_filesystem_size_bytes', 'Size of the file system.', LABELS);
const free = gauge('node_filesystem_free_bytes', 'Bytes that nothing uses.', LABELS);
const avail = gauge('node_filesystem_avail_bytes', 'Bytes that ordinary users can still use.', LABELS);
const files = gauge('node_filesystem_files', 'Files that the file system can hold.', LABELS);
const filesFree = gauge('node_filesystem_files_free', 'Files that can still be created.', LABELS);
const readonly = gauge('node_filesystem_readonly', 'Whether it is mounted read-only.', LABELS);
const deviceError = gauge(
  'node_filesystem_device_error',
  'Whether the file system did not answer, or with an error; its sizes are absent then.',
  LABELS,
);

export const FILESYSTEM_METRICS = [size, free, avail, files, filesFree, readonly, deviceError];

/**
 * How many file systems are asked at one time. One that hangs holds one of the four threads that Node.js
 * has for files until the kernel lets go; the others stay free for everybody else.
 */
const MAX_PENDING = 2;

/** Asks file systems for their sizes, and never a second time while an answer is pending. */
export class SizeReader {
  readonly #pending = new Map<string, Promise<StatsFs>>();

  /** Resolves with the answer, or rejects after `timeoutMs`; then the file system counts as stuck until it answers. */
  async read(
    path: string,
    timeoutMs: number,
    ask: (path: string) => Promise<StatsFs> = statfs,
  ): Promise<StatsFs> {
    if (this.#pending.has(path)) throw stuck(path, 'has not answered since an earlier collect');
    if (this.#pending.size >= MAX_PENDING) throw stuck(path, `was not asked, for ${MAX_PENDING} others hang`);
    const answer = ask(path).finally(() => this.#pending.delete(path));
    this.#pending.set(path, answer);
    const cancel = new AbortController();
    const tooLate = delay(timeoutMs, undefined, { signal: cancel.signal }).then(() => {
      throw stuck(path, `did not answer within ${Math.round(timeoutMs)} ms`);
    });
    try {
      // What loses the race stays in #pending, which keeps it from being asked again.
      return await Promise.race([answer, tooLate]);
    } finally {
      answer.catch(ignoreLateFailure);
      tooLate.catch(ignoreLateFailure);
      cancel.abort();
    }
  }
}

function ignoreLateFailure(): void {}

const stuck = (path: string, fact: string) =>
  targetError(`The file system at ${path} ${fact}.`, {
    code: 'HOST_FILESYSTEM_STUCK',
    fix: 'Look at its server or disk, or leave it out with "filesystems: {exclude_mountpoints: […]}".',
  });

/** The samples of one mounted file system. */
export async function readMount(
  mount: Mount,
  path: string,
  reader: SizeReader,
  reading: Reading,
): Promise<Sample[]> {
  const { device, mountpoint, fstype } = mount;
  const labels = { device, mountpoint, fstype };
  try {
    const sizes = await reader.read(path, reading.remaining() / 2);
    return [
      size.sample(sizes.blocks * sizes.bsize, labels),
      free.sample(sizes.bfree * sizes.bsize, labels),
      avail.sample(sizes.bavail * sizes.bsize, labels),
      files.sample(sizes.files, labels),
      filesFree.sample(sizes.ffree, labels),
      readonly.sample(mount.readonly ? 1 : 0, labels),
      deviceError.sample(0, labels),
    ];
  } catch (error) {
    // A mount that this user may not look into is a fact about the mount, not a failure to be mended.
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) reading.error(error);
    return [readonly.sample(mount.readonly ? 1 : 0, labels), deviceError.sample(1, labels)];
  }
}

export const filesystem: Part = {
  metrics: FILESYSTEM_METRICS,
  open({ filesystems, rootfs }) {
    const excludesType = matcher(filesystems.exclude_types);
    const excludesMountpoint = matcher(filesystems.exclude_mountpoints);
    const reader = new SizeReader();
    return async (reading) => {
      const samples: Sample[] = [];
      for (const mount of parseMounts(await mountsOf(reading))) {
        if (excludesType(mount.fstype) || excludesMountpoint(mount.mountpoint)) continue;
        if (reading.signal.aborted) break;
        samples.push(...(await readMount(mount, join(rootfs, mount.mountpoint), reader, reading)));
      }
      return samples;
    };
  },
};

/** The first process' mounts are the host's; our own, where those may not be read, are what we can see of them. */
async function mountsOf({ proc }: Reading): Promise<string> {
  try {
    return await proc('1/mounts');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'HOST_FILE_UNREADABLE' && !isMissing(error)) throw error;
    return await proc('self/mounts');
  }
}
