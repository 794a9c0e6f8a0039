import { branchFor, isMapping, type Mapping, type Path, type SchemaNode, typesOf } from '../schema/node.ts';

/** A configuration with a secret in one place. */
export interface Placed {
  /** `config.auth.password` */
  readonly place: string;
  readonly config: unknown;
}

/**
 * The configuration once for every place that the schema marks secret, with `secret` there. What is missing on the
 * way to the place is added: mappings with what they require.
 */
export function* atSecretPlaces(schema: SchemaNode, config: unknown, secret: string): Iterable<Placed> {
  for (const path of secretPaths(schema, config, [])) {
    yield { place: placeOf(path), config: put(schema, config, path, secret) };
  }
}

/** The configuration once for every URL in it that can hold a password, with `secret` as that. */
export function* inUrls(config: unknown, secret: string): Iterable<Placed> {
  for (const [path, text] of stringsIn(config, [])) {
    const url = urlWithHost(text);
    if (!url) continue;
    if (url.username === '') url.username = 'someone';
    url.password = secret;
    yield { place: `the password in ${placeOf(path)}`, config: put({}, config, path, url.href) };
  }
}

/** The configuration with no user and no password in any URL. */
export function withoutUserInfo(config: unknown): unknown {
  let bare = config;
  for (const [path, text] of stringsIn(config, [])) {
    const url = urlWithHost(text);
    if (!url || (url.username === '' && url.password === '')) continue;
    url.username = '';
    url.password = '';
    bare = put({}, bare, path, url.href);
  }
  return bare;
}

const placeOf = (path: Path): string => ['config', ...path].join('.');

function* secretPaths(node: SchemaNode, value: unknown, path: Path): Iterable<Path> {
  if (node.secret) {
    yield path;
    return;
  }
  const branch = node.anyOf && branchFor(node.anyOf, value);
  const branches =
    branch === undefined ? (value === undefined ? (node.anyOf ?? []) : []) : [node.anyOf?.[branch]];
  for (const each of branches) yield* secretPaths(each ?? {}, value, path);
  for (const [key, property] of Object.entries(node.properties ?? {})) {
    yield* secretPaths(property, isMapping(value) ? value[key] : undefined, [...path, key]);
  }
  const rest = restOf(node);
  if (rest) yield* secretPaths(rest, undefined, [...path, 'X-Of-The-Suite']);
  if (isMapping(node.items)) {
    const first: unknown = Array.isArray(value) ? value[0] : undefined;
    yield* secretPaths(node.items as SchemaNode, first, [...path, 0]);
  }
}

/** The schema of the keys that a mapping does not name. */
function restOf({ patternProperties, additionalProperties }: SchemaNode): SchemaNode | undefined {
  const [pattern] = Object.values(patternProperties ?? {});
  return pattern ?? (isMapping(additionalProperties) ? additionalProperties : undefined);
}

/** A copy of `value` with `leaf` at `path`. */
function put(node: SchemaNode, value: unknown, [key, ...rest]: Path, leaf: unknown): unknown {
  if (key === undefined) return leaf;
  const here = node.anyOf ? (node.anyOf[branchFor(node.anyOf, value) ?? 0] ?? {}) : node;
  if (typeof key === 'number') {
    const list: unknown[] = Array.isArray(value) ? [...value] : [];
    list[key] = put(isMapping(here.items) ? (here.items as SchemaNode) : {}, list[key], rest, leaf);
    return list;
  }
  const mapping: Mapping = isMapping(value) ? value : required(here, key);
  const inner = here.properties?.[key] ?? restOf(here) ?? {};
  return { ...mapping, [key]: put(inner, mapping[key], rest, leaf) };
}

/** The least that a mapping has to hold beside `key`. */
function required(node: SchemaNode, key?: string): Mapping {
  const names = (node.required ?? []).filter((name) => name !== key);
  return Object.fromEntries(names.map((name) => [name, anyValue(node.properties?.[name] ?? {})]));
}

function anyValue(node: SchemaNode): unknown {
  if (node.default !== undefined) return node.default;
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  if (node.anyOf) return anyValue(node.anyOf[0] ?? {});
  switch (typesOf(node)?.[0]) {
    case 'object':
      return required(node);
    case 'array':
      return [anyValue(isMapping(node.items) ? (node.items as SchemaNode) : {})];
    case 'boolean':
      return false;
    case 'number':
    case 'integer':
      return 1;
    default:
      return node.format === 'duration' ? '1s' : 'something';
  }
}

function* stringsIn(value: unknown, path: Path): Iterable<readonly [path: Path, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* stringsIn(item, [...path, index]);
  } else if (isMapping(value)) {
    for (const [key, inner] of Object.entries(value)) yield* stringsIn(inner, [...path, key]);
  }
}

function urlWithHost(text: string): URL | undefined {
  if (!text.includes('://')) return undefined;
  const url = URL.parse(text);
  return url && url.host !== '' ? url : undefined;
}
