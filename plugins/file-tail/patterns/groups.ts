/** Captures of a regular expression that was rewritten to be read by index. */
export interface Groups {
  /** The expression without the names, and without groups that nobody reads: `exec` is then up to a third faster. */
  readonly source: string;
  /** The indices of each name's captures; several where alternatives share a name, none where nobody reads it. */
  readonly indices: ReadonlyMap<string, readonly number[]>;
}

/** A reference to a group, by number or by name; `\\1` in `[…]` is none, but rare enough to be taken for one. */
const REFERENCE = /(?<!\\)(?:\\\\)*\\[1-9k]/;

/** Finds the named groups of a valid regular expression. Those that are not in `used` need not be captured. */
export function namedGroups(expression: string, used?: ReadonlySet<string>): Groups {
  // What refers to a group needs it, and its number or name.
  const isRewritten = !REFERENCE.test(expression);
  const indices = new Map<string, number[]>();
  let source = '';
  let index = 0;
  let inClass = false;
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at] as string;
    if (char === '\\') {
      source += char + (expression[++at] ?? '');
      continue;
    }
    source += char;
    if (inClass) {
      inClass = char !== ']';
    } else if (char === '[') {
      inClass = true;
    } else if (char === '(') {
      const name = /^\?<([^=!>][^>]*)>/.exec(expression.slice(at + 1, at + 1 + MAX_NAME));
      if (name === null && expression[at + 1] === '?') continue;
      const isCaptured = !isRewritten || used === undefined || used.has(name?.[1] ?? '');
      if (isCaptured) index++;
      else source += '?:';
      if (name === null) continue;
      const known = indices.get(name[1] as string) ?? [];
      if (isCaptured) known.push(index);
      indices.set(name[1] as string, known);
      at += name[0].length;
    }
  }
  return { source: isRewritten ? source : expression, indices };
}

const MAX_NAME = 256;
