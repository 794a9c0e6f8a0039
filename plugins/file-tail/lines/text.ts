/** What stands for bytes that are no text. */
const REPLACEMENT = '\ufffd';

export const isUndecodable = (text: string): boolean => text.includes(REPLACEMENT);

/** How long a text may be so that no pair of surrogates is torn: `most` characters or one less. */
export function lengthWithin(text: string, start: number, most: number): number {
  const last = text.charCodeAt(start + most - 1);
  const next = text.charCodeAt(start + most);
  const torn = last >= 0xd800 && last <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
  return torn ? most - 1 : most;
}

/** The text of bytes that were cut anywhere, without what became of a character that was cut in two. */
export const withoutTorn = (text: string): string => text.replace(/\ufffd{1,2}$/, '');
