/** What letters may mean something else in, or what can stand for letters. */
const NOT_PLAIN = /[^ -~\t]|\\[uxpPck1-9]|\(\?[a-z]*-?[a-z]+:/;
const BEFORE_GROUP = /^\(\?(?:<[^=!>][^>]*>|<?[=!]|:)/;
const CLASS_ITEM = /(\\.|.)(?:-(\\.|[^\]]))?/gs;

/**
 * A valid expression that matches what the given one does with the flag `i`, letters of either case, but needs no flag: V8's linear
 * engine does not know that one. Undefined for an expression with more than plain ASCII.
 */
export function eitherCase(expression: string): string | undefined {
  if (NOT_PLAIN.test(expression)) return undefined;
  let written = '';
  for (let at = 0; at < expression.length; ) {
    const token = tokenAt(expression, at);
    at += token.length;
    if (token.length > 1) written += token.startsWith('[') ? classOf(token) : token;
    else written += /[A-Za-z]/.test(token) ? `[${token}${swapped(token)}]` : token;
  }
  return written;
}

function tokenAt(expression: string, at: number): string {
  const char = expression[at] as string;
  if (char === '\\') return expression.slice(at, at + 2);
  if (char === '(') return BEFORE_GROUP.exec(expression.slice(at))?.[0] ?? char;
  if (char === '[') return /^\[(?:\\.|[^\\\]])*\]/s.exec(expression.slice(at))?.[0] ?? char;
  return char;
}

function classOf(token: string): string {
  const isNegated = token.startsWith('[^');
  const items = token.slice(isNegated ? 2 : 1, -1);
  let others = '';
  for (const [, first = '', last = first] of items.matchAll(CLASS_ITEM)) {
    // With an escape at one end it is no range, and the dash stands for itself.
    const isRange = first.length === 1 && last.length === 1;
    for (const char of isRange ? range(first, last) : [first, last]) {
      if (/^[A-Za-z]$/.test(char)) others += swapped(char);
    }
  }
  // A dash at the beginning must not come to stand between two items.
  const kept = others !== '' && items.startsWith('-') ? `\\${items}` : items;
  return `[${isNegated ? '^' : ''}${others}${kept}]`;
}

function* range(first: string, last: string): Iterable<string> {
  for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) yield String.fromCharCode(code);
}

const swapped = (letter: string): string =>
  letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
