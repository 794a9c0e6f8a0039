import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, digestOfError } from './config/source-files.ts';

/** Reads files and folders, and remembers what each was: a digest by absolute path. */
export class FilesRead {
  readonly digests = new Map<string, string>();

  /** A file's text. Throws if it can't be read; gives `undefined` if it is not there. */
  async text(path: string): Promise<string | undefined> {
    try {
      const bytes = await readFile(path);
      this.digests.set(path, digestOf(bytes));
      return bytes.toString('utf8');
    } catch (error) {
      const reason = digestOfError(error);
      this.digests.set(path, reason);
      if (reason === 'ENOENT' || reason === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  /**
   * The files and folders in a folder that count, by name; a link counts as what it leads to. Of a folder that is
   * not there, or can't be read, there are none.
   */
  async list(
    folder: string,
    counts: (name: string, isFolder: boolean) => boolean,
  ): Promise<{ name: string; isFolder: boolean }[]> {
    try {
      const found: { name: string; isFolder: boolean }[] = [];
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        const { name } = entry;
        const isLink = entry.isSymbolicLink();
        const kind = isLink ? await stat(join(folder, name)).catch(() => entry) : entry;
        const isFolder = kind.isDirectory();
        if (counts(name, isFolder) && (isFolder || kind.isFile())) found.push({ name, isFolder });
      }
      found.sort((a, b) => (a.name < b.name ? -1 : 1));
      const listing = found.map(({ name, isFolder }) => (isFolder ? `${name}/` : name)).join('\n');
      this.digests.set(folder, digestOf(Buffer.from(listing)));
      return found;
    } catch (error) {
      this.digests.set(folder, digestOfError(error));
      return [];
    }
  }
}
