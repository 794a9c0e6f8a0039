import { glob, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type PatternConfig, patternSchema } from '../config.ts';
import type { Source } from './compile.ts';
import { below, type Report } from './report.ts';
import { readList } from './yaml-list.ts';

/** More is an accident: a glob that takes in a whole disk. */
const MAX_FILES = 100;
const MAX_FILE_BYTES = 1_048_576;

/**
 * Reads the patterns of the files that the globs match, which start at `directory`; a file that several match is read once.
 * What is wrong is reported under the index of the glob.
 */
export async function readPatternFiles(
  globs: readonly string[],
  directory: string,
  report: Report,
): Promise<Source<PatternConfig>[]> {
  const seen = new Set<string>();
  const sources: Source<PatternConfig>[] = [];
  for (const [index, pattern] of globs.entries()) {
    const atGlob = below(report, index);
    const found = await findFiles(pattern, directory, atGlob);
    for (const file of found.filter((each) => !seen.has(each))) {
      seen.add(file);
      sources.push(...(await readPatternFile(file, directory, atGlob)));
    }
  }
  return sources;
}

async function findFiles(pattern: string, directory: string, report: Report): Promise<string[]> {
  const found: string[] = [];
  for await (const match of glob(pattern, { cwd: directory })) {
    if (found.length === MAX_FILES) {
      report([], `"${pattern}" matches more than ${MAX_FILES} files`, 'narrow it');
      return [];
    }
    found.push(path.resolve(directory, match));
  }
  if (found.length === 0) {
    const from = path.isAbsolute(pattern) ? '' : `; it starts at ${directory}`;
    report([], `"${pattern}" matches no file${from}`, 'correct it, or remove it');
  }
  return found.sort();
}

async function readPatternFile(
  file: string,
  directory: string,
  report: Report,
): Promise<Source<PatternConfig>[]> {
  const text = await readText(file, report);
  if (text === undefined) return [];
  const list = await readList<PatternConfig>(file, text, patternSchema, report);
  if (list === undefined) return [];
  const name = path.relative(directory, file);
  return list.items.map((config, index) => ({
    config,
    place: `${name}[${index}]`,
    report: below(list.report, index),
  }));
}

async function readText(file: string, report: Report): Promise<string | undefined> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) {
      report([], `${file} is not a regular file`, 'let the glob match files of patterns only');
      return undefined;
    }
    if (stats.size > MAX_FILE_BYTES) {
      report(
        [],
        `${file} is larger than 1 MiB`,
        'let the glob match files of patterns only, or divide the file',
      );
      return undefined;
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    report(
      [],
      `${file} can't be read: ${(error as Error).message}`,
      "give the agent's user the right to read it",
    );
    return undefined;
  }
}
