import { shownKey } from '@dynamic-informer/sdk/host';
import { isReference } from './substitute.ts';
import type { Diagnostic, Path } from './types.ts';

const WIDTH = 120;
const MASK = '***';
const MORE = '…';
/** Of a longer line nobody could see what it is about, and masking it would take long. */
const MAX_LINE = 10_000;
/** How much of a line is looked at to find a key or value: this holds up whoever asks. */
const MAX_TOKEN = 2_000;

/** Characters that take two columns of a terminal, and such as take none. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const NO_WIDTH = /\p{Mn}|\p{Me}|\p{Cf}/u;
/** What a terminal would obey, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const SECRET_KEY =
  /(?<![\w.-])["']?[\w.-]*(?:pass(?:w|phrase)|pasw|secret|token|api_?-?key|private_?-?key|credential|auth(?:orization)?\b|dsn\b)[\w.-]*(?<![_-](?:file|path))["']?\s*[:=]\s*/gi;
const URL_PASSWORD = /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g;

/** A line of a source, and which part of it is meant. */
export interface Excerpt {
  readonly text: string;
  /** As wide as what stands before it on a terminal, then `^~~~` under the part. */
  readonly underline: string;
}

/** Lines of a text, without what ends them. */
export const linesOf = (text: string): string[] => text.split(/\r?\n/);

/** Where the key or value ends that begins at a column (both from 1), at the end of its line at the latest. */
export function tokenEnd(line: string, column: number): number {
  const start = Math.min(column - 1, line.length);
  const rest = line.slice(start, start + MAX_TOKEN);
  const before = line.slice(Math.max(0, start - MAX_TOKEN), start);
  const length = quotedLength(rest) ?? bracketedLength(rest) ?? plainLength(rest, isInFlow(before));
  return start + length + 1;
}

function quotedLength(text: string): number | undefined {
  const match = /^(?:"(?:\\.|[^"\\])*(?:"|\\?$)|'(?:''|[^'])*(?:'|$))/.exec(text);
  return match?.[0].length;
}

function bracketedLength(text: string): number | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (/["']/.test(character) && /[\s[{,:]/.test(text[at - 1] ?? ' '))
      at += (quotedLength(text.slice(at)) ?? 1) - 1;
    else if (/[[{]/.test(character)) depth++;
    else if (/[\]}]/.test(character) && --depth === 0) return at + 1;
  }
  return text.trimEnd().length;
}

/** Of a plain scalar, an alias or the head of a block scalar: up to what ends a key or a value. */
function plainLength(text: string, inFlow: boolean): number {
  const end = (inFlow ? /:(?=[\s,[\]{}]|$)|[,[\]{}]|\s#/ : /:(?=\s|$)|\s#/).exec(text);
  return (end ? text.slice(0, end.index) : text).trimEnd().length;
}

function isInFlow(before: string): boolean {
  const bare = before.replace(/"(?:\\.|[^"\\])*"|(?<=[\s[{,:])'(?:''|[^'])*'/g, '');
  return (bare.match(/[[{]/g)?.length ?? 0) > (bare.match(/[\]}]/g)?.length ?? 0);
}

type Marked = Pick<Diagnostic, 'line' | 'column'> & Partial<Diagnostic>;

/**
 * The line with what is wrong in it, for the operator's own terminal only: what looks like a password is
 * masked, what `redact` knows, and what this or another diagnostic about the line says; but a line may hold one
 * that none of them recognizes.
 */
export function excerpt(
  { line, column }: Marked,
  lines: readonly string[],
  redact: (text: string) => string,
  inFile: readonly Marked[] = [],
): Excerpt | undefined {
  const written = lines[line - 1];
  if (written === undefined || written.length > MAX_LINE) return undefined;
  const end = tokenEnd(written, column);
  const said = inFile.filter((other) => other.line === line).flatMap((other) => hiddenBy(other, written));
  const hidden = isBelowSecret(lines, line - 1) ? [wholeLine(written)] : [...secretsIn(written), ...said];
  const masked = mask(written, hidden, [column - 1, end - 1]).map(redact);
  // A secret that lies across the borders of the part would be left half of it.
  if (redact(masked.join('')) !== masked.join('')) return undefined;
  const [before = '', part = '', after = ''] = masked;
  return shortened(before, part, after);
}

type Range = readonly [start: number, end: number];

/** What the diagnostic says is secret, or may be: what stands under a misspelt key of a plugin's. */
function hiddenBy({ column, hidden, code, path = [] }: Marked, line: string): Range[] {
  const end = tokenEnd(line, column) - 1;
  if (hidden) return [[column - 1, end]];
  const isOfPlugin = path[0] === 'resources' && path[2] === 'config';
  const colon = /^\s*:\s+/.exec(line.slice(end))?.[0];
  return code === 'CONFIG_UNKNOWN_KEY' && isOfPlugin && colon ? [valueAt(line, end + colon.length)] : [];
}

