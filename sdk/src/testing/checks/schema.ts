import { strict as assert } from 'node:assert';
import { isMapping, type SchemaNode } from '../../schema/node.ts';
import { compileSchema } from '../../schema/validate.ts';
import type { Demand } from '../check.ts';
import type { Subject } from '../subject.ts';

const UNKNOWN = 'unknown_key_of_the_suite';

export function schemaChecks(subject: Subject): Demand[] {
  const schema = subject.plugin.config as Described;
  return [
    {
      name: 'describes every key of its configuration',
      async run() {
        assertDescribed(schema, 'config');
      },
    },
    {
      name: 'refuses keys that its configuration does not know',
      async run() {
        assertClosed(schema, 'config');
        await assertRefused(subject);
      },
    },
  ];
}

interface Described extends SchemaNode {
  readonly description?: string;
}

function assertDescribed(schema: Described, path: string): void {
  for (const [key, property] of Object.entries((schema.properties ?? {}) as Record<string, Described>)) {
    const said = property.const !== undefined || property.description;
    assert.ok(said, `${path}.${key} has no description. Say in its schema what it is for.`);
    assertDescribed(property, `${path}.${key}`);
  }
  for (const [inner, at] of innerOf(schema, path)) assertDescribed(inner, at);
}

function assertClosed(schema: SchemaNode, path: string): void {
  const { properties, additionalProperties, allOf } = schema;
  if (properties) {
    const open = additionalProperties === true || allOf !== undefined;
    assert.ok(
      !open,
      `${path} takes any key, so that a misspelt one is silently ignored. Remove additionalProperties and allOf.`,
    );
  }
  for (const [key, property] of Object.entries(properties ?? {})) assertClosed(property, `${path}.${key}`);
  for (const [inner, at] of innerOf(schema, path)) assertClosed(inner, at);
}

/** The schemas in a schema that are not those of a key. */
function innerOf(schema: SchemaNode, path: string): [SchemaNode, string][] {
  const { items, anyOf = [], patternProperties = {}, additionalProperties } = schema;
  const inner: [SchemaNode, string][] = anyOf.map((branch) => [branch, path]);
  for (const item of [items ?? []].flat() as SchemaNode[]) inner.push([item, `${path}[]`]);
  for (const value of Object.values(patternProperties)) inner.push([value, `${path}.*`]);
  if (isMapping(additionalProperties)) inner.push([additionalProperties, `${path}.*`]);
  return inner;
}

async function assertRefused(subject: Subject): Promise<void> {
  const config = await subject.config();
  const check = await compileSchema(subject.plugin.config);
  const [issue] = check(config).issues;
  assert.ok(issue === undefined, `The configuration of config() is not valid: ${issue?.message}.`);
  const given = isMapping(config) ? { ...config, [UNKNOWN]: 1 } : config;
  const refused = check(given).issues.some(
    ({ path, code }) => code === 'CONFIG_UNKNOWN_KEY' && path.at(-1) === UNKNOWN,
  );
  assert.ok(refused, `config takes the key "${UNKNOWN}". Declare the configuration with Type.Object.`);
}
