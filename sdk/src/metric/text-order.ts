/**
 * The order of texts by their UTF-8 bytes, which is Go's: client_golang sorts by it. It is that of JavaScript
 * but for characters beyond U+FFFF, whose surrogates stand before U+E000 to U+FFFF there.
 */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Lifts surrogates above all other code units. */
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

const SURROGATE = /[\ud800-\udfff]/;

/** Sorts in place, by `compareText`. */
export function sortTexts(texts: string[]): string[] {
  texts.sort();
  return texts.some((text) => SURROGATE.test(text)) ? texts.sort(compareText) : texts;
}
