import type { Path } from '../config/types.ts';
import { MASK } from '../masking.ts';

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords whose schemas are about the same value as the one that they stand in. */
const SAME_VALUE = ['anyOf', 'oneOf', 'allOf', 'if', 'then', 'else', '$ref'] as const;

/**
 * A copy of a plugin's configuration with the secrets of its schema masked, and with the defaults that the schema
 * gives. Where the schema does not tell which of its parts a value is meant for, a secret in any of them counts:
 * rather too much is masked. Patterns for keys are the plugin's own and are not run here; each counts for every key.
 * `redact` masks the secrets that are known by value, `hidden` says which values are masked whole.
 */
export function maskConfig(
  schema: unknown,
  config: unknown,
  redact: (text: string) => string,
  hidden: readonly Path[] = [],
): unknown {
  const hiddenPaths = new Set(hidden.map((path) => JSON.stringify(path)));

  const copy = (nodes: readonly Mapping[], value: unknown, path: Path): unknown => {
    if (hiddenPaths.has(JSON.stringify(path)) || nodes.some(({ secret }) => secret === true)) {
      return value === '' ? value : MASK;
    }
    if (typeof value === 'string') return redact(value);
    if (Array.isArray(value)) {
      return value.map((item, index) => copy(nodes.flatMap(itemsOf), item, [...path, index]));
    }
    if (!isMapping(value)) return value;
    const entries = Object.entries(withDefaults(nodes, value)).map(([key, inner]): [string, unknown] => [
      redact(key),
      copy(
        nodes.flatMap((node) => propertyOf(node, key)),
        inner,
        [...path, key],
      ),
    ]);
    return Object.fromEntries(entries);
  };

  const root = isMapping(schema) ? schema : {};
  return copy(alternatives(root), config, []);

  /** The schema and all that stand in it for the same value. */
  function alternatives(node: Mapping, seen: readonly Mapping[] = []): Mapping[] {
    if (seen.includes(node)) return [];
    const inner = SAME_VALUE.flatMap((keyword) => {
      const found = keyword === '$ref' ? referred(node.$ref) : node[keyword];
      return (Array.isArray(found) ? found : [found]).filter(isMapping);
    });
    return [node, ...inner.flatMap((one) => alternatives(one, [...seen, node]))];
  }

  /** What can't be followed could be a secret. */
  function referred(reference: unknown): unknown {
    if (reference === undefined) return undefined;
    const keys = /^#\/(.*)$/.exec(String(reference))?.[1]?.split('/');
    const found = keys?.reduce<unknown>((at, key) => (isMapping(at) ? at[key] : undefined), root);
    return isMapping(found) ? found : { secret: true };
  }

  function itemsOf({ items, prefixItems }: Mapping): Mapping[] {
    return [items, prefixItems]
      .flat()
      .filter(isMapping)
      .flatMap((node) => alternatives(node));
  }

  function propertyOf(
    { properties, patternProperties, additionalProperties }: Mapping,
    key: string,
  ): Mapping[] {
    const named = isMapping(properties) && Object.hasOwn(properties, key) ? [properties[key]] : [];
    const others = [
      ...Object.values(isMapping(patternProperties) ? patternProperties : {}),
      additionalProperties,
    ];
    return [...named, ...others].filter(isMapping).flatMap((node) => alternatives(node));
  }
}

/** Only those of a schema that leaves no choice: which part of a union a value is meant for is the host's to say. */
function withDefaults(nodes: readonly Mapping[], value: Mapping): Mapping {
  const [node] = nodes;
  if (nodes.length !== 1 || !isMapping(node?.properties)) return value;
  const missing = Object.entries(node.properties).filter(
    ([key, property]) => !Object.hasOwn(value, key) && isMapping(property) && property.default !== undefined,
  );
  return {
    ...value,
    ...Object.fromEntries(missing.map(([key, property]) => [key, (property as Mapping).default])),
  };
}
