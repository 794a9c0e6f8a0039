/** A part of a text and what stands in its place. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export const MASK = '***';

/** The text with all edits made; of two that overlap, the one that begins first. Lines keep their numbers. */
export function apply(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: instead } of [...edits].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (start < at) continue;
    const lines = text.slice(start, end).match(/\n/g)?.length ?? 0;
    result += text.slice(at, start) + instead + '\n'.repeat(lines);
    at = end;
  }
  return result + text.slice(at);
}

const SURELY =
  /pass(?:w(?:or)?d|phrase)|secret|token|credential|(?:api|access|private|signing|encryption)_?key|bearer|cookie|authorization|basic_auth_users/;
const MAYBE = /(?:^|_)(?:auth|dsn|key|pass|pwd|pw|pin|salt|signature|connection_?string)$/;
/** What says where a credential is, or how it is handled. */
const ABOUT_ONE = /_(?:file|path|dir|folder|env|ttl|timeout|length|type|name|url)$/;

/** Whether a key's name says that its value is a credential. */
export function looksLikeCredential(key: string): 'surely' | 'maybe' | 'no' {
  const name = key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^a-zA-Z0-9]+/g, '_')
    .toLowerCase();
  if (ABOUT_ONE.test(name)) return 'no';
  if (SURELY.test(name)) return 'surely';
  return MAYBE.test(name) ? 'maybe' : 'no';
}

/** `${NAME}`, `${NAME:-default}`, `${file:PATH}` and `$$`, as the configuration has them. */
const REFERENCE = /\$\$|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?|file:[^}]+)\}/g;
/** What is no secret even where nobody knows what it is. */
const HARMLESS = /^(?:true|false|null|~|-?\d{1,5}|\d+(?:\.\d+)?(?:ms|s|m|h|d|B|KiB|MiB|GiB|%)?|scrape)$/;

/**
 * What to write instead of a scalar, as YAML; `undefined` to leave it as it is. References are kept, with what they
 * fall back to masked.
 */
export function maskedScalar(value: unknown, nature: 'secret' | 'doubtful'): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const text = String(value);
  if (nature === 'doubtful' && HARMLESS.test(text)) return undefined;
  let masked = '';
  let at = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, name, fallback] = match;
    if (whole === '$$') continue;
    if (match.index > at) masked += MASK;
    masked += fallback ? `\${${name}:-${MASK}}` : whole;
    at = match.index + whole.length;
  }
  if (at < text.length) masked += MASK;
  return masked === text ? undefined : JSON.stringify(masked);
}

/** Kinds of credentials that can be told by their looks, wherever they stand. */
const TOKENS = [
  /-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk_live_|rk_live_|sk-|npm_|hvs\.|SG\.)[\w.-]{12,}/g,
  /\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{20,}/g,
  /\b(?:Basic|Bearer) +[A-Za-z0-9+/=._~-]{8,}/g,
];
const URL_USER = /(\bhttps?:\/\/)[^\s/?#@"'<>:]+@/gi;

/** What can be told by its looks is masked; lines keep their numbers. */
export function maskedText(text: string): string {
  const lines = (found: string) => MASK + '\n'.repeat(found.match(/\n/g)?.length ?? 0);
  return TOKENS.reduce((rest, token) => rest.replace(token, lines), text).replace(URL_USER, `$1${MASK}@`);
}
