import { resolve } from 'node:path';
import pLimit from 'p-limit';
import type { CheckedFile } from './check-file.ts';
import { CheckedFiles } from './checked-files.ts';
import { listed } from './diagnostic.ts';
import { includedFiles } from './include.ts';
import { loadWebFile } from './load-web-file.ts';
import { mergeFiles } from './merge.ts';
import { diagnosticAt } from './place.ts';
import { CONCURRENT_READS, type ConfigIo, SourceFiles } from './source-files.ts';
import type { Diagnostic, LoadedConfig } from './types.ts';

/**
 * Reads a whole configuration, each file once. Whatever is wrong with it is in `issues`, never thrown. Who loads
 * again gives what was `kept`, which was made for the same environment.
 */
export async function loadConfig(
  mainFile: string,
  io: ConfigIo,
  kept: CheckedFiles = new CheckedFiles(io.env),
): Promise<LoadedConfig> {
  const sources = new SourceFiles(io);
  const main = await kept.check(mainFile, 'main', sources);
  const { include } = main;
  const found = await includedFiles(mainFile, include, io.glob);
  const limit = pLimit(CONCURRENT_READS);
  await Promise.all(found.files.map((file) => limit(() => sources.read(file))));
  const included = [];
  for (const file of found.files) included.push(await kept.check(file, 'included', sources));
  kept.done();

  const merged = await mergeFiles(main, included, io.env);
  const web = await loadWebFile(main, sources, io.webConfigFile);
  const files = [main, ...included];
  const issues = [
    ...files.flatMap((checked) => checked.issues),
    ...found.problems.map((problem) => diagnosticAt(main.top, problem)),
    ...merged.issues,
    ...web.issues,
  ];
  const config = { ...merged.config, access: web.access };
  return {
    config: issues.length === 0 ? config : undefined,
    draft: { config, knowsPlugins: !issues.some(hidesPlugins) },
    issues: listed(
      issues,
      [...files, web].flatMap(({ file }) => file ?? []),
    ),
    files: sources.files,
    sources: {
      mainFile: resolve(mainFile),
      include,
      included: found.files.map((file) => resolve(file)),
      digests: sources.digests,
    },
    secrets: [...new Set([...files, web].flatMap(({ secrets }) => secrets))],
    texts: textsOf(files),
  };
}

function textsOf(files: readonly CheckedFile[]): Record<string, string> {
  const read = files.flatMap(({ file, text }) => (text === undefined ? [] : [[file, text] as const]));
  return Object.fromEntries(read);
}

/** May there be plugins that are not known because of this? */
function hidesPlugins({ path: [section, ...rest] = [] }: Diagnostic): boolean {
  if (section === undefined || section === 'include' || section === 'plugin_dirs') return true;
  return section === 'plugins' && (rest.length < 2 || rest[1] === 'path');
}
