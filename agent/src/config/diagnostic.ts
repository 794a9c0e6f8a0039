import { withoutSecrets } from './excerpt.ts';
import type { Diagnostic, Path } from './types.ts';

/** Errors about a key itself: the message names the key, so the path shown is that of what holds it. */
const ABOUT_THE_KEY = [
  'CONFIG_UNKNOWN_KEY',
  'CONFIG_UNSUPPORTED_KEY',
  'CONFIG_DUPLICATE_KEY',
  'CONFIG_BAD_NAME',
];

/** `FILE:LINE:COL: PATH: what is wrong; what to do`, with `warning: ` before the path if it is one. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { file, line, column, code, path = [], message, fix, severity } = diagnostic;
  const shown = formatPath(ABOUT_THE_KEY.includes(code) ? path.slice(0, -1) : path);
  const fact = fix === undefined ? message : `${message.replace(/\.$/, '')}; ${fix}`;
  const kind = severity === 'warning' ? 'warning: ' : '';
  return `${file}:${line}:${column}: ${kind}${shown === '' ? '' : `${shown}: `}${fact}`;
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

/** By file, in the order in which they were read, then by place. */
export function byPlace(files: readonly string[]): (a: Diagnostic, b: Diagnostic) => number {
  const order = new Map(files.map((file, index) => [file, index]));
  const rank = ({ file }: Diagnostic) => order.get(file) ?? files.length;
  return (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column;
}

const MAX_LISTED = 1_000;

/**
 * What there is to say of a configuration, by place. What is wrong in an anchor is said once, not for each alias;
 * of thousands, the first are enough to begin with.
 */
export function listed(issues: readonly Diagnostic[], files: readonly string[]): Diagnostic[] {
  const seen = new Set<string>();
  const distinct = issues
    .map(withoutSecrets)
    .sort(byPlace(files))
    .filter(({ file, line, column, code, message }) => {
      const key = JSON.stringify([file, line, column, code, message]);
      return !seen.has(key) && seen.add(key);
    });
  const next = distinct[MAX_LISTED];
  if (!next) return distinct;
  const { file, line, column } = next;
  const more: Diagnostic = {
    code: 'CONFIG_MORE_ERRORS',
    class: 'config',
    message: `${distinct.length - MAX_LISTED} more errors, from here on, are not listed`,
    fix: 'correct the others first',
    path: [],
    file,
    line,
    column,
  };
  return [...distinct.slice(0, MAX_LISTED), more];
}
