import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { ConfigIo } from './source-files.ts';

const MAGIC = /[*?[\]{}()!]/;

export interface Included {
  /** As messages show them: relative if the main file's path is. Sorted, without the main file. */
  readonly files: readonly string[];
  /** Where new files may come to match, absolute. */
  readonly directories: readonly string[];
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
  const files = new Set<string>();
  const directories = new Set<string>();
  const problems: ErrorInfo[] = [];
  for (const [index, pattern] of patterns.entries()) {
    const base = resolve(directory, baseOf(pattern));
    directories.add(base);
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
  files.delete(resolve(mainFile));
  const shown = (file: string) =>
    isAbsolute(mainFile) ? file : join(dirname(mainFile), relative(directory, file));
  return { files: [...files].sort().map(shown), directories: [...directories], problems };
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
