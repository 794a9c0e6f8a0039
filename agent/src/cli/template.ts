import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders of the package that hold the plugin that every new one begins as. */
const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url));
/** What that plugin is called. */
const EXAMPLE = 'example-plugin';

/** A plugin on its own, which finds the SDK at `sdk`, or one of the plugins of this project's workspace. */
export type Kind = { readonly kind: 'standalone'; readonly sdk: string } | { readonly kind: 'workspace' };

/** The files of a new plugin: paths within its folder, and their text. */
export async function pluginFiles(name: string, kind: Kind): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const folder of ['plugin', kind.kind]) {
    for (const [path, text] of await filesBelow(join(TEMPLATES, folder))) files.set(path, named(text, name));
  }
  const take = (path: string): string => {
    const text = files.get(path) ?? '';
    files.delete(path);
    return text;
  };
  files.set('README.md', `${take('README.md')}\n${take('working.md')}`);
  if (kind.kind === 'workspace') {
    files.set('index.test.ts', forVitest(take('index.test.ts')));
    return files;
  }
  // npm leaves files of that name out of packages.
  files.set('.gitignore', take('gitignore'));
  files.set(
    'package.json',
    take('package.json').replace(/"file:[^"]*"/, () => JSON.stringify(kind.sdk)),
  );
  return files;
}

async function filesBelow(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile()) files.set(path, await readFile(join(folder, path), 'utf8'));
  }
  return files;
}

/** The example's text for another name, in metrics with underscores, in environment variables in capitals. */
function named(text: string, name: string): string {
  const underscored = name.replaceAll('-', '_');
  return text
    .replaceAll(EXAMPLE, name)
    .replaceAll('example_plugin', underscored)
    .replaceAll('EXAMPLE_PLUGIN', underscored.toUpperCase());
}

/** The workspace's tests run in vitest, which names the two hooks otherwise; imports are in the linter's order. */
function forVitest(test: string): string {
  return test
    .replace("import { after, before, describe, it } from 'node:test';\n", '')
    .replace(
      "import plugin from './index.ts';",
      "import { afterAll as after, beforeAll as before, describe, it } from 'vitest';\n$&",
    );
}

/** The text of plugins/tsconfig.json with one reference more, in the order and the layout that it has. */
export function addReference(tsconfig: string, name: string): string {
  const { references, ...rest } = JSON.parse(tsconfig) as { references: { path: string }[] };
  const paths = [...new Set([...references.map(({ path }) => path), name])].sort();
  const text = JSON.stringify({ ...rest, references: paths.map((path) => ({ path })) }, null, 2);
  return `${text.replace(/\{\s+("path": "[^"]*")\s+\}/g, '{ $1 }')}\n`;
}
