import {
  DURATION_EXAMPLE,
  DURATION_PATTERN,
  literalsOf,
  SIZE_EXAMPLE,
  SIZE_PATTERN,
  tagOf,
} from '@dynamic-informer/sdk/host';
import { configSchema, isSection } from './schema.ts';

/** A plugin as far as a configuration's schema is concerned. */
export interface PluginSchema {
  readonly name: string;
  readonly description: string;
  /** Of its `config`; `undefined` where it can't be told, and anything is allowed. */
  readonly schema: unknown;
}

type Node = Readonly<Record<string, unknown>>;
type Nodes = Readonly<Record<string, Node>>;

/** What may stand in a file where the value comes from the environment or from a file. */
const REFERENCE = { type: 'string', pattern: '\\$\\{' };

/** Formats that are ours, in words of JSON schema. */
const UNITS: Nodes = {
  duration: { pattern: DURATION_PATTERN, patternErrorMessage: `Not a duration: ${DURATION_EXAMPLE}.` },
  size: { pattern: SIZE_PATTERN, patternErrorMessage: `Not a size: ${SIZE_EXAMPLE}.` },
};

/**
 * The JSON schema (draft 7) of a whole configuration file, for editors and `informer check --schema`: a
 * resource's `config` is as its plugin wants it, and a resource can have no plugin but these.
 */
export function configJsonSchema(plugins: readonly PluginSchema[]): Node {
  const { properties, patternProperties } = configSchema as unknown as {
    properties: Nodes;
    patternProperties: Node;
  };
  const { resources = {}, ...rest } = properties;
  const sections = Object.entries({ ...eachInFile(rest), resources: resourcesSchema(resources, plugins) });
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: Object.fromEntries(
      sections.map(([key, schema]) => [key, isSection(key) ? orEmpty(schema) : schema]),
    ),
    patternProperties,
    additionalProperties: false,
  };
}

/** What may have nothing under it, as when all of it is commented out. */
const orEmpty = (schema: Node): Node => ({ ...schema, type: [schema.type, 'null'] });

function resourcesSchema(resources: Node, plugins: readonly PluginSchema[]): Node {
  const [pattern = '', resource = {}] = Object.entries((resources.patternProperties ?? {}) as Nodes)[0] ?? [];
  const { relabel, ...properties } = resource.properties as Nodes;
  const known = plugins.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const closedResource = {
    ...resource,
    required: requiredInFile(resource),
    additionalProperties: false,
    properties: {
      plugin: pluginSchema(properties.plugin ?? {}, known),
      ...eachInFile(Object.fromEntries(Object.entries(properties).filter(([key]) => key !== 'plugin'))),
      // No value is put in there: rules use `$1` themselves.
      relabel: closedRules(relabel ?? {}),
    },
    allOf: known.flatMap(({ name, description, schema }) => {
      if (!isNode(schema)) return [];
      return {
        if: { required: ['plugin'], properties: { plugin: { const: name } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
        then: configOf(description, inFile(schema)),
      };
    }),
  };
  return { ...resources, patternProperties: { [pattern]: closedResource } };
}

/** A resource whose `config` is one plugin's: needed where something in it is. */
function configOf(description: string, config: Node): Node {
  const isNeeded = config.type !== 'object' || (config.required as string[] | undefined)?.length;
  return {
    ...(isNeeded && { required: ['config'] }),
    properties: { config: { description, ...(isNeeded ? config : orEmpty(config)) } },
  };
}

function pluginSchema({ description }: Node, plugins: readonly PluginSchema[]): Node {
  const names = plugins.map(({ name }) => name);
  const enumDescriptions = plugins.map((plugin) => plugin.description);
  return { description, anyOf: [{ type: 'string', enum: names, enumDescriptions }, REFERENCE] };
}

const closedRules = (relabel: Node): Node => ({
  ...relabel,
  items: { ...(relabel.items as Node), additionalProperties: false },
});

/** A schema as it holds before substitution, with the mappings closed that do not say whether they are. */
function inFile(schema: Node): Node {
  const { properties, patternProperties, additionalProperties, items, anyOf, allOf } = schema;
  if (literalsOf(schema)) return orReference(schema, { enum: literalsOf(schema) });
  if (isConstrained(schema)) {
    const { description: _description, default: _default, examples: _examples, format, ...rest } = schema;
    const units = UNITS[String(format)];
    return orReference(schema, { ...rest, ...(units ?? (format !== undefined && { format })) });
  }
  const isOpen = additionalProperties !== undefined || patternProperties !== undefined || allOf !== undefined;
  return {
    ...schema,
    ...(schema.required !== undefined && { required: requiredInFile(schema) }),
    ...(properties !== undefined && { properties: eachInFile(properties as Nodes) }),
    ...(properties !== undefined && !isOpen && { additionalProperties: false }),
    ...(patternProperties !== undefined && { patternProperties: eachInFile(patternProperties as Nodes) }),
    ...(isNode(additionalProperties) && { additionalProperties: inFile(additionalProperties) }),
    ...(Array.isArray(items) ? { items: items.map(inFile) } : isNode(items) && { items: inFile(items) }),
    ...(Array.isArray(anyOf) && { anyOf: branchesInFile(anyOf as Node[]) }),
  };
}

/** Of a union: the key that tells its mappings apart stays fixed in each, so that editors can choose by it. */
function branchesInFile(branches: readonly Node[]): Node[] {
  const tag = tagOf(branches);
  const inEach = branches.map((branch): Node => {
    const { properties } = branch as { properties?: Nodes };
    const inside = inFile(branch);
    if (tag === undefined || !properties?.[tag]) return inside;
    return { ...inside, properties: { ...(inside.properties as Nodes), [tag]: properties[tag] } };
  });
  if (tag === undefined) return inEach;
  return [...inEach, { type: 'object', required: [tag], properties: { [tag]: REFERENCE } }];
}

/** What has a default need not be written. */
function requiredInFile({ required, properties }: Node): string[] {
  const schemas = (properties ?? {}) as Nodes;
  return ((required ?? []) as string[]).filter((key) => schemas[key]?.default === undefined);
}

/** The values, or a reference to where one comes from; what is said about them stays outside. */
function orReference({ description, default: standard, examples }: Node, values: Node): Node {
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    ...(examples !== undefined && { examples }),
    anyOf: [values, REFERENCE],
  };
}

/** Is this a scalar that not every text is? */
function isConstrained({ type, format, pattern, maxLength }: Node): boolean {
  if (type === 'string') return [format, pattern, maxLength].some((rule) => rule !== undefined);
  return type === 'number' || type === 'integer' || type === 'boolean';
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const eachInFile = (schemas: Nodes): Record<string, Node> =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, inFile(schema)]));
