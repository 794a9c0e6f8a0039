import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pluginError } from '../errors.ts';
import { type Needs, needsOf } from './needs.ts';

/**
 * What the package.json in a plugin's folder says that it needs; `undefined` if there is none, or it says nothing.
 * @throws a plugin error if it does not parse or is malformed
 */
export async function declaredNeeds(folder: string): Promise<Needs | undefined> {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return undefined;
  let manifest: { readonly informer?: { readonly needs?: unknown } } | null;
  try {
    manifest = JSON.parse(await readFile(file, 'utf8')) as typeof manifest;
  } catch (cause) {
    throw pluginError(`${file} can't be read as JSON: ${(cause as Error).message}.`, {
      code: 'PLUGIN_BAD_MANIFEST',
      fix: 'Correct it.',
      cause,
    });
  }
  return needsOf(manifest?.informer?.needs);
}
