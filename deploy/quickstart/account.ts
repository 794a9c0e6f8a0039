import { constants } from 'node:fs';
import { cp, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts without rights of their own that systems bring; none is created, for that would outlast us. */
const CANDIDATES = ['postgres', 'nobody', 'daemon'];

/** Under which account PostgreSQL runs: our own, save that it refuses to run as root. */
export async function databaseAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of CANDIDATES) {
    const [, , uid, gid] = lines.find(([first]) => first === name) ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    `PostgreSQL refuses to run as root, and /etc/passwd has none of ${CANDIDATES.join(', ')}; ` +
      'run the quickstart as an ordinary user, or add the user "nobody"',
  );
}

/**
 * The folder of programs itself, or a copy of it where the account can't reach the original: a checkout
 * below /root is closed to everybody else.
 */
export async function reachableBy(
  account: Account | undefined,
  folder: string,
  copy: string,
): Promise<string> {
  const original = await realpath(folder);
  if (!account || (await isOpenToAll(join(original, 'bin')))) return original;
  await cp(original, copy, {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    // Static libraries are for those who link against it.
    filter: (path) => !path.endsWith('.a'),
  });
  return copy;
}

/** Whether every account can go to the folder. */
export async function isOpenToAll(folder: string): Promise<boolean> {
  for (let path = await realpath(folder); ; path = dirname(path)) {
    const { mode } = await stat(path);
    if ((mode & constants.S_IXOTH) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
