import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * What is missing for tests that run hosts as the user nobody, to stand in their names; `undefined` if
 * nothing is.
 */
export function missingForNobody(): string | undefined {
  if (process.platform !== 'linux') return 'Linux';
  if (process.geteuid?.() !== 0) return 'root';
  if (!existsSync('/usr/bin/setpriv')) return 'setpriv';
  return [ROOT, process.execPath].every(isOpenToAll) ? undefined : 'a checkout that others may read';
}

function isOpenToAll(path: string): boolean {
  accessSync(path, constants.R_OK);
  const isOpen = (statSync(path).mode & constants.S_IXOTH) !== 0;
  return isOpen && (dirname(path) === path || isOpenToAll(dirname(path)));
}
