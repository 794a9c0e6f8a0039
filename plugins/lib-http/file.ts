import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { targetError } from '@dynamic-informer/sdk';

/**
 * The text of a file that the configuration names.
 * @throws a target error that names key and file: it may appear later
 */
export async function readText(key: string, path: string, directory: string): Promise<string> {
  const full = resolve(directory, path);
  try {
    return await readFile(full, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw targetError(`${key}: the file "${full}" can not be read (${code ?? message}).`, {
      fix: "Correct the path, and let the agent's user read the file.",
      cause: error,
    });
  }
}
