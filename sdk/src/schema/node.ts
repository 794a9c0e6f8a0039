/** The keywords of a JSON schema that the SDK reads. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly propertyNames?: { readonly pattern?: string; readonly description?: string };
  readonly items?: SchemaNode | readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
  readonly watchedFiles?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

export type Path = readonly (string | number)[];
export type Mapping = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value's type as JSON schema names it. */
export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The types that a schema takes; `undefined` when it takes all. */
export function typesOf(schema: SchemaNode): readonly string[] | undefined {
  if (schema.type !== undefined) return [schema.type].flat();
  if (schema.const !== undefined) return [typeOf(schema.const)];
  if (schema.enum) return schema.enum.map(typeOf);
  if (schema.properties || schema.patternProperties) return ['object'];
  const inner = schema.anyOf?.map(typesOf);
  return inner?.every((types) => types !== undefined) ? inner.flat() : undefined;
}

export function takesTypeOf(schema: SchemaNode, value: unknown): boolean {
  const types = typesOf(schema);
  const type = typeOf(value);
  return types === undefined || types.includes(type) || (type === 'number' && types.includes('integer'));
}

/** The fixed values that a schema takes, if it takes only such: a literal, an enum, a union of literals. */
export function literalsOf(schema: SchemaNode): readonly unknown[] | undefined {
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum) return schema.enum;
  const inner = schema.anyOf?.map(literalsOf);
  return inner?.every((literals) => literals !== undefined) ? inner.flat() : undefined;
}

/** The key whose fixed value tells the mappings of a union apart. */
export function tagOf(branches: readonly SchemaNode[]): string | undefined {
  const mappings = branches.filter((branch) => branch.properties);
  if (mappings.length < 2) return undefined;
  return Object.keys(mappings[0]?.properties ?? {}).find((key) => {
    const literals = mappings.map(({ properties = {} }) =>
      Object.hasOwn(properties, key) ? literalsOf(properties[key] ?? {}) : undefined,
    );
    const all = literals.flat();
    return literals.every((values) => values !== undefined) && new Set(all).size === all.length;
  });
}

/** Which branch of a union a value is meant for, by type and by tag; `undefined` when that does not tell. */
export function branchFor(branches: readonly SchemaNode[], value: unknown): number | undefined {
  const fitting = [...branches.keys()].filter((index) => takesTypeOf(branches[index] ?? {}, value));
  if (fitting.length < 2 || !isMapping(value)) return fitting.length === 1 ? fitting[0] : undefined;
  const tag = tagOf(branches);
  if (tag === undefined) return undefined;
  const given = Object.hasOwn(value, tag) ? value[tag] : undefined;
  return fitting.find((index) => {
    const tagSchema = branches[index]?.properties?.[tag];
    return tagSchema !== undefined && literalsOf(tagSchema)?.includes(given);
  });
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'empty',
};

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  duration: 'a duration such as 5s',
  size: 'a size such as 64MiB',
  regex: 'a regular expression',
  uri: 'a URL',
  hostname: 'a host name',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
};

/** What a schema takes, in words: `a duration such as 5s`, `one of "list", "stream"`. */
export function expectation(schema: SchemaNode): string {
  const literals = literalsOf(schema);
  if (literals) {
    const listed = literals.map((literal) => JSON.stringify(literal));
    return listed.length === 1 ? String(listed[0]) : `one of ${listed.join(', ')}`;
  }
  if (schema.anyOf) return alternatives(schema.anyOf.map(expectation));
  if (schema.format !== undefined) return FORMAT_NAMES[schema.format] ?? 'a string';
  return alternatives((typesOf(schema) ?? []).map((type) => TYPE_NAMES[type] ?? type)) || 'any value';
}

export function alternatives(words: readonly string[]): string {
  const distinct = [...new Set(words)];
  const last = distinct.pop() ?? '';
  return distinct.length === 0 ? last : `${distinct.join(', ')} or ${last}`;
}

/** A value's type in words: `a list`; a number with decimals as it is, since a whole one may be wanted. */
export const typeName = (value: unknown): string =>
  typeof value === 'number' && !Number.isInteger(value)
    ? String(value)
    : (TYPE_NAMES[typeOf(value)] ?? typeof value);

/**
 * A key for a message. Where the blank behind the colon was forgotten (`password:hunter2`), the value is part of the
 * key, and may be a secret.
 */
export const shownKey = (key: string): string => key.replace(/^([\w.-]+[:=]).+$/s, '$1***');
