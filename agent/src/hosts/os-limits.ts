import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The full path of one of util-linux' programs, or `undefined` where it is not installed. */
export function findProgram(name: string): string | undefined {
  if (process.platform !== 'linux') return undefined;
  for (const folder of ['/usr/bin', '/bin']) {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return `${folder}/${name}`;
    } catch {
      // Looked for in the next folder.
    }
  }
  return undefined;
}

const prlimit = findProgram('prlimit');

/**
 * Limits a process' data segment to what it maps now and `bytes` more. A limit set before Node.js
 * has started makes it crash, so this comes after.
 */
export async function limitMemory(pid: number | undefined, bytes: number): Promise<void> {
  if (!prlimit || pid === undefined) return;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const mapped = /^VmData:\s+(\d+) kB$/m.exec(status)?.[1];
  if (mapped === undefined) return;
  const limit = Number(mapped) * 1024 + bytes;
  execFile(prlimit, ['--pid', String(pid), `--data=${limit}:${limit}`], () => undefined);
}
