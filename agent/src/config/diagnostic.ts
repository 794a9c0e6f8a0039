import type { Diagnostic, Path } from './types.ts';

/** Errors about a key itself: the message names the key, so the path shown is that of what holds it. */
const ABOUT_THE_KEY = [
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_UNSUPPORTED_KEY',
  'CONFIG_DUPLICATE_KEY',
  'CONFIG_BAD_NAME',
];

/** `FILE:LINE:COL: PATH: what is wrong; what to do` */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, code, path = [], message, fix } = diagnostic;
  const shown = formatPath(ABOUT_THE_KEY.includes(code) ? path.slice(0, -1) : path);
  const fact = fix === undefined ? message : `${message.replace(/\.$/, '')}; ${fix}`;
  return `${file}:${line}:${column}: ${shown === '' ? '' : `${shown}: `}${fact}`;
}

/** `resources.orders.config.targets[0]` */
export function formatPath(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (!/^[\w.-]+$/.test(key)) text += `[${JSON.stringify(key)}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text;
}

const EXCERPT_WIDTH = 160;
const MASK = '***';
const SECRET_VALUE =
  /(?<=\b\w*(?:pas{1,2}w|secret|token|api_?key|credential)\w*["']?\s*[:=]\s*)[^\s,}]+|(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/gi;

/**
 * The line of the source with a caret below the place. For the operator's own terminal only: what looks like
 * a password is masked, but a line may hold one that does not.
 */
export function excerpt({ line, column }: Diagnostic, source: string): string {
  const written = source.split(/\r?\n/)[line - 1] ?? '';
  let caret = column - 1;
  const text = written.replace(SECRET_VALUE, (secret, offset: number) => {
    if (offset + secret.length < column) caret += MASK.length - secret.length;
    return MASK;
  });
  const start = Math.max(0, caret - EXCERPT_WIDTH / 2);
  const indent = text.slice(start, caret).replace(/[^\t]/g, ' ');
  return `${text.slice(start, start + EXCERPT_WIDTH)}\n${indent}^`;
}

/** By file, in the order in which they were read, then by place. */
export function byPlace(files: readonly string[]): (a: Diagnostic, b: Diagnostic) => number {
  const order = new Map(files.map((file, index) => [file, index]));
  const rank = ({ file }: Diagnostic) => order.get(file) ?? files.length;
  return (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column;
}
