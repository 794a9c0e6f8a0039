import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { Diagnostic, Located, Marks, Path, Place } from './types.ts';

/**
 * Where the value at a path is written, or its key. A path that leads nowhere (what is there is missing, or
 * comes from a default) gives the key of the innermost thing on the way that is written.
 */
export function placeOf({ file, marks }: Located, path: Path, on: 'key' | 'value' = 'value'): Place {
  let here = marks;
  for (const key of path) {
    const child = childOf(here, key);
    if (!child) return keyPlace(file, here);
    here = child;
  }
  return on === 'key' ? keyPlace(file, here) : { file, line: here[0], column: here[1] };
}

/** The marks of something inside, if it is written. */
export function childOf(marks: Marks, key: string | number): Marks | undefined {
  const children = marks[4];
  return children && Object.hasOwn(children, key) ? children[key] : undefined;
}

/** The marks of the same text so many lines further down. */
export function moved([line, column, keyLine, keyColumn, children]: Marks, lines: number): Marks {
  const place = [line + lines, column, keyLine + lines, keyColumn] as const;
  if (!children) return place;
  // Object.fromEntries defines what it sets, so that a key "__proto__" stays a key.
  const inner = Object.entries(children).map(([key, child]) => [key, moved(child, lines)]);
  return [...place, Object.fromEntries(inner)];
}

const keyPlace = (file: string, [, , line, column]: Marks): Place => ({ file, line, column });

/** An error about a part of the configuration, with its place; `error.path` is from that part inwards. */
export function diagnosticAt(
  part: Located,
  error: ErrorInfo & { readonly on?: 'key' | 'value' },
): Diagnostic {
  const { on, path = [], ...info } = error;
  return { ...info, path: [...part.at, ...path], ...placeOf(part, path, on) };
}

/** A plugin's error about a resource's `config`, with its place. */
export function configDiagnostic(
  resource: Located,
  error: ErrorInfo & { readonly on?: 'key' | 'value' },
): Diagnostic {
  return diagnosticAt(resource, { ...error, path: ['config', ...(error.path ?? [])] });
}

/** Is a path the same as another, or inside it? */
export const isWithin = (path: Path, outer: Path): boolean =>
  outer.length <= path.length && outer.every((key, index) => key === path[index]);
