import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { ConfigIo } from './source-files.ts';

/** What makes a part of a path a pattern. */
export const MAGIC = /[*?[\]{}()!]/;

export interface Included {
  /** As messages show them: relative if the main file's path is. Sorted, without the main file. */
  readonly files: readonly string[];
  /** Patterns that can't be searched for; their paths are from the top of the file. */
  readonly problems: readonly ErrorInfo[];
}

/** The files that the patterns of `include` name; hidden ones only when a pattern names them in full. */
export async function includedFiles(
  mainFile: string,
  patterns: readonly string[],
  glob: ConfigIo['glob'],
): Promise<Included> {
  const directory = dirname(resolve(mainFile));
  const { files, problems } = await globFiles(patterns, directory, glob);
  const shown = (file: string) =>
    isAbsolute(mainFile) ? file : join(dirname(mainFile), relative(directory, file));
  return { files: files.filter((file) => file !== resolve(mainFile)).map(shown), problems };
}

/** The files that patterns name, absolute, sorted; hidden ones only when a pattern names them in full. */
export async function globFiles(
  patterns: readonly string[],
  directory: string,
  glob: ConfigIo['glob'],
): Promise<Included> {
  const files = new Set<string>();
  const problems: ErrorInfo[] = [];
  for (const [index, pattern] of patterns.entries()) {
    const base = resolve(directory, baseOf(pattern));
    if (!MAGIC.test(pattern)) {
      files.add(resolve(directory, pattern));
      continue;
    }
    try {
      for (const match of await glob(pattern, directory)) {
        const file = resolve(directory, match);
        if (!isHidden(relative(base, file))) files.add(file);
      }
    } catch (error) {
      problems.push(unsearchable(index, error));
    }
  }
  return { files: [...files].sort(), problems };
}

/**
 * The folders in which a new name may come to match, absolute, with the patterns of those names. A folder that a
 * pattern spells out may not be there yet.
 */
export async function globFolders(
  patterns: readonly string[],
  directory: string,
  glob: ConfigIo['glob'],
): Promise<Map<string, Set<string>>> {
  const folders = new Map<string, Set<string>>();
  const add = (folder: string, name: string) => {
    const names = folders.get(folder);
    if (names) names.add(name);
    else folders.set(folder, new Set([name]));
  };
  for (const pattern of patterns) {
    const base = baseOf(pattern);
    const steps = relative(resolve(directory, base), resolve(directory, pattern)).split(sep);
    for (const [depth, step] of steps.entries()) {
      // Below "**" any name may be that of a folder that it stands for.
      const name = steps.slice(0, depth + 1).includes('**') ? '*' : step;
      if (depth === 0) add(resolve(directory, base), name);
      else {
        const prefix = join(base, ...steps.slice(0, depth));
        // A file among them has nothing inside that could match; one that can't be searched was an error before.
        for (const match of await glob(prefix, directory).catch(() => []))
          add(resolve(directory, match), name);
      }
    }
  }
  return folders;
}

function unsearchable(index: number, error: unknown): ErrorInfo {
  return {
    code: 'CONFIG_UNREADABLE_FILE',
    class: 'config',
    message: `its folder can't be searched: ${error instanceof Error ? error.message : String(error)}`,
    fix: 'correct the pattern, or make the folder readable',
    path: ['include', index],
  };
}

/** The folder that a pattern starts in: what stands before its first special character. */
function baseOf(pattern: string): string {
  const parts = pattern.split('/');
  const magic = parts.findIndex((part) => MAGIC.test(part));
  return magic < 0 ? dirname(pattern) : parts.slice(0, magic).join('/') || (isAbsolute(pattern) ? sep : '.');
}

const isHidden = (path: string): boolean =>
  path.split(sep).some((part) => part !== '..' && part.startsWith('.')) || basename(path).endsWith('~');
