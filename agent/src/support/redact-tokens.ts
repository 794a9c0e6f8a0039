import { CST, Lexer } from 'yaml';
import { apply, type Edit, looksLikeCredential, MASK, maskedScalar } from './redact-text.ts';

interface Token {
  readonly kind: CST.TokenType | 'text';
  readonly source: string;
  readonly start: number;
}

/** Marks of the lexer's own, which stand for no text. */
const NO_TEXT = ['\u0002', '\u0018', '\u001f'];

/** The pieces that a text is made of, whether it is YAML or not; together they are the whole text. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let start = 0;
  let isScalar = false;
  for (const source of new Lexer().lex(text)) {
    if (NO_TEXT.includes(source)) {
      isScalar = source === '\u001f';
      continue;
    }
    const kind = isScalar ? 'text' : (CST.tokenType(source) ?? 'text');
    tokens.push({ kind, source, start });
    start += source.length;
    isScalar = false;
  }
  return tokens;
}

const editOf = ({ start, source }: Token, text: string): Edit => ({
  start,
  end: start + source.length,
  text,
});

/** What masks every comment. */
export function commentEdits(text: string): Edit[] {
  return tokensOf(text)
    .filter(({ kind, source }) => kind === 'comment' && source.length > 1)
    .map((token) => editOf(token, `# ${MASK}`));
}

/** What masks anchors that nothing refers to, tags and directives: passwords may begin with such characters. */
export function strayMarkEdits(text: string, anchorsInUse: ReadonlySet<string>): Edit[] {
  return tokensOf(text).flatMap((token) => {
    const { kind, source } = token;
    const isStray =
      (kind === 'anchor' && !anchorsInUse.has(source.slice(1))) ||
      (kind === 'tag' && !/^!![a-z]+$/.test(source)) ||
      kind === 'directive-line';
    return isStray ? [editOf(token, kind === 'directive-line' ? `# ${MASK}` : '')] : [];
  });
}

const SPACE: readonly string[] = ['space', 'newline', 'comment'];
const KEY = /^["']?[\w.$/-]{1,64}["']?$/;
/** Keys of the agent's own whose values say what a file is about. */
const TELLING = ['plugin', 'every', 'timeout', 'enabled', 'host', 'engine', 'broker', 'metrics_path'];

/** What says nothing by itself. */
const LAYOUT: readonly string[] = [
  'byte-order-mark',
  'doc-start',
  'doc-end',
  'space',
  'newline',
  'comma',
  'seq-item-ind',
  'explicit-key-ind',
  'map-value-ind',
  'flow-map-start',
  'flow-map-end',
  'flow-seq-start',
  'flow-seq-end',
];

/** A text that is not YAML with nothing left of it but its layout, its keys, and what can't be a secret. */
export function redactTokens(text: string): string {
  const tokens = tokensOf(text);
  if (tokens.map(({ source }) => source).join('') !== text) return `# ${MASK}\n`;
  let key = '';
  let last: Token | undefined;
  const edits = tokens.flatMap((token, index): Edit[] => {
    const { kind, source } = token;
    const isValueOfKey = last?.kind === 'map-value-ind';
    if (kind !== 'space') last = token;
    if (kind === 'comment') return source.length > 1 ? [editOf(token, `# ${MASK}`)] : [];
    if (LAYOUT.includes(kind) || /^[|>][-+\d]*$/.test(source)) return [];
    if (kind !== 'text' && !kind.endsWith('scalar')) return [editOf(token, `"${MASK}"`)];
    const next = tokens.slice(index + 1).find((each) => !SPACE.includes(each.kind));
    if (next?.kind === 'map-value-ind' && KEY.test(source)) {
      key = source.replace(/["']/g, '');
      return [];
    }
    if (isValueOfKey && TELLING.includes(key) && /^[\w.-]{1,40}$/.test(source)) return [];
    const nature = looksLikeCredential(key) === 'no' ? 'doubtful' : 'secret';
    const masked = maskedScalar(source.trim(), nature);
    return masked === undefined ? [] : [editOf(token, masked)];
  });
  return apply(text, edits);
}
