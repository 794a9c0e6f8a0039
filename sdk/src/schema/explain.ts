import type { ErrorObject } from 'ajv';
import type { ErrorInfo } from '../errors.ts';
import {
  branchFor,
  expectation,
  isMapping,
  literalsOf,
  type Path,
  type SchemaNode,
  shownKey,
  tagOf,
  takesTypeOf,
  typeName,
} from './node.ts';
import { fixForUnknown, suggestion } from './suggest.ts';
import { DURATION_EXAMPLE, SIZE_EXAMPLE } from './units.ts';

/** One thing that is wrong with a configuration. The message names no place: `path` and `on` do. */
export interface ConfigIssue extends ErrorInfo {
  readonly path: Path;
  /** What at `path` is wrong: its key (a name; something missing below it) or its value. */
  readonly on: 'key' | 'value';
  /** The schema says that the value is a secret: whoever quotes the place in a file has to mask it. */
  readonly hidden?: boolean;
}

type Draft = Omit<ConfigIssue, 'class' | 'path'> & { readonly path?: Path };

/** May this value be quoted in a message? */
export type IsShown = (path: Path, schema: SchemaNode) => boolean;

/** Says what ajv (with `allErrors` and `verbose`) found in an operator's words, each mistake once. */
export function explain(value: unknown, errors: readonly ErrorObject[], isShown: IsShown): ConfigIssue[] {
  // What makes a key's name wrong is said by the rule for names as a whole.
  const whole = errors.filter(({ propertyName }) => propertyName === undefined);
  return withoutMisspelt(withoutOtherBranches(whole)).map((error): ConfigIssue => {
    const path = pathOf(value, error.instancePath);
    const hidden = (error.parentSchema as SchemaNode | undefined)?.secret && { hidden: true };
    return { class: 'config', path, ...describe(error, path, isShown), ...hidden };
  });
}

/** A misspelt key is reported once, not also as a missing one. */
function withoutMisspelt(errors: readonly ErrorObject[]): ErrorObject[] {
  const meant = new Set<string>();
  for (const { keyword, instancePath, parentSchema, params } of errors) {
    if (keyword !== 'additionalProperties') continue;
    const known = Object.keys((parentSchema as SchemaNode).properties ?? {});
    meant.add(`${instancePath} ${suggestion(params.additionalProperty as string, known)}`);
  }
  return errors.filter(
    ({ keyword, instancePath, params }) =>
      keyword !== 'required' || !meant.has(`${instancePath} ${params.missingProperty}`),
  );
}

