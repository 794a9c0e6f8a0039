import type { ErrorInfo, Static, TSchema } from '@dynamic-informer/sdk';

/** The keys of an object that need not be there. */
type OptionalKeys<T> = { [K in keyof T]-?: Record<string, never> extends Pick<T, K> ? K : never }[keyof T];

/** Nothing in it changes; what need not be there can be there as `undefined`, which JSON leaves out. Errors are the SDK's. */
type Readonlike<T> = T extends ErrorInfo
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Readonlike<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Readonlike<T[K]> | (K extends OptionalKeys<T> ? undefined : never) }
      : T;

/** What an answer with that schema is made from. */
export type Shown<S extends TSchema> = Readonlike<Static<S>>;
