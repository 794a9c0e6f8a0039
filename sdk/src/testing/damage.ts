/** A form that a state can have after a crash, a full disk or another program. */
export interface Damaged {
  /** In words that follow "a state that". */
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** Of a state in JSON, so many of its parts are put to something else, spread over the whole. */
const MAX_PARTS = 12;
const OTHERS: readonly unknown[] = [null, 'text', -1, {}, []];

/** Bytes that a plugin's own `write` would not write: cut off, of another kind, or of another shape. */
export function damagedFormsOf(bytes: Uint8Array): Damaged[] {
  const texts = ['', 'null', '{}', '[]', '"text"', '7', '{"a":'].map((text) => ({
    what: `is ${text === '' ? 'empty' : text}`,
    bytes: Buffer.from(text),
  }));
  const noise = Uint8Array.from({ length: 64 }, (_, i) => (i * 151 + 255) & 0xff);
  return [
    { what: 'was cut off', bytes: bytes.slice(0, Math.floor(bytes.length / 2)) },
    { what: 'is noise', bytes: noise },
    ...texts,
    ...reshaped(bytes),
  ];
}

function reshaped(bytes: Uint8Array): Damaged[] {
  let root: unknown;
  try {
    root = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return [];
  }
  const paths = [...pathsIn(root, [])];
  const step = Math.max(1, Math.ceil(paths.length / MAX_PARTS));
  return paths
    .filter((_, index) => index % step === 0)
    .flatMap((path, index) => {
      // Not every part with every other: each part is tried with two.
      const others = [OTHERS[index % OTHERS.length], OTHERS[(index + 2) % OTHERS.length]];
      return others.map((other) => ({
        what: `has ${JSON.stringify(other)} at ${path.join('.')}`,
        bytes: Buffer.from(JSON.stringify(withOther(root, path, other))),
      }));
    });
}

type Path = readonly string[];

function* pathsIn(value: unknown, path: Path): Iterable<Path> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsIn(inner, [...path, key]);
  }
}

function withOther(root: unknown, path: Path, other: unknown): unknown {
  const copy: unknown = structuredClone(root);
  let at = copy as Record<string, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = other;
  return copy;
}
