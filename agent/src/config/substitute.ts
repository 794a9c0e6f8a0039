import type { ErrorInfo } from '@dynamic-informer/sdk';
import { SHORTEST_MASKED } from '../masking.ts';
import type { Path } from './types.ts';

/** `$$`, `${NAME}`, `${NAME:-default}`, `${file:PATH}`, and what looks like one of them but is none. */
const REFERENCE = /\$(?:\$|\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|file:([^}]+)\}|([^}]*)(?:\}|$)))/g;

/** Is a text nothing but a reference without a default? That names a secret, and is none itself. */
export const isReference = (text: string): boolean => /^\$\{(?:\w+|file:[^}]*)\}$/.test(text);

export interface Sources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file that was read, or why it could not be. */
  readonly files: ReadonlyMap<string, string | Error>;
}

export interface Substituted {
  readonly value: unknown;
  /** Where something was put in. */
  readonly paths: Path[];
  readonly issues: (ErrorInfo & { readonly path: Path })[];
  /** Contents of files. */
  readonly secrets: string[];
  /** Where a content was put in that is too short to be masked wherever it stands. */
  readonly hidden: Path[];
}

/** The files that a value's strings name, as they are written. */
export function namedFiles(value: unknown, isRaw: (path: Path) => boolean): Set<string> {
  const names = new Set<string>();
  eachString(value, [], isRaw, (text) => {
    for (const [, , , file] of text.matchAll(REFERENCE)) if (file !== undefined) names.add(file);
    return text;
  });
  return names;
}

/** A copy in which every reference in a string is replaced, but for those where `isRaw` says to leave them. */
export function substitute(value: unknown, isRaw: (path: Path) => boolean, sources: Sources): Substituted {
  const paths: Path[] = [];
  const issues: (ErrorInfo & { path: Path })[] = [];
  const secrets: string[] = [];
  const hidden: Path[] = [];

  const lookUp = (path: Path, whole: string, groups: readonly (string | undefined)[]): string => {
    const [name, fallback, file] = groups;
    const fail = (code: string, message: string, fix: string): string => {
      issues.push({ code, class: 'config', message, fix, path });
      return whole;
    };
    if (name !== undefined) {
      const found = Object.hasOwn(sources.env, name) ? sources.env[name] : undefined;
      if (found !== undefined && (found !== '' || fallback === undefined)) return found;
      if (fallback !== undefined) return fallback;
      const message = `the environment variable "${name}" is not set`;
      return fail('CONFIG_MISSING_VARIABLE', message, `set it, or write \${${name}:-default}`);
    }
    if (file !== undefined) {
      const text = sources.files.get(file);
      if (typeof text !== 'string') {
        const reason = text?.message ?? 'it was not read';
        return fail(
          'CONFIG_UNREADABLE_FILE',
          `can't read "${file}": ${reason}`,
          'create it, or correct the path',
        );
      }
      const content = text.replace(/\r?\n$/, '');
      if (content !== '') secrets.push(content);
      if (content.length < SHORTEST_MASKED) hidden.push(path);
      return content;
    }
    // What it is remains unsaid: a password can hold "${".
    return fail(
      'CONFIG_BAD_REFERENCE',
      'what begins with "${" here is not a reference',
      'write ${NAME}, ${NAME:-default} or ${file:PATH}, or $${ for the characters ${',
    );
  };

  const replaced = eachString(value, [], isRaw, (text, path) => {
    let found = false;
    const result = text.replace(REFERENCE, (whole: string, ...groups: (string | undefined)[]) => {
      if (whole === '$$') return '$';
      found = true;
      return lookUp(path, whole, groups);
    });
    if (found) paths.push(path);
    return result;
  });
  return { value: replaced, paths, issues, secrets, hidden };
}

/** A copy with every string that is not in a raw part changed. */
function eachString(
  value: unknown,
  path: Path,
  isRaw: (path: Path) => boolean,
  change: (text: string, path: Path) => string,
): unknown {
  if (isRaw(path)) return value;
  if (typeof value === 'string') return value.includes('$') ? change(value, path) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => eachString(item, [...path, index], isRaw, change));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, eachString(inner, [...path, key], isRaw, change)]),
  );
}
