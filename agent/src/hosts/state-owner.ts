// Where the state of a resource is when its host runs as another user: in a folder of that user's, which is
// handed to the host as an open file descriptor, so that nothing above it has to be open to that user. A link
// in the agent's own folder, where only the agent can write, says whose folder has it now.
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { configError } from '@dynamic-informer/sdk';
import type { HostAccount } from '../contract.ts';

/** The file descriptor of the state folder in a host that runs as another user. */
export const STATE_FOLDER_FD = 5;

const LINK = /^\.\.\/users\/(\d+)\/[^/]+$/;
/** What is taken over from another user is read as a whole. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Below the state folder; the folder of one user, which no other user can enter. */
export const userStateFolder = (stateDir: string, uid: number): string =>
  join(stateDir, 'users', String(uid));

/** Makes the folder if it is not there, and opens it. */
export async function openStateFolder(folder: string, { uid, gid }: HostAccount): Promise<FileHandle> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o750 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  await handle.chown(uid, gid);
  await handle.chmod(0o700);
  return handle;
}

/** Sees to it that the state of a host's collectors belongs to the user that the host runs as. */
export class StateOwner {
  readonly #account: HostAccount | undefined;
  readonly #folder: string | undefined;
  /** By collector; where they are for the agent's own user. */
  readonly #files = new Map<string, string>();

  constructor(account: HostAccount | undefined, folder: string | undefined) {
    this.#account = account;
    this.#folder = folder;
  }

  /** The path of a collector's state as its host sees it. */
  async take(id: string, file: string): Promise<string> {
    if (!this.#account || !this.#folder) return file;
    this.#files.set(id, file);
    return handOver(file, this.#folder, this.#account);
  }

  /** The state goes to a collector that is to go on, from one of another user's that was to replace it. */
  async takeBack(id: string): Promise<void> {
    const file = this.#files.get(id);
    if (file !== undefined) await this.take(id, file);
  }

  forget(id: string): void {
    this.#files.delete(id);
  }
}

/**
 * Puts a resource's state into the folder of the account, wherever it was before, and gives its path as the
 * host sees it. `file` is where it is for a host that runs as the agent's user.
 */
async function handOver(file: string, folder: string, account: HostAccount): Promise<string> {
  const own = join(folder, basename(file));
  const link = relative(dirname(file), own);
  if ((await linkAt(file)) !== link) {
    const bytes = await readState(file);
    if (bytes) await give(own, bytes, account);
    // What lies there from an earlier time is older than what is recorded.
    else await rm(own, { force: true });
    await mkdir(dirname(file), { recursive: true, mode: 0o750 });
    await rm(`${file}.link`, { force: true });
    await symlink(link, `${file}.link`);
    await rename(`${file}.link`, file);
  }
  return `/proc/self/fd/${STATE_FOLDER_FD}/${basename(file)}`;
}

/**
 * A resource's state, from another user's folder if it was there last; `undefined` if there is none.
 * @throws a config error if what is in that folder is not a file of that user
 */
export async function readState(file: string): Promise<Buffer | undefined> {
  const link = await linkAt(file);
  const owner = link === undefined ? undefined : LINK.exec(link)?.[1];
  if (link === undefined || owner === undefined) return readIfThere(file, constants.O_RDONLY);
  return readIfThere(
    join(dirname(file), link),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    Number(owner),
  );
}

async function readIfThere(path: string, flags: number, owner?: number): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags);
    // That user decides what lies in its folder: a link or another name of a file that it may not read.
    if (owner !== undefined) {
      const stats = await handle.stat();
      if (!stats.isFile() || stats.uid !== owner || stats.size > MAX_BYTES) throw refused(path, owner);
    }
    return await handle.readFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (owner !== undefined && code === 'ELOOP') throw refused(path, owner);
    throw error;
  } finally {
    await handle?.close();
  }
}

async function give(path: string, bytes: Buffer, { uid, gid }: HostAccount): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  // Never through a link: the folder is the other user's.
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.chown(uid, gid);
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

async function linkAt(file: string): Promise<string | undefined> {
  try {
    return await readlink(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EINVAL') return undefined;
    throw error;
  }
}

function refused(path: string, owner: number) {
  return configError(`The state at ${path} is not a file of the user ${owner}, or larger than 64MiB.`, {
    code: 'CONFIG_STATE_REFUSED',
    fix: 'Remove it; the resource begins anew.',
  });
}
