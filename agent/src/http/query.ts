import { RequestError } from './problem.ts';

/** As Fastify gives it: a parameter that stands several times is a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The most that a page of a list can hold. */
export const MAX_PAGE = 1_000;

function refuse(detail: string, fix: string): never {
  throw new RequestError(400, {
    code: 'HTTP_BAD_REQUEST',
    title: 'A query parameter can not be used',
    detail,
    fix,
  });
}

/**
 * The parameters of a request's query. A name that the route does not know is refused: left alone, a misspelt
 * filter would show everything.
 * @throws RequestError
 */
export function readQuery(query: unknown, known: readonly string[]): Query {
  for (const name of Object.keys(query as Query)) {
    if (known.includes(name)) continue;
    const fix = known.length === 0 ? 'There are none here.' : `The parameters are ${known.join(', ')}.`;
    refuse(`There is no query parameter "${name}" here.`, fix);
  }
  return query as Query;
}

/**
 * A parameter that stands once at most, and is not empty.
 * @throws RequestError
 */
export function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  return refuse(`The query parameter "${name}" stands ${value.length} times.`, 'Give it once.');
}

/** The values of a parameter that can stand several times, or hold several values with commas between them. */
export function listOf(query: Query, name: string): readonly string[] {
  const values = query[name] ?? [];
  return (typeof values === 'string' ? [values] : values)
    .flatMap((value) => value.split(','))
    .filter(Boolean);
}

/**
 * Such a parameter, of whose values each is one of `allowed`.
 * @throws RequestError
 */
export function choicesOf<T extends string>(query: Query, name: string, allowed: readonly T[]): readonly T[] {
  return listOf(query, name).map(
    (value) =>
      allowed.find((choice) => choice === value) ??
      refuse(`${name}: there is no "${value}".`, `The values are ${allowed.join(', ')}.`),
  );
}

/**
 * A whole number from 1 to `most`.
 * @throws RequestError
 */
export function countOf(query: Query, name: string, most: number): number | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  return refuse(`${name}: "${text}" is not from 1 to ${most}.`, 'Give a whole number in that range.');
}
