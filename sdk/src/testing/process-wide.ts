import { EventEmitter } from 'node:events';

/** What all code of a process shares, as it is now: names of things, and what they are. */
export type ProcessWide = ReadonlyMap<string, unknown>;

/** Objects of the language and of Node.js that plugins are known to extend or replace parts of. */
const SHARED: Readonly<Record<string, object>> = {
  Array,
  Buffer,
  Console: console,
  Date,
  Error,
  EventEmitter,
  Function,
  JSON,
  Map,
  Math,
  Number,
  Object,
  Promise,
  RegExp,
  Reflect,
  Set,
  String,
  Uint8Array,
  process,
};

/**
 * Takes note of the globals, the properties of built-in objects and their prototypes, the listeners on `process`,
 * the environment and the working directory. Globals with a symbol for a name are how versions of a library find each
 * other, and are left out.
 */
export function lookAtProcess(): ProcessWide {
  const found = new Map<string, unknown>();
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    // Node.js puts some of its globals in place when they are first used: only functions that are there already count.
    const value: unknown = Object.getOwnPropertyDescriptor(globalThis, name)?.value;
    found.set(`the global "${name}"`, typeof value === 'function' ? value : undefined);
  }
  for (const [name, object] of Object.entries(SHARED)) {
    noteProperties(found, name, object);
    if (typeof object === 'function') noteProperties(found, `${name}.prototype`, object.prototype as object);
  }
  for (const event of process.eventNames()) {
    found.set(`the listeners of process for "${String(event)}"`, process.listenerCount(event));
  }
  for (const [name, value] of Object.entries(process.env))
    found.set(`the environment variable ${name}`, value);
  found.set('the working directory', process.cwd());
  return found;
}

function noteProperties(found: Map<string, unknown>, path: string, object: object): void {
  for (const key of Reflect.ownKeys(object)) {
    const { value, get } = Object.getOwnPropertyDescriptor(object, key) ?? {};
    // Data such as `process.exitCode` or `Error.stackTraceLimit` changes by itself; functions don't.
    const code = typeof value === 'function' ? value : get;
    found.set(`${path}.${String(key)}`, code);
  }
}

/** What was added, taken away or replaced, in words. */
export function changesOf(before: ProcessWide, after: ProcessWide): string[] {
  const changes: string[] = [];
  for (const [name, value] of after) {
    if (!before.has(name)) changes.push(`${name} was added`);
    else if (before.get(name) !== value && !wasPutInPlace(name, before.get(name))) {
      changes.push(`${name} was changed`);
    }
  }
  for (const name of before.keys()) if (!after.has(name)) changes.push(`${name} was removed`);
  return changes;
}

const wasPutInPlace = (name: string, before: unknown): boolean =>
  before === undefined && name.startsWith('the global ');
