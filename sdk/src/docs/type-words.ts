import { alternatives, literalsOf, type SchemaNode, typesOf } from '../schema/node.ts';

/** What a value is called, once and several times. */
type Noun = readonly [one: string, several: string];

const TYPES: Readonly<Record<string, Noun>> = {
  string: ['string', 'strings'],
  number: ['number', 'numbers'],
  integer: ['integer', 'integers'],
  boolean: ['boolean', 'booleans'],
  array: ['list', 'lists'],
  object: ['mapping', 'mappings'],
  null: ['nothing', 'nothing'],
};

const FORMATS: Readonly<Record<string, Noun>> = {
  duration: ['duration', 'durations'],
  size: ['size', 'sizes'],
  regex: ['regular expression', 'regular expressions'],
  uri: ['URL', 'URLs'],
  hostname: ['host name', 'host names'],
  ipv4: ['IPv4 address', 'IPv4 addresses'],
  ipv6: ['IPv6 address', 'IPv6 addresses'],
};

/**
 * What a schema takes, in a few words for a table's cell: `duration`, `integer from 1 to 100`,
 * `list of strings, not empty`, `` `list` or `stream` ``.
 */
export const typeWords = (schema: SchemaNode): string => nounOf(schema)[0];

function nounOf(schema: SchemaNode): Noun {
  const literals = literalsOf(schema);
  if (literals) {
    const listed = alternatives(literals.map((literal) => `\`${plain(literal)}\``));
    return [listed, listed];
  }
  if (schema.anyOf) {
    const inner = schema.anyOf.map(nounOf);
    return [alternatives(inner.map(([one]) => one)), alternatives(inner.map(([, several]) => several))];
  }
  const limits = limitsOf(schema);
  const [one, several] = unlimited(schema);
  return [one + limits, several + limits];
}

function unlimited(schema: SchemaNode): Noun {
  if (schema.format !== undefined) return FORMATS[schema.format] ?? [schema.format, schema.format];
  const { items } = schema;
  if (isTuple(items)) {
    const words = items.map(typeWords).join(', ');
    return [`list of ${words}`, `lists of ${words}`];
  }
  const nouns = (typesOf(schema) ?? []).map((name): Noun => TYPES[name] ?? [name, name]);
  const [noun] = nouns;
  if (!noun) return ['anything', 'anything'];
  if (nouns.length > 1) {
    return [alternatives(nouns.map(([one]) => one)), alternatives(nouns.map(([, several]) => several))];
  }
  const inner = items ?? valueSchemaOf(schema);
  if (!inner) return noun;
  const of = ` of ${items ? '' : 'names to '}${severalOf(inner)}`;
  return [noun[0] + of, noun[1] + of];
}

/** Of items: their range in brackets, so that it is not taken for the list's. That a text is not empty goes without saying. */
function severalOf(schema: SchemaNode): string {
  if (literalsOf(schema)) return nounOf(schema)[1];
  if (schema.anyOf) return alternatives(schema.anyOf.map(severalOf));
  const limits = limitsOf(schema.minLength === 1 ? { ...schema, minLength: 0 } : schema);
  const [, several] = unlimited(schema);
  return limits === '' ? several : `${several} (${limits.replace(/^[, ]+/, '')})`;
}

const isTuple = (items: SchemaNode['items']): items is readonly SchemaNode[] => Array.isArray(items);

/** The schema of the values of a mapping whose keys are the operator's own. */
export function valueSchemaOf({
  patternProperties,
  additionalProperties,
}: SchemaNode): SchemaNode | undefined {
  const [value] = Object.values(patternProperties ?? {});
  return value ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
}

/** Ranges, lengths and patterns, to stand behind the noun. */
function limitsOf(schema: SchemaNode): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const words: string[] = [];
  if (minimum !== undefined && maximum !== undefined) words.push(` from ${minimum} to ${maximum}`);
  else if (minimum !== undefined) words.push(`, at least ${minimum}`);
  else if (maximum !== undefined) words.push(`, at most ${maximum}`);
  if (exclusiveMinimum !== undefined) words.push(`, above ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined) words.push(`, below ${exclusiveMaximum}`);
  if (multipleOf !== undefined) words.push(`, a multiple of ${multipleOf}`);
  words.push(...countWords(schema.minLength, schema.maxLength, 'characters'));
  if (schema.pattern !== undefined) words.push(`, matching \`${schema.pattern}\``);
  if (!Array.isArray(schema.items)) words.push(...countWords(schema.minItems, schema.maxItems, 'items'));
  if (schema.uniqueItems) words.push(', none twice');
  return words.join('');
}

function countWords(least: number | undefined, most: number | undefined, what: string): string[] {
  const words: string[] = [];
  if (least === 1) words.push(', not empty');
  else if (least !== undefined && least > 0) words.push(`, at least ${least} ${what}`);
  if (most !== undefined) words.push(`, at most ${most} ${what}`);
  return words;
}

/** A value as YAML would have it in one line; text without quotes where that means the same. */
export function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  if (typeof value !== 'string') return JSON.stringify(value);
  const isWord = /^[A-Za-z0-9/_.](?:[A-Za-z0-9/_.:+-]*[A-Za-z0-9/_.+-])?$/.test(value);
  const isOther =
    /^(?:true|false|null|\.nan|[-+]?\.inf|0[ox].*)$/i.test(value) || Number.isFinite(Number(value));
  return isWord && !isOther ? value : JSON.stringify(value);
}
