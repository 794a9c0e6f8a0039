import type { Format } from '../formats/format.ts';

/** Those of a line's fields that it has; null if it is not of the format. */
export function readFields(
  format: Pick<Format, 'extractor'>,
  line: string,
  fields: readonly string[],
): Record<string, string> | null {
  const values = format.extractor(fields).exec(line);
  if (values === null) return null;
  const found = fields.map((field, at) => [field, values[at]] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** All the fields that a line has, of those that the format lists. */
export function readAll(
  format: Pick<Format, 'extractor' | 'fields'>,
  line: string,
): Record<string, string> | null {
  return readFields(
    format,
    line,
    (format.fields ?? []).map(({ name }) => name).filter((name) => !name.includes('*')),
  );
}
