import { branchFor, isMapping, type Mapping, type Path, type SchemaNode, takesTypeOf } from './node.ts';

export interface Prepared {
  readonly value: unknown;
  readonly secrets: string[];
  readonly watched: string[];
}

/**
 * Copies a value and, guided by its schema, fills in defaults (in unions too), turns text that came from a
 * substitution into the number or boolean that the schema wants, and gathers the secrets and the paths of watched files.
 */
export function prepare(
  schema: SchemaNode,
  given: unknown,
  isSubstituted: (path: Path) => boolean,
): Prepared {
  const secrets: string[] = [];
  const watched: string[] = [];

  const copy = (node: SchemaNode, value: unknown, path: Path): unknown => {
    if (typeof value === 'string') {
      const wanted = isSubstituted(path) ? convert(node, value) : value;
      if (node.secret && value !== '') secrets.push(value);
      if (node.watchedFiles && value !== '') watched.push(value);
      if (wanted !== value) return wanted;
    }
    if (node.anyOf) {
      const branch = branchFor(node.anyOf, value);
      return branch === undefined ? structuredClone(value) : copy(node.anyOf[branch] ?? {}, value, path);
    }
    if (Array.isArray(value)) {
      return value.map((item, index) => copy(itemSchema(node, index), item, [...path, index]));
    }
    return isMapping(value) ? copyMapping(node, value, path) : value;
  };

  const copyMapping = (node: SchemaNode, value: Mapping, path: Path): unknown => {
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [
      key,
      copy(propertySchema(node, key), inner, [...path, key]),
    ]);
    for (const [key, property] of Object.entries(node.properties ?? {})) {
      if (property.default === undefined || Object.hasOwn(value, key)) continue;
      entries.push([key, copy(property, property.default, [...path, key])]);
    }
    // It defines what it sets, so that a key "__proto__" stays a key.
    return Object.fromEntries(entries);
  };

  return { value: copy(schema, given, []), secrets, watched };
}

function itemSchema({ items }: SchemaNode, index: number): SchemaNode {
  return (Array.isArray(items) ? items[index] : items) ?? {};
}

function propertySchema(node: SchemaNode, key: string): SchemaNode {
  if (node.properties && Object.hasOwn(node.properties, key)) return node.properties[key] ?? {};
  for (const [pattern, schema] of Object.entries(node.patternProperties ?? {})) {
    if (new RegExp(pattern, 'u').test(key)) return schema;
  }
  return isMapping(node.additionalProperties) ? node.additionalProperties : {};
}

function convert(schema: SchemaNode, text: string): unknown {
  if (takesTypeOf(schema, text)) return text;
  if (takesTypeOf(schema, true) && (text === 'true' || text === 'false')) return text === 'true';
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return takesTypeOf(schema, 0) && Number.isFinite(number) ? number : text;
}
