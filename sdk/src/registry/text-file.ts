import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Registry } from './registry.ts';

/** Who reads such files is most often another user. */
const MODE = 0o644;

/**
 * Writes a registry in text format 0.0.4 into a file, for node_exporter's textfile collector: a job that ends
 * before anyone could scrape it leaves its metrics there. The file is replaced at once, so that nobody ever
 * reads half of it; its name has to end in `.prom` to be read.
 * @throws what the file system says, with the old file left as it was
 */
export async function writeTextFile(registry: Registry, path: string): Promise<void> {
  const exposition = registry.expose();
  // In the same folder, because renaming is atomic within one file system only; and of another ending, so that it is not read.
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', MODE);
    try {
      await file.writev([...exposition.parts]);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    exposition.done();
  }
}
