/** Methods of RFC 9110 and RFC 5789. Anybody can send any other word, so those share one value. */
const METHODS: ReadonlyMap<string, string> = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE'].map((method) => [
    method,
    method.toLowerCase(),
  ]),
);

/** The label `method` as promhttp writes it: lower case, and `other` for what is not a usual method. */
export function methodLabel(method: string | undefined): string {
  return METHODS.get(method ?? '') ?? 'other';
}

/**
 * Keeps a label's values few, whatever an author's function gives: after `limit` different ones every
 * new one becomes `other`.
 */
export class BoundedValues {
  readonly #limit: number;
  readonly #absent: string;
  readonly #known = new Set<string>();

  /** @param absent the value where the function has none to give */
  constructor(limit: number, absent: string) {
    this.#limit = limit;
    this.#absent = absent;
  }

  /** What `get` gives. A function that throws must not harm the request: its value is `error`. */
  from(get: () => string | undefined): string {
    let value: string | undefined;
    try {
      value = get();
    } catch {
      return 'error';
    }
    if (typeof value !== 'string' || value === '') return this.#absent;
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#limit) return 'other';
    this.#known.add(value);
    return value;
  }
}
