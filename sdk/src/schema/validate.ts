import type { Ajv } from 'ajv';
import { pluginError } from '../errors.ts';
import { type ConfigIssue, explain } from './explain.ts';
import { isMapping, type Path, type SchemaNode } from './node.ts';
import { prepare } from './prepare.ts';
import type { TSchema } from './schema.ts';
import { parseDuration, parseSize } from './units.ts';

export type { ConfigIssue } from './explain.ts';

export interface Checked {
  /** A copy of what was given, with the schema's defaults filled in; of use only without issues. */
  readonly value: unknown;
  readonly issues: ConfigIssue[];
  /** What stands where the schema says `secret: true`. */
  readonly secrets: string[];
  /** The paths and globs where it says `watchedFiles: true`. */
  readonly watched: string[];
}

export interface CheckOptions {
  /** Does the value at this path come from a substitution? Then text may stand for a number or a boolean. */
  coerce?: (path: Path) => boolean;
}

export type Check = (value: unknown, options?: CheckOptions) => Checked;

const compiled = new WeakMap<object, Promise<Check>>();

/**
 * Compiles a configuration's schema, once for each schema. A mapping takes only the keys that its schema
 * names, unless `additionalProperties` says otherwise. Async, because a process that never validates
 * does not load ajv (8 MB). With `isOwn` the schema is the program's own: it is not held against the schema of
 * schemas, which takes longer than all the rest.
 * @throws a plugin error if the schema itself is wrong
 */
export function compileSchema(schema: TSchema, { isOwn = false } = {}): Promise<Check> {
  const known = compiled.get(schema);
  if (known) return known;
  const check = compile(schema, isOwn);
  compiled.set(schema, check);
  return check;
}

async function compile(schema: TSchema, isOwn: boolean): Promise<Check> {
  const root = closed(schema as SchemaNode);
  const validate = compileWith(await makeAjv(isOwn), root);
  return (given, { coerce = () => false } = {}) => {
    const { value, secrets, watched } = prepare(root, given, coerce);
    if (validate(value)) return { value, issues: [], secrets, watched };
    const isShown = (path: Path, node: SchemaNode) => !node.secret && !coerce(path);
    return { value, secrets, watched, issues: explain(value, validate.errors ?? [], isShown) };
  };
}

async function makeAjv(isOwn: boolean): Promise<Ajv> {
  const [{ Ajv: Class }, formats] = await Promise.all([import('ajv'), import('ajv-formats')]);
  const ajv = new Class({
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowMatchingProperties: true,
    logger: false,
    ...(isOwn && { validateSchema: false, meta: false }),
  });
  formats.default.default(ajv, ['uri', 'hostname', 'ipv4', 'ipv6', 'regex']);
  ajv.addFormat('duration', parses(parseDuration));
  ajv.addFormat('size', parses(parseSize));
  ajv.addVocabulary(['secret', 'watchedFiles', 'discriminator']);
  return ajv;
}

function compileWith(ajv: Ajv, schema: SchemaNode) {
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw pluginError(`The schema of its configuration can't be used: ${(error as Error).message}.`, {
      code: 'PLUGIN_BAD_SCHEMA',
      fix: 'Use JSON Schema (draft 7) as the SDK exports it as Type.',
      cause: error,
    });
  }
}

const parses = (parse: (text: string) => number) => (text: string) => {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
};

/** The schema with every mapping closed that does not say whether it is open. */
function closed(schema: SchemaNode): SchemaNode {
  const { properties, patternProperties, additionalProperties, items, anyOf } = schema;
  const open = additionalProperties !== undefined || patternProperties || schema.allOf;
  return {
    ...schema,
    ...(properties && { properties: closedEach(properties) }),
    ...(patternProperties && { patternProperties: closedEach(patternProperties) }),
    ...(isMapping(additionalProperties) && { additionalProperties: closed(additionalProperties) }),
    ...(properties && !open && { additionalProperties: false }),
    ...(Array.isArray(items) ? { items: items.map(closed) } : isMapping(items) && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  };
}

const closedEach = (schemas: Readonly<Record<string, SchemaNode>>): Record<string, SchemaNode> =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, closed(schema)]));
