import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ConfigIo } from './source-files.ts';

const MAGIC = /[*?[\]{}()!]/;

export interface Included {
  /** As messages show them: relative if the main file's path is. Sorted, without the main file. */
  readonly files: readonly string[];
  /** Where new files may come to match, absolute. */
  readonly directories: readonly string[];
}

/** The files that the patterns of `include` name; hidden ones only when a pattern names them in full. */
export async function includedFiles(
  mainFile: string,
  patterns: readonly string[],
  glob: ConfigIo['glob'],
): Promise<Included> {
  const directory = dirname(resolve(mainFile));
  const files = new Set<string>();
  const directories = new Set<string>();
  for (const pattern of patterns) {
    const base = resolve(directory, baseOf(pattern));
    directories.add(base);
    if (!MAGIC.test(pattern)) {
      files.add(resolve(directory, pattern));
      continue;
    }
    for (const match of await glob(pattern, directory)) {
      const file = resolve(directory, match);
      if (!isHidden(relative(base, file))) files.add(file);
    }
  }
  files.delete(resolve(mainFile));
  const shown = (file: string) =>
    isAbsolute(mainFile) ? file : join(dirname(mainFile), relative(directory, file));
  return { files: [...files].sort().map(shown), directories: [...directories] };
}

/** The folder that a pattern starts in: what stands before its first special character. */
function baseOf(pattern: string): string {
  const parts = pattern.split('/');
  const magic = parts.findIndex((part) => MAGIC.test(part));
  return magic < 0 ? dirname(pattern) : parts.slice(0, magic).join('/') || (isAbsolute(pattern) ? sep : '.');
}

const isHidden = (path: string): boolean =>
  path.split(sep).some((part) => part !== '..' && part.startsWith('.')) || basename(path).endsWith('~');
