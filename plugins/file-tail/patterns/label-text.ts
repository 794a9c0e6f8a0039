import { below, linearRegexOf, type Report } from './report.ts';

/** What makes a label of a group's text. */
export interface LabelText {
  /** Undefined where the text itself is the label. */
  readonly textOf: ((text: string) => string) | undefined;
  /** The labels that the configuration names: these are few, whatever the lines hold. */
  readonly texts: readonly string[];
}

/** A key of a map that stands for more than itself: an expression between slashes, with "i" for letters of either case. */
const EXPRESSION = /^\/(.+)\/(i?)$/s;

/** How many texts are remembered with the labels that were made of them. */
const MAX_REMEMBERED = 4096;
const MAX_REMEMBERED_LENGTH = 256;

/**
 * Compiles a label's `map` and `default`. A key that is the text comes first, whatever it looks like; then expressions in their
 * order, which have to match the whole text and whose own label may use what they captured: `$1`, `$<name>`.
 */
export function compileLabelText(
  map: Readonly<Record<string, string>> | undefined,
  otherwise: string | undefined,
  report: Report,
): LabelText {
  const fixed = otherwise === undefined ? [] : [otherwise];
  if (map === undefined) {
    if (otherwise === undefined) return { textOf: undefined, texts: [] };
    return { textOf: (text) => (text === '' ? otherwise : text), texts: fixed };
  }
  const exact = new Map(Object.entries(map));
  const expressions: { regex: RegExp; label: string }[] = [];
  for (const [key, label] of exact) {
    const [, source, flags] = EXPRESSION.exec(key) ?? [];
    if (source === undefined) continue;
    // On its own first: what is wrong with it must not be put right by what is put around it.
    const regex = linearRegexOf(source, below(report, 'map', key), {
      ignoreCase: flags === 'i',
      around: (expression) => `^(?:${expression})$`,
    });
    if (regex) expressions.push({ regex, label });
  }
  const textOf = (text: string): string => {
    const label = exact.get(text);
    if (label !== undefined) return label;
    const expression = expressions.find(({ regex }) => regex.test(text));
    if (expression) return text.replace(expression.regex, expression.label);
    return otherwise ?? text;
  };
  const texts = [...fixed, ...[...exact.values()].filter((label) => !label.includes('$'))];
  return { textOf: remembering(textOf), texts };
}

function remembering(textOf: (text: string) => string): (text: string) => string {
  const remembered = new Map<string, string>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const label = textOf(text);
    if (text.length > MAX_REMEMBERED_LENGTH) return label;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(ownText(text), ownText(label));
    return label;
  };
}

/** A copy: what was captured is a window on its line, and would keep the whole text that was read with it. */
export const ownText = (text: string): string => Buffer.from(text).toString();
