import { access, constants, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What has to be open for a file to be read: every folder above it, from the root on, and itself. */
export function stepsTo(path: string): string[] {
  const above = dirname(path);
  return above === path ? [path] : [...stepsTo(above), path];
}

/** The first folder or file on the way to a file that this process may not enter or read. */
export async function closedOnTheWay(path: string): Promise<string | undefined> {
  for (const way of [path, await realpath(path).catch(() => path)]) {
    for (const step of stepsTo(way)) {
      try {
        const needed = (await stat(step)).isDirectory() ? constants.X_OK : constants.R_OK;
        await access(step, needed);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EACCES' ? step : undefined;
      }
    }
  }
  return undefined;
}
