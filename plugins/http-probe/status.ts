/**
 * Reads one entry of `valid_status`: a code (`204`), a class (`2xx`) or a range (`300-303`).
 * @returns the lowest and the highest code, or `undefined` if it is none of these
 */
export function statusRange(entry: string | number): readonly [low: number, high: number] | undefined {
  const text = String(entry);
  const [, digit] = /^([1-5])xx$/i.exec(text) ?? [];
  if (digit !== undefined) return [Number(digit) * 100, Number(digit) * 100 + 99];
  const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
  if (from === undefined || Number(to) < Number(from)) return undefined;
  return [Number(from), Number(to)];
}
