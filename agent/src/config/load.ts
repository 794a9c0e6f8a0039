import { resolve } from 'node:path';
import { checkFile } from './check-file.ts';
import { byPlace } from './diagnostic.ts';
import { includedFiles } from './include.ts';
import { isBroken, mergeFiles } from './merge.ts';
import { diagnosticAt } from './place.ts';
import { type ConfigIo, SourceFiles } from './source-files.ts';
import type { LoadedConfig } from './types.ts';

/** Reads a whole configuration, each file once. Whatever is wrong with it is in `issues`, never thrown. */
export async function loadConfig(mainFile: string, io: ConfigIo): Promise<LoadedConfig> {
  const sources = new SourceFiles(io);
  const main = await checkFile(mainFile, 'main', sources, io.env);
  const include = isBroken(main, ['include']) ? [] : (main.raw.include ?? []);
  const found = await includedFiles(mainFile, include, io.glob);
  const included = [];
  for (const file of found.files) included.push(await checkFile(file, 'included', sources, io.env));

  const merged = await mergeFiles(main, included, io.env);
  const files = [main, ...included];
  const issues = [
    ...files.flatMap((checked) => checked.issues),
    ...found.problems.map((problem) => diagnosticAt(main.top, problem)),
    ...merged.issues,
  ];
  return {
    config: issues.length === 0 ? merged.config : undefined,
    issues: issues.sort(byPlace(files.map(({ file }) => file))),
    files: sources.files,
    sources: {
      mainFile: resolve(mainFile),
      include,
      included: found.files.map((file) => resolve(file)),
      digests: sources.digests,
    },
    secrets: [...new Set(files.flatMap(({ secrets }) => secrets))],
  };
}