/** Of a union that does not match, keeps only the errors of the branch that the value is meant for. */
function withoutOtherBranches(errors: readonly ErrorObject[]): ErrorObject[] {
  let kept = [...errors];
  const unions = kept.filter(({ keyword }) => keyword === 'anyOf');
  unions.sort((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const union of unions) {
    if (!kept.includes(union)) continue;
    const inside = kept.filter((error) => isWithin(error, union));
    const branch = meantBranch(union, inside);
    const prefix = `${union.schemaPath}/${branch}/`;
    const dropped = new Set(inside.filter(({ schemaPath }) => !schemaPath.startsWith(prefix)));
    if (branch !== undefined) dropped.add(union);
    kept = kept.filter((error) => !dropped.has(error));
  }
  return kept;
}

const isWithin = (error: ErrorObject, union: ErrorObject): boolean =>
  error.schemaPath.startsWith(`${union.schemaPath}/`) &&
  (error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`));

function meantBranch(union: ErrorObject, inside: readonly ErrorObject[]): number | undefined {
  const branches = union.schema as readonly SchemaNode[];
  const branch = branchFor(branches, union.data);
  const plain = !isMapping(union.data) && !Array.isArray(union.data);
  if (branch !== undefined || plain || tagOf(branches) !== undefined) {
    const literal = branch !== undefined && literalsOf(branches[branch] ?? {}) !== undefined;
    return literal ? undefined : branch;
  }
  // Nothing tells the branches apart: the one with the fewest errors is the likeliest.
  const counts = [...branches.keys()].filter((index) => takesTypeOf(branches[index] ?? {}, union.data));
  const errorsOf = (index: number) =>
    inside.filter(({ schemaPath }) => schemaPath.startsWith(`${union.schemaPath}/${index}/`)).length;
  return counts.sort((a, b) => errorsOf(a) - errorsOf(b))[0];
}

function describe(error: ErrorObject, path: Path, isShown: IsShown): Draft {
  const schema = (error.parentSchema ?? {}) as SchemaNode;
  if (error.keyword === 'propertyNames') return badName(error.params.propertyName as string, schema, path);
  const { data, params } = error;
  const quoted = typeof data !== 'object' && isShown(path, schema) ? quote(data) : undefined;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(params.additionalProperty as string, schema, path);
    case 'required':
      return missingKey(params.missingProperty as string, schema);
    case 'type':
      return wrongType(schema, data, quoted);
    case 'anyOf':
      return noBranch(schema, data, path, quoted);
    case 'const':
    case 'enum':
      return notOneOf(schema, data, quoted);
    case 'format':
      return badFormat(schema, data, quoted);
    case 'minLength':
      if (data === '') return badValue('must not be empty', 'give it a value');
      return badValue(`must have at least ${params.limit} characters`, 'lengthen it');
    case 'maxLength':
      return badValue(`must have at most ${params.limit} characters`, 'shorten it');
    case 'minItems':
      if (params.limit === 1) return badValue('must not be empty', 'name at least one');
      return badValue(`must have at least ${params.limit} items`, 'add to it');
    case 'maxItems':
      return badValue(`must have at most ${params.limit} items`, 'remove some');
    case 'minimum':
      return badValue(`must be at least ${params.limit}${not(quoted)}`, `use ${params.limit} or more`);
    case 'maximum':
      return badValue(`must be at most ${params.limit}${not(quoted)}`, `use ${params.limit} or less`);
    case 'exclusiveMinimum':
      return badValue(`must be more than ${params.limit}${not(quoted)}`, 'use a larger number');
    case 'exclusiveMaximum':
      return badValue(`must be less than ${params.limit}${not(quoted)}`, 'use a smaller number');
    case 'pattern':
      return badValue(`${quoted ?? 'its value'} is not of the right form`, `it must match ${params.pattern}`);
    case 'uniqueItems': {
      const [first, second] = [Number(params.i), Number(params.j)].sort((a, b) => a - b);
      return badValue(`the items ${first} and ${second} (from 0) are the same`, 'keep one of them');
    }
    default:
      return badValue(error.message ?? `breaks the rule "${error.keyword}"`, 'correct it');
  }
}

const badValue = (message: string, fix: string): Draft => ({
  code: 'CONFIG_BAD_VALUE',
  on: 'value',
  message,
  fix,
});

function unknownKey(key: string, schema: SchemaNode, path: Path): Draft {
  const [pattern] = Object.keys(schema.patternProperties ?? {});
  const known = Object.keys(schema.properties ?? {});
  const fix = pattern && known.length === 0 ? `keys here must match ${pattern}` : undefined;
  return {
    code: 'CONFIG_UNKNOWN_KEY',
    path: [...path, key],
    on: 'key',
    message: `unknown key ${JSON.stringify(shownKey(key))}`,
    fix:
      key.includes(':') && shownKey(key) !== key
        ? 'put a blank behind the ":"'
        : (fix ?? fixForUnknown(key, known, 'known keys are')),
  };
}

/** A schema for names says in its description what a name may be. */
function badName(key: string, { propertyNames }: SchemaNode, path: Path): Draft {
  return {
    code: 'CONFIG_BAD_NAME',
    path: [...path, key],
    on: 'key',
    message: `${JSON.stringify(shownKey(key))} can't be a name here`,
    fix: propertyNames?.description ?? `it must match ${propertyNames?.pattern}`,
  };
}

function missingKey(key: string, schema: SchemaNode): Draft {
  return {
    code: 'CONFIG_MISSING_KEY',
    on: 'key',
    message: `the key "${key}" is missing`,
    fix: `add ${key}: ${expectation(schema.properties?.[key] ?? {})}`,
  };
}

function wrongType(schema: SchemaNode, data: unknown, quoted: string | undefined): Draft {
  const empty = data === null || data === undefined;
  const fact = empty ? 'but it has no value' : `not ${typeName(data)}`;
  return {
    code: 'CONFIG_WRONG_TYPE',
    on: 'value',
    message: `must be ${expectation(schema)}, ${fact}`,
    fix: typeFix(schema, data, quoted),
  };
}

