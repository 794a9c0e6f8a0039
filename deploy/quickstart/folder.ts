import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOpenToAll } from './account.ts';

/** Where the quickstart's parts keep their files; all of it goes when it ends. */
export interface Folder {
  readonly path: string;
  readonly spool: string;
  readonly accessLog: string;
  readonly state: string;
  /** Who has what is in this file may change things on the page. */
  readonly tokenFile: string;
  readonly token: string;
  readonly database: string;
}

export async function createFolder(): Promise<Folder> {
  const path = await mkdtemp(join(await parentFolder(), 'informer-quickstart-'));
  // PostgreSQL runs under another account when we are root, and has to pass through.
  await chmod(path, 0o711);
  const folder = {
    path,
    spool: join(path, 'spool'),
    accessLog: join(path, 'access.log'),
    state: join(path, 'state'),
    tokenFile: join(path, 'token'),
    token: randomBytes(9).toString('base64url'),
    database: join(path, 'database'),
  };
  await mkdir(folder.spool, { mode: 0o700 });
  await mkdir(folder.state, { mode: 0o700 });
  await writeFile(folder.tokenFile, `${folder.token}\n`, { mode: 0o600 });
  return folder;
}

/** Root's temporary folder can be root's alone, and closed to the account that PostgreSQL gets. */
async function parentFolder(): Promise<string> {
  if (process.getuid?.() !== 0 || (await isOpenToAll(tmpdir()))) return tmpdir();
  return '/tmp';
}
