import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account for a server that refuses to run as root. Gives undefined when the test does not run as root,
 * for then the server runs as whoever runs the test.
 */
export async function accountFor(user: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = async (option: string) => Number((await promisify(execFile)('id', [option, user])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}
