import { resolve } from 'node:path';
import { type CheckedFile, checkFile } from './check-file.ts';
import type { SourceFiles } from './source-files.ts';

type Text = string | Error;

interface Kept {
  readonly text: Text;
  /** What its `${file:}` references name, by path. */
  readonly named: ReadonlyMap<string, Text>;
  readonly checked: CheckedFile;
}

/** Reads and checks files, and does not parse one again that is, with the files that it names, as it was the last time. */
export class CheckedFiles {
  readonly #env: Readonly<Record<string, string | undefined>>;
  #before: ReadonlyMap<string, Kept> = new Map();
  #now = new Map<string, Kept>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  async check(file: string, kind: 'main' | 'included', sources: SourceFiles): Promise<CheckedFile> {
    const key = `${kind}:${file}`;
    const before = this.#before.get(key);
    const kept =
      before && (await isSame(file, before, sources)) ? before : await this.#check(file, kind, sources);
    this.#now.set(key, kept);
    return kept.checked;
  }

  /** The load is over: files that were not part of it are forgotten. */
  done(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  async #check(file: string, kind: 'main' | 'included', sources: SourceFiles): Promise<Kept> {
    const named = new Map<string, Text>();
    const read = async (path: string) => {
      const text = await sources.read(path);
      if (resolve(path) !== resolve(file)) named.set(path, text);
      return text;
    };
    const checked = await checkFile(file, kind, { read }, this.#env);
    return { text: await sources.read(file), named, checked };
  }
}

async function isSame(file: string, { text, named }: Kept, sources: SourceFiles): Promise<boolean> {
  if (!isSameText(text, await sources.read(file))) return false;
  const texts = await Promise.all(
    [...named].map(async ([path, before]) => isSameText(before, await sources.read(path))),
  );
  return texts.every(Boolean);
}

/** What could not be read has more to it than a text, and costs little to look at anew. */
const isSameText = (a: Text, b: Text): boolean => typeof a === 'string' && a === b;
