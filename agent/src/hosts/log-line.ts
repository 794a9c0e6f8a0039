// Cuts what a plugin logs to what a log can bear, before anything of it is written out: whole values may be
// gigabytes, end in themselves, or throw when they are looked at.
/** Lines a second where nothing is configured. */
export const LOG_LINES = 20;
/** How many seconds' lines may come at once. */
export const LINE_BURST = 5;

const MAX_MESSAGE = 4_000;
const MAX_TEXT = 1_000;
const MAX_KEYS = 32;
const MAX_ITEMS = 32;
const MAX_DEPTH = 4;
/** Values of one line, those within others included. */
const MAX_VALUES = 200;

/** A log line's message, `…` standing for what is left out. */
export function boundMessage(message: unknown): string {
  try {
    return cut(String(message), MAX_MESSAGE);
  } catch {
    return '(a message that can not be read)';
  }
}

/** A log line's fields as plain data of a bounded size that JSON can hold. */
export function boundFields(fields: unknown): Record<string, unknown> {
  const bounded = new Bounds().value(fields, 0);
  return isPlain(bounded) ? bounded : fields === undefined || fields === null ? {} : { value: bounded };
}

class Bounds {
  readonly #above: object[] = [];
  #values = 0;

  value(value: unknown, depth: number): unknown {
    if (++this.#values > MAX_VALUES) return '…';
    if (typeof value === 'string') return cut(value, MAX_TEXT);
    if (typeof value === 'bigint') return cut(String(value), MAX_TEXT);
    if (typeof value === 'function' || typeof value === 'symbol') return `(${typeof value})`;
    if (typeof value !== 'object' || value === null) return value;
    if (this.#above.includes(value)) return '(circular)';
    this.#above.push(value);
    try {
      return this.#object(value, depth);
    } catch {
      return '(can not be read)';
    } finally {
      this.#above.pop();
    }
  }

  #object(value: object, depth: number): unknown {
    if (value instanceof Date) return value.toJSON();
    if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
    if (value instanceof Map || value instanceof Set) return `(${value.size} entries)`;
    if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[…]' : '{…}';
    if (Array.isArray(value)) {
      const items = value.slice(0, MAX_ITEMS).map((item) => this.#tried(() => item, depth));
      return value.length > MAX_ITEMS ? [...items, '…'] : items;
    }
    const bounded: Record<string, unknown> = {};
    // What says the most about an error is not among its own keys.
    if (value instanceof Error) {
      bounded.name = this.#tried(() => value.name, depth);
      bounded.message = this.#tried(() => value.message, depth);
    }
    let count = 0;
    for (const key in value) {
      if (!Object.hasOwn(value, key)) continue;
      if (++count > MAX_KEYS) {
        bounded['…'] = '…';
        break;
      }
      bounded[cut(key, 100)] = this.#tried(() => (value as Record<string, unknown>)[key], depth);
    }
    return bounded;
  }

  #tried(read: () => unknown, depth: number): unknown {
    try {
      return this.value(read(), depth + 1);
    } catch {
      return '(can not be read)';
    }
  }
}

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
