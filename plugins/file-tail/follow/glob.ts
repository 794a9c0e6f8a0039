import path from 'node:path';

const MAGIC = /[*?[{]|[!+@]\(/;

/** One step of a glob from folder to folder: a name, names that match, or any number of folders. */
export interface Step {
  readonly text: string;
  readonly kind: 'name' | 'match' | 'deep';
}

/** The steps from the root, one list for each alternative that crosses folders. */
export function stepsOf(pattern: string, directory: string): readonly (readonly Step[])[] {
  const start = path.isAbsolute(pattern) ? [] : namesOf(path.resolve(directory)).map(nameStep);
  return alternatives(pattern).map((alternative) => {
    const steps = [...start];
    for (const text of namesOf(alternative)) {
      if (text === '.') continue;
      if (text === '..') steps.pop();
      else if (text !== '**') steps.push(MAGIC.test(text) ? { text, kind: 'match' } : nameStep(text));
      else if (steps.at(-1)?.kind !== 'deep') steps.push({ text, kind: 'deep' });
    }
    return steps;
  });
}

/** A file's name may be what a pattern says literally, however much it looks like one. */
export const matches = ({ text, kind }: Step, name: string): boolean =>
  name === text || (kind === 'match' && path.matchesGlob(name, text));

const namesOf = (text: string): string[] => text.split(path.sep).filter((name) => name !== '');
const nameStep = (text: string): Step => ({ text, kind: 'name' });

/** Resolves the braces that hold a separator; the others are a matter of one name. */
function alternatives(pattern: string): string[] {
  for (let open = pattern.indexOf('{'); open >= 0; open = pattern.indexOf('{', open + 1)) {
    const parts = bracedParts(pattern, open);
    if (parts === undefined || !parts.some((part) => part.includes(path.sep))) continue;
    const close = open + parts.join(',').length + 1;
    const [before, after] = [pattern.slice(0, open), pattern.slice(close + 1)];
    return parts.flatMap((part) => alternatives(`${before}${part}${after}`));
  }
  return [pattern];
}

/** What is between the commas of the brace that opens there; undefined if it does not close. */
function bracedParts(pattern: string, open: number): string[] | undefined {
  const parts: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === '{') depth++;
    else if (character === ',' && depth === 1) {
      parts.push(pattern.slice(start, at));
      start = at + 1;
    } else if (character === '}' && --depth === 0) return [...parts, pattern.slice(start, at)];
  }
  return undefined;
}
