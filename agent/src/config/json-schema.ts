import { configSchema } from './schema.ts';

/** A plugin as far as a configuration's schema is concerned. */
export interface PluginSchema {
  readonly name: string;
  readonly description: string;
  readonly schema: unknown;
}

type Node = Readonly<Record<string, unknown>>;

/** What may stand in a file where the value comes from the environment or from a file. */
const REFERENCE = { type: 'string', pattern: '\\$\\{' };

/**
 * The JSON schema (draft 7) of a whole configuration file, for editors and `informer check --schema`: a
 * resource's `config` is as its plugin wants it.
 */
export function configJsonSchema(plugins: readonly PluginSchema[]): Node {
  const { properties, patternProperties } = configSchema as unknown as {
    properties: Record<string, Node>;
    patternProperties: Node;
  };
  const { resources = {}, ...rest } = properties;
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Dynamic informer',
    type: 'object',
    properties: { ...closedEach(rest), resources: resourcesSchema(resources, plugins) },
    patternProperties,
    additionalProperties: false,
  };
}

function resourcesSchema(resources: Node, plugins: readonly PluginSchema[]): Node {
  const [pattern = '', resource] = Object.entries(resources.patternProperties ?? {})[0] ?? [];
  const { properties, ...keywords } = resource as { properties: Record<string, Node> };
  const { plugin, relabel, ...others } = properties;
  const closedResource = {
    ...keywords,
    required: requiredInFile(resource as Node),
    additionalProperties: false,
    properties: {
      // Any name is allowed: plugins of the operator's own may be unknown here. Editors offer these.
      plugin: { ...plugin, examples: plugins.map(({ name }) => name) },
      relabel,
      ...closedEach(others),
    },
    allOf: plugins.map(({ name, description, schema }) => ({
      if: { required: ['plugin'], properties: { plugin: { const: name } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
      then: { properties: { config: { description, ...inFile(schema as Node) } } },
    })),
  };
  return { ...resources, patternProperties: { [pattern]: closedResource } };
}

/** A schema as it holds before substitution, with the mappings closed that do not say whether they are. */
function inFile(schema: Node): Node {
  const { properties, patternProperties, additionalProperties, items, anyOf, allOf } = schema;
  if (isScalar(schema)) {
    const { description, default: standard, ...constraints } = schema;
    return {
      ...(description !== undefined && { description }),
      ...(standard !== undefined && { default: standard }),
      anyOf: [constraints, REFERENCE],
    };
  }
  const isOpen = additionalProperties !== undefined || patternProperties !== undefined || allOf !== undefined;
  return {
    ...schema,
    ...(schema.required !== undefined && { required: requiredInFile(schema) }),
    ...(properties !== undefined && { properties: closedEach(properties as Record<string, Node>) }),
    ...(properties !== undefined && !isOpen && { additionalProperties: false }),
    ...(patternProperties !== undefined && {
      patternProperties: closedEach(patternProperties as Record<string, Node>),
    }),
    ...(isNode(additionalProperties) && { additionalProperties: inFile(additionalProperties) }),
    ...(Array.isArray(items) ? { items: items.map(inFile) } : isNode(items) && { items: inFile(items) }),
    ...(Array.isArray(anyOf) && { anyOf: anyOf.map(inFile) }),
  };
}

/** What has a default need not be written. */
function requiredInFile({ required, properties }: Node): string[] {
  const schemas = (properties ?? {}) as Record<string, Node>;
  return ((required ?? []) as string[]).filter((key) => schemas[key]?.default === undefined);
}

/** A literal that tells the branches of a union apart stays as it is: editors choose the branch by it. */
const isScalar = ({ type, format, pattern }: Node): boolean =>
  type === 'number' ||
  type === 'integer' ||
  type === 'boolean' ||
  (type === 'string' && (format !== undefined || pattern !== undefined));

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const closedEach = (schemas: Readonly<Record<string, Node>>): Record<string, Node> =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, inFile(schema)]));
