type Lockable = object | null;

const iteratorOf = (value: Iterable<unknown>): Lockable => Reflect.getPrototypeOf(value[Symbol.iterator]());

/** Not WeakMap, WeakSet and WeakRef, which core-js replaces. */
const COLLECTIONS = [Map, Set];
const VALUES = [String, Number, Boolean, BigInt, RegExp, Date];
const BYTES = [ArrayBuffer, DataView, Uint8Array, Int32Array, Uint32Array, Float64Array];
const TEXTS = [TextEncoder, TextDecoder];

/**
 * Freezing a prototype also keeps an object that inherits from it from being given a property of the same name by
 * assignment, as `array.push = …`. Hardly anybody does that with these.
 */
const FROZEN: readonly Lockable[] = [
  ...[...COLLECTIONS, ...VALUES, ...BYTES, ...TEXTS, Symbol, Array, Promise, Buffer].map(
    ({ prototype }) => prototype as object,
  ),
  Reflect.getPrototypeOf(Uint8Array.prototype),
  ...[[], '', new Map(), new Set()].map(iteratorOf),
];

/** What they have stays as it is, and polyfills can add what they have not. */
const LOCKED: readonly Lockable[] = [
  ...[...COLLECTIONS, ...VALUES, ...BYTES, ...TEXTS, Array, Object, Reflect, JSON, Math, Buffer],
  Reflect.getPrototypeOf(Uint8Array),
];

/** Names that objects are often given by assignment: they stay assignable. */
const OFTEN_ASSIGNED: readonly string[] = ['toString', 'toLocaleString'];

const GLOBALS = [
  ...['Object', 'Array', 'Map', 'Set', 'String', 'Number', 'Symbol', 'RegExp', 'Date'],
  ...['JSON', 'Math', 'Reflect', 'Uint8Array', 'Int32Array', 'Uint32Array', 'Float64Array', 'DataView'],
  ...['Buffer', 'TextEncoder', 'TextDecoder', 'structuredClone', 'AbortController', 'AbortSignal'],
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  ...['queueMicrotask', 'performance'],
];

/**
 * Keeps the built-ins of the language as they are, for all plugins of this process and for the code that reads
 * what they return. It has to run before any plugin is imported. A plugin that assigns to one of them fails
 * where it does that, or finds that nothing has changed if its code is not strict.
 *
 * `Object.prototype` can't be given new properties, which is what data that is merged carelessly does. What it
 * has stays assignable, and so do `Function.prototype`, `Error` and the global `Promise`: libraries replace those.
 */
export function lockBuiltIns(): void {
  Object.preventExtensions(Object.prototype);
  for (const one of FROZEN) {
    for (const name of one === null ? [] : OFTEN_ASSIGNED) keepAssignable(one as object, name);
    Object.freeze(one);
  }
  for (const one of LOCKED) if (one !== null) lockProperties(one);
  for (const name of GLOBALS) lockGlobal(name);
}

function lockProperties(one: object): void {
  for (const key of Reflect.ownKeys(one)) {
    const { value, configurable } = Object.getOwnPropertyDescriptor(one, key) ?? {};
    if (configurable !== true || typeof value !== 'function') continue;
    Object.defineProperty(one, key, { writable: false, configurable: false });
  }
}

/** Turns a method into an accessor whose setter gives whoever inherits it a property of its own. */
function keepAssignable(prototype: object, name: string): void {
  const { value, configurable } = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  if (typeof value !== 'function' || configurable !== true) return;
  Object.defineProperty(prototype, name, {
    get: () => value as unknown,
    set(this: object, own: unknown) {
      if (this === prototype) return;
      Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
    },
    enumerable: false,
    configurable: false,
  });
}

function lockGlobal(name: string): void {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  if (descriptor?.configurable !== true) return;
  const value: unknown = Reflect.get(globalThis, name);
  const { enumerable = false } = descriptor;
  Object.defineProperty(globalThis, name, { value, enumerable, writable: false, configurable: false });
}
