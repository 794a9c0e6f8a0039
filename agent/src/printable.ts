import { stripVTControlCharacters } from 'node:util';

/**
 * Text with what a terminal would obey, and what turns the direction of writing, written as escapes. Line breaks and what
 * JSON escapes itself stay as they are.
 */
export const escapeUnprintable = (text: string): string =>
  text.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What comes from elsewhere as one line that a terminal shows and does not obey. */
export const oneLine = (text: string): string => shownLine(text.replace(/\s+/g, ' ')).trim();

/** The same for a line whose blanks are meant. */
export const shownLine = (text: string): string =>
  stripVTControlCharacters(text)
    .replaceAll('\t', ' ')
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '\ufffd');
