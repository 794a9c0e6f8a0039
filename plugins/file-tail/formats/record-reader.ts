/** What an object in JSON can have as values. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Where a value goes that stands under a key; of several for one place that with the lowest rank stays. */
interface Place {
  readonly at: number;
  readonly rank: number;
}

interface Node {
  readonly places: Place[];
  readonly children: Map<string, Node>;
}

const newNode = (): Node => ({ places: [], children: new Map() });

/** Up to so many wanted keys are looked up one by one; with more it is faster to go through those that an object has. */
const FEW = 4;
/** Keys with dots are looked for in what is left of a path from so many steps on. */
const MAX_DOTTED = 8;
const INDEX = /^(?:0|[1-9]\d{0,8})$/;
const NULL: ReadonlySet<unknown> = new Set([null]);

/**
 * Reads values out of objects by paths: at `a.b.0` stands what is under these keys one in the other, or under keys that have dots
 * themselves (`{"a.b": […]}`); in a list the key is the index. Only what the record itself holds is found: nothing of JavaScript's
 * objects.
 */
export class RecordReader {
  readonly #root: Node = newNode();
  readonly #none: ReadonlySet<unknown>;
  readonly #values: unknown[];
  readonly #ranks: number[];

  /**
   * @param paths for each value the paths that it may stand at, the most wanted first
   * @param none what stands for no value
   */
  constructor(paths: readonly (readonly string[])[], none = NULL) {
    this.#none = none;
    this.#values = paths.map(() => undefined);
    this.#ranks = paths.map(() => 0);
    for (const [at, alternatives] of paths.entries()) {
      let rank = 0;
      const add = (steps: readonly string[], node: Node): void => {
        if (steps.length === 0) node.places.push({ at, rank: rank++ });
        for (const length of keyLengths(steps)) {
          add(steps.slice(length), childOf(node, steps.slice(0, length).join('.')));
        }
      };
      for (const path of alternatives) add(path.split('.'), this.#root);
    }
  }

  /** The values in the order of their paths, undefined where there is none. The next call changes what is returned. */
  read(record: JsonRecord): readonly unknown[] {
    this.#values.fill(undefined);
    this.#ranks.fill(Number.POSITIVE_INFINITY);
    this.#walk(record, this.#root);
    return this.#values;
  }

  #walk(value: object, { children }: Node): void {
    const record = value as JsonRecord;
    if (Array.isArray(value)) {
      for (const [key, child] of children) if (INDEX.test(key)) this.#take(record[key], child);
    } else if (children.size <= FEW) {
      for (const [key, child] of children) if (Object.hasOwn(value, key)) this.#take(record[key], child);
    } else {
      for (const key in record) {
        const child = children.get(key);
        if (child !== undefined) this.#take(record[key], child);
      }
    }
  }

  #take(value: unknown, node: Node): void {
    if (value === undefined || this.#none.has(value)) return;
    for (const { at, rank } of node.places) {
      if (rank >= (this.#ranks[at] as number)) continue;
      this.#ranks[at] = rank;
      this.#values[at] = value;
    }
    if (node.children.size > 0 && typeof value === 'object' && value !== null) this.#walk(value, node);
  }
}

/** How many steps of a path one key can be, all of them first. The ways to cut a path double with each step, so long ones are cut at each dot. */
function keyLengths(steps: readonly string[]): number[] {
  if (steps.length > MAX_DOTTED) return [1];
  return steps.map((_, index) => (index === 0 ? steps.length : index));
}

function childOf(node: Node, key: string): Node {
  const child = node.children.get(key) ?? newNode();
  node.children.set(key, child);
  return child;
}

/** A value as text: `true`, `12`, a string as it is, lists and objects as JSON; null is none. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack reaches.
    return undefined;
  }
}
