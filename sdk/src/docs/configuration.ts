import { literalsOf, type SchemaNode, tagOf } from '../schema/node.ts';
import { plain, typeWords, valueSchemaOf } from './type-words.ts';

/** One key of a configuration, in words. */
export interface ConfigurationRow {
  /** From `config` inwards: `tls.ca_file`; `patterns[].match` in each item; `headers.*` under each name. */
  readonly key: string;
  /** What it takes, with its range: `list of strings, not empty`; ends in `, secret` if it is masked. */
  readonly type: string;
  /** The default as YAML, `required`, `` required with `tls` `` in a mapping that may be left out, or empty. */
  readonly default: string;
  /** The default itself. */
  readonly value?: unknown;
  readonly description: string;
}

/** The keys of a configuration, or of one of its kinds. */
export interface ConfigurationSection {
  /** What tells this kind from the others: `broker: redis`. Absent where there is but one kind. */
  readonly when?: string;
  readonly rows: readonly ConfigurationRow[];
}

/** What a plugin's schema says about each key; a union of mappings at its root gives a section for each. */
export function configurationSections(schema: unknown): ConfigurationSection[] {
  const root = schema as SchemaNode;
  const kinds = root.anyOf?.filter((branch) => branch.properties) ?? [];
  if (kinds.length < 2) return [{ rows: keysOf(kinds[0] ?? root, '', undefined) }];
  const tag = tagOf(kinds);
  return kinds.map((kind, index) => ({
    when: conditionOf(kind, tag) ?? `kind ${index + 1} of ${kinds.length}`,
    rows: keysOf(kind, '', undefined),
  }));
}

function keysOf(node: SchemaNode, prefix: string, optional: string | undefined): ConfigurationRow[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, property]) => {
    const key = `${prefix}${name}`;
    const required = node.required?.includes(name) ?? false;
    const row = {
      key,
      type: typeWords(property) + (hasSecret(property) ? ', secret' : ''),
      default: defaultOf(property, required, optional),
      ...(property.default !== undefined && { value: property.default }),
      description: property.description ?? '',
    };
    const missing = required || property.default !== undefined ? optional : key;
    return [row, ...innerKeys(property, key, missing)];
  });
}

/** The keys of what stands below a key: of a mapping, of a list's items, of each value by name, of a union. */
function innerKeys(node: SchemaNode, key: string, optional: string | undefined): ConfigurationRow[] {
  if (node.properties) return keysOf(node, `${key}.`, optional);
  const { items } = node;
  const inner: readonly (readonly [SchemaNode, string])[] = [items ?? []]
    .flat()
    .map((item) => [item as SchemaNode, `${key}[]`] as const);
  // What an item lacks is missing whether or not the list may be left out.
  const below = inner.flatMap(([item, at]) => innerKeys(item, at, undefined));
  const value = valueSchemaOf(node);
  if (value) below.push(...innerKeys(value, `${key}.*`, undefined));
  return [...below, ...unionKeys(node.anyOf ?? [], key, optional)];
}

/** The keys of several kinds of mapping: one row for what they share, else the row says for which kind it holds. */
function unionKeys(
  branches: readonly SchemaNode[],
  key: string,
  optional: string | undefined,
): ConfigurationRow[] {
  const kinds = branches.filter((branch) => branch.properties);
  const others = branches.filter((branch) => !branch.properties);
  const tag = tagOf(kinds);
  const rows: ConfigurationRow[] = [];
  if (tag !== undefined) {
    const literals = kinds.flatMap((kind) => literalsOf(kind.properties?.[tag] ?? {}) ?? []);
    const described = kinds.find((kind) => kind.properties?.[tag]?.description)?.properties?.[tag];
    rows.push({
      key: `${key}.${tag}`,
      type: typeWords({ enum: literals }),
      default: 'required',
      description: described?.description ?? '',
    });
  }
  const found = new Map<string, { row: ConfigurationRow; conditions: string[] }>();
  for (const kind of kinds) {
    const condition = conditionOf(kind, tag);
    for (const row of keysOf(kind, `${key}.`, optional)) {
      if (tag !== undefined && row.key === `${key}.${tag}`) continue;
      const same = JSON.stringify(row);
      const entry = found.get(same) ?? { row, conditions: [] };
      if (condition !== undefined) entry.conditions.push(condition);
      found.set(same, entry);
    }
  }
  for (const { row, conditions } of found.values()) {
    const always = conditions.length === 0 || conditions.length === kinds.length;
    const only = `With ${conditions.map((condition) => `\`${condition}\``).join(' or ')}: `;
    rows.push(always ? row : { ...row, description: only + row.description });
  }
  return [...rows, ...others.flatMap((branch) => innerKeys(branch, key, optional))];
}

function conditionOf(kind: SchemaNode, tag: string | undefined): string | undefined {
  if (tag === undefined) return undefined;
  const literals = literalsOf(kind.properties?.[tag] ?? {}) ?? [];
  return `${tag}: ${literals.map(plain).join(' | ')}`;
}

function defaultOf(property: SchemaNode, required: boolean, optional: string | undefined): string {
  const { default: value } = property;
  if (value === undefined) {
    if (!required) return '';
    return optional === undefined ? 'required' : `required with \`${optional}\``;
  }
  // A mapping's default is what its own keys have.
  return property.properties ? '' : `\`${plain(value)}\``;
}

/** Whether the value itself, or each of several, is masked where something is shown. */
function hasSecret(node: SchemaNode): boolean {
  if (node.secret) return true;
  const inner = [...[node.items ?? []].flat(), valueSchemaOf(node) ?? [], ...(node.anyOf ?? [])].flat();
  return inner.some((schema) => !(schema as SchemaNode).properties && hasSecret(schema as SchemaNode));
}