function typeFix(schema: SchemaNode, data: unknown, quoted: string | undefined): string {
  const isScalar = typeof data === 'number' || typeof data === 'boolean' || typeof data === 'string';
  if (schema.format === 'duration' && typeof data === 'number') return `add the unit: ${data}s`;
  if (schema.format === 'size' && typeof data === 'number') return SIZE_EXAMPLE;
  if (takesTypeOf(schema, '') && isScalar)
    return `put it in quotes${quoted === undefined ? '' : `: '${data}'`}`;
  if (takesTypeOf(schema, []) && isScalar) return `write it as a list: [${quoted ?? '…'}]`;
  if (
    typeof data === 'string' &&
    takesTypeOf(schema, 0) &&
    data.trim() !== '' &&
    Number.isFinite(Number(data))
  ) {
    return 'write it without quotes';
  }
  if (data === null || data === undefined) return 'give it one, or remove the key';
  return `write ${expectation(schema)}`;
}

function noBranch(schema: SchemaNode, data: unknown, path: Path, quoted: string | undefined): Draft {
  const branches = schema.anyOf ?? [];
  const tag = isMapping(data) ? tagOf(branches) : undefined;
  if (tag === undefined || !isMapping(data)) {
    return takesTypeOf(schema, data) ? notOneOf(schema, data, quoted) : wrongType(schema, data, quoted);
  }
  const tags: SchemaNode = { anyOf: branches.flatMap(({ properties }) => properties?.[tag] ?? []) };
  if (!Object.hasOwn(data, tag)) return missingKey(tag, { properties: { [tag]: tags } });
  return { path: [...path, tag], ...notOneOf(tags, data[tag], quote(data[tag])) };
}

function notOneOf(schema: SchemaNode, data: unknown, quoted: string | undefined): Draft {
  const words = (schema.anyOf ?? [schema]).flatMap((node) => literalsOf(node) ?? []);
  const known = words.filter((word) => typeof word === 'string');
  const near = typeof data === 'string' ? suggestion(data, known) : undefined;
  return badValue(
    `must be ${expectation(schema)}${not(quoted)}`,
    near === undefined ? 'use what it must be' : `did you mean "${near}"?`,
  );
}

function badFormat(schema: SchemaNode, data: unknown, quoted: string | undefined): Draft {
  const subject = quoted ?? 'its value';
  switch (schema.format) {
    case 'duration':
      return badValue(`${subject} is not a duration`, DURATION_EXAMPLE);
    case 'size':
      return badValue(`${subject} is not a size`, SIZE_EXAMPLE);
    case 'regex':
      return badValue(
        `${subject} is not a regular expression`,
        quoted ? regexFault(String(data)) : 'correct it',
      );
    default:
      return badValue(
        `${subject} is not ${expectation(schema)}`,
        FORMAT_EXAMPLES[schema.format ?? ''] ?? 'correct it',
      );
  }
}

const FORMAT_EXAMPLES: Readonly<Record<string, string>> = {
  uri: 'write it in full, such as https://host:443/path',
  hostname: 'write one such as db1.example',
  ipv4: 'write one such as 192.0.2.1',
  ipv6: 'write one such as 2001:db8::1',
};

/** What the engine has against it. */
function regexFault(pattern: string): string {
  try {
    new RegExp(pattern, 'u');
    return 'correct it';
  } catch (error) {
    const reason = (error as Error).message.split(': ').at(-1) ?? '';
    return `correct it: ${reason.toLowerCase()}`;
  }
}

const not = (quoted: string | undefined): string => (quoted === undefined ? '' : `, not ${quoted}`);

/** A value for a message; nothing that could hold a password in a URL. */
function quote(value: unknown): string | undefined {
  if (typeof value === 'string' && value.includes('@')) return undefined;
  const text = JSON.stringify(value);
  return text === undefined || text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

/** A JSON pointer's keys; those of lists as numbers. */
export function pathOf(root: unknown, pointer: string): Path {
  const path: (string | number)[] = [];
  let at = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(at) ? Number(key) : key);
    at = (at as Record<string, unknown> | undefined)?.[key];
  }
  return path;
}