/** A value, from an offset on. A plain one may hold what would end a key. */
function valueAt(line: string, start: number): Range {
  const isPlain = !/^["'[{]/.test(line.slice(start)) && !isInFlow(line.slice(0, start));
  return [start, isPlain ? line.length : tokenEnd(line, start + 1) - 1];
}

const wholeLine = (line: string): Range => [line.length - line.trimStart().length, line.length];

function secretsIn(line: string): Range[] {
  const values = [...line.matchAll(SECRET_KEY)].map(({ index, 0: key }) => valueAt(line, index + key.length));
  const passwords = [...line.matchAll(URL_PASSWORD)].map(
    ({ index, 0: password }): Range => [index, index + password.length],
  );
  return [...values, ...passwords].filter(
    ([start, end]) => end > start && !isReference(unquoted(line.slice(start, end))),
  );
}

/**
 * A diagnostic without what looks like a password where the agent quotes a value or a key: `every: 15s password: x`
 * on one line is one text.
 */
export function withoutSecrets(issue: Diagnostic): Diagnostic {
  const masked = (text: string) => mask(text, secretsIn(text), [0, 0]).join('');
  const message = issue.message.replace(/"(?:\\.|[^"\\])*"/g, (quoted) => `"${masked(quoted.slice(1, -1))}"`);
  const keys = ['CONFIG_UNKNOWN_KEY', 'CONFIG_DUPLICATE_KEY'].includes(issue.code);
  const path = issue.path?.map((key) => (typeof key === 'number' ? key : masked(keys ? shownKey(key) : key)));
  return { ...issue, message, ...(path && { path }) };
}

/** Is a line part of a value whose key, in a line above, looks like that of a secret? */
function isBelowSecret(lines: readonly string[], index: number): boolean {
  const indentOf = (line: string) => line.length - line.trimStart().length;
  let indent = indentOf(lines[index] ?? '');
  for (let above = index - 1; above >= 0 && indent > 0; above--) {
    const line = lines[above] ?? '';
    if (line.trim() === '' || indentOf(line) >= indent) continue;
    indent = indentOf(line);
    if (line.search(SECRET_KEY) >= 0) return true;
  }
  return false;
}

/** What stands before a part, the part, and what stands after it, with ranges masked. */
function mask(line: string, hidden: readonly Range[], [start, end]: Range): string[] {
  const pieces = ['', '', ''];
  const put = (from: number, to: number, text = line.slice(from, to)) => {
    const touches = from < end && to > start;
    pieces[touches ? 1 : from >= end ? 2 : 0] += text;
  };
  const show = (from: number, to: number) => {
    const inner = [start, end].filter((border) => border > from && border < to);
    const borders = [from, ...inner, to];
    for (const [index, border] of borders.slice(1).entries()) put(borders[index] ?? from, border);
  };
  let shownTo = 0;
  for (const [from, to] of [...hidden].sort((a, b) => a[0] - b[0])) {
    if (to <= shownTo) continue;
    if (from > shownTo) show(shownTo, from);
    put(Math.max(from, shownTo), to, MASK);
    shownTo = to;
  }
  if (shownTo < line.length) show(shownTo, line.length);
  return pieces;
}

/** Shortens what is too long around the part, and draws the line below. */
function shortened(before: string, part: string, after: string): Excerpt {
  const long = before.length + part.length + after.length > WIDTH;
  const most = Math.floor(WIDTH / 3);
  const head = long && before.length > most ? MORE + tail(before, most) : before;
  const middle = part.length > 2 * most ? start(part, 2 * most) + MORE : part;
  const room = Math.max(0, WIDTH - head.length - middle.length);
  const end = long && after.length > room ? start(after, room) + MORE : after;
  const width = Math.max(1, blank(middle).length);
  return {
    text: printable(head + middle + end).trimEnd(),
    underline: `${blank(head)}^${'~'.repeat(width - 1)}`,
  };
}

const unquoted = (token: string): string => token.replace(/^(["'])(.*)\1$/s, '$2');

/** The last or first characters of a text, none of them cut in halves. */
const tail = (text: string, length: number): string => text.slice(-length).replace(/^[\udc00-\udfff]/, '');
const start = (text: string, length: number): string => text.slice(0, length).replace(/[\ud800-\udbff]$/, '');

const printable = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => (character === '\t' ? character : '\ufffd'));

/** As wide as a text, in blanks; tabs stay, since their width is the terminal's business. */
function blank(text: string): string {
  let blanks = '';
  for (const character of text) {
    if (character === '\t') blanks += '\t';
    else if (WIDE.test(character)) blanks += '  ';
    else if (!NO_WIDTH.test(character)) blanks += ' ';
  }
  return blanks;
}

/**
 * The key or value that is wrong, alone, as pages and the API may show it: keys, and the values of the agent's
 * own settings, which are no secrets (`isOwn`). Comments, neighbours and plugins' values are not in it, so what
 * nobody could tell apart from a secret never is: not in a broken file, not under a misspelt key.
 */
export function safeExcerpt(
  { line, column, path = [] }: Pick<Diagnostic, 'line' | 'column' | 'path'>,
  lines: readonly string[],
  isOwn: (path: Path) => boolean,
): string | undefined {
  const written = lines[line - 1];
  if (written === undefined || path.length === 0) return undefined;
  const end = tokenEnd(written, column);
  const token = written.slice(column - 1, end - 1);
  if (token === '') return undefined;
  const isKey =
    /^\s*:(?:\s|$)/.test(written.slice(end - 1, end + MAX_TOKEN)) && path.includes(unquoted(token));
  if (!isKey && !(isOwn(path) && /^[^[{|>&*!]/.test(token))) return undefined;
  const before = written.slice(Math.max(0, column - MAX_TOKEN), column - 1);
  const own = isKey ? '' : (/[\w.-]+\s*:\s+$/.exec(before)?.[0] ?? '');
  const rest = before.slice(0, before.length - own.length);
  const indent = /^[\s-]*$/.test(rest) ? rest : `${/^\s*/.exec(rest)?.[0] ?? ''}${MORE} `;
  const colon = isKey ? `: ${MORE}` : '';
  const { text, underline } = shortened(indent + own, token, colon);
  return `${text}\n${underline}`;
}
