import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { configSchema } from '../config/schema.ts';
import { apply, type Edit, looksLikeCredential, maskedScalar, maskedText } from './redact-text.ts';
import { commentEdits, redactTokens, strayMarkEdits } from './redact-tokens.ts';

/** As much of a JSON schema as says what is where. */
interface Schema {
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema | readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: unknown;
  readonly const?: unknown;
  readonly enum?: unknown;
}

/**
 * What is known of a part. `secret`: it is one. `doubtful`: nobody says what it is, so that only what can't be a secret is
 * kept. Else the schemas that may hold for it.
 */
type Nature = 'secret' | 'doubtful' | readonly Schema[];

const CONFIG = configSchema as unknown as Schema;
/** Anchors multiply; of a file that becomes larger than this only keys are left. */
const MAX_VISITS = 200_000;

/**
 * A configuration file's text without its secrets: what a plugin's schema marks, what stands under keys that look like
 * credentials, passwords in URLs, well-known kinds of tokens, and all comments, since old passwords are left there. References
 * stay as they are written; lines keep their numbers. Of a file that is not YAML only keys are left.
 *
 * `schemaOf` gives the schema of a plugin's `config`; all that an unknown plugin is given is masked.
 */
export function redactConfig(text: string, schemaOf: (plugin: string) => unknown): string {
  const document = parse(text);
  if (!document) return maskedText(redactTokens(text));
  const walk = new Walk(schemaOf);
  visit(document, { Node: (_key, node) => walk.know(node as Node) });
  walk.file(document.contents);
  if (walk.isTooLarge) return maskedText(redactTokens(text));
  const edits = [...walk.edits, ...commentEdits(text), ...strayMarkEdits(text, walk.anchorsInUse)];
  return maskedText(apply(text, edits));
}

function parse(text: string) {
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    return document.errors.length > 0 || document.warnings.length > 0 ? undefined : document;
  } catch {
    // Nested too deeply.
    return undefined;
  }
}

class Walk {
  readonly edits: Edit[] = [];
  readonly anchorsInUse = new Set<string>();
  readonly #schemaOf: (plugin: string) => unknown;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Alias, Node>();
  /** What has been walked, and as what: an alias leads to the same node again. */
  readonly #done = new Map<Node, Set<string>>();

  #visits = 0;

  constructor(schemaOf: (plugin: string) => unknown) {
    this.#schemaOf = schemaOf;
  }

  get isTooLarge(): boolean {
    return this.#visits > MAX_VISITS;
  }

  /** Called for every node in order, so that an alias leads to the anchor before it. */
  know(node: Node): void {
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target) this.#targets.set(node, target);
      if (target) this.anchorsInUse.add(node.source);
    } else if ((isScalar(node) || isCollection(node)) && node.anchor) {
      this.#anchors.set(node.anchor, node);
    }
  }

  file(contents: unknown): void {
    if (!isMap(contents)) {
      this.#visit(contents, 'doubtful');
      return;
    }
    for (const [key, value] of this.#pairs(contents)) {
      if (key === 'resources') this.#resources(value);
      else this.#keyed(key, value, key.startsWith('x-') ? 'doubtful' : valuesAt([CONFIG], key));
    }
  }

  #resources(node: unknown): void {
    const map = this.#followed(node);
    if (!isMap(map)) {
      this.#visit(map, 'doubtful');
      return;
    }
    const known = valuesAt(valuesAt([CONFIG], 'resources'), 'name');
    for (const [, value] of this.#pairs(map)) {
      const resource = this.#followed(value);
      if (!isMap(resource)) this.#visit(resource, 'doubtful');
      else this.#resource(resource, known);
    }
  }

  #resource(resource: YAMLMap, known: readonly Schema[]): void {
    const pairs = this.#pairs(resource);
    const plugin = this.#followed(pairs.find(([key]) => key === 'plugin')?.[1]);
    const schema = isScalar(plugin) ? this.#schemaOf(String(plugin.value)) : undefined;
    for (const [key, value] of pairs) {
      if (key === 'config') this.#visit(value, isSchema(schema) ? [schema] : 'doubtful');
      else this.#keyed(key, value, valuesAt(known, key));
    }
  }

  #keyed(key: string, value: unknown, nature: Nature): void {
    const suspicion = looksLikeCredential(key);
    const isOne = suspicion === 'surely' || (suspicion === 'maybe' && !isCollection(this.#followed(value)));
    this.#visit(value, isOne ? 'secret' : nature);
  }

  #visit(node: unknown, known: Nature): void {
    const isSecret = typeof known !== 'string' && branches(known).some(({ secret }) => secret === true);
    const nature = isSecret ? 'secret' : known;
    if (isAlias(node)) {
      const target = this.#targets.get(node);
      if (target) this.#visit(target, nature);
      // A password that begins with an asterisk.
      else this.#mask(node, '"***"');
      return;
    }
    if (!isScalar(node) && !isCollection(node)) return;
    if (++this.#visits > MAX_VISITS) return;
    const label = typeof nature === 'string' ? nature : 'schema';
    const done = this.#done.get(node) ?? new Set();
    this.#done.set(node, done);
    if (done.has(label) && label !== 'schema') return;
    // Anchors that refer to themselves would be followed for ever.
    if (done.has('open')) return;
    done.add(label).add('open');
    if (isScalar(node)) this.#scalar(node, nature);
    else this.#collection(node, nature);
    done.delete('open');
  }

  #collection(node: Node, nature: Nature): void {
    if (isMap(node)) {
      for (const [key, value, keyNode] of this.#pairs(node)) {
        if (nature === 'secret') this.#visit(keyNode, 'secret');
        if (nature === 'secret' || nature === 'doubtful') this.#visit(value, this.#inside(key, nature));
        else this.#keyed(key, value, this.#inside(key, nature));
      }
      return;
    }
    if (!isCollection(node)) return;
    for (const [index, item] of node.items.entries()) {
      if (!isPair(item)) this.#visit(item, typeof nature === 'string' ? nature : itemsOf(nature, index));
    }
  }

  #inside(key: string, nature: Nature): Nature {
    return typeof nature === 'string' ? nature : valuesAt(nature, key);
  }

  #scalar(node: Scalar, nature: Nature): void {
    if (typeof nature !== 'string' && nature.some(isTelling)) return;
    const masked = maskedScalar(node.value, nature === 'secret' ? 'secret' : 'doubtful');
    if (masked !== undefined) this.#mask(node, masked);
  }

  #mask(node: Node, text: string): void {
    if (node.range) this.edits.push({ start: node.range[0], end: node.range[1], text });
  }

  #followed(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  /** The pairs of a mapping, those of the mappings that it merges included. */
  #pairs(map: YAMLMap, open: readonly unknown[] = []): [key: string, value: unknown, keyNode: unknown][] {
    if (open.includes(map)) return [];
    return map.items.flatMap(({ key, value }): [string, unknown, unknown][] => {
      const name = isScalar(key) ? String(key.value) : '';
      if (name !== '<<') return [[name, value, key]];
      const merged = this.#followed(value);
      const sources = isCollection(merged) && !isMap(merged) ? merged.items : [merged];
      return sources.flatMap((source) => {
        const target = this.#followed(source);
        return isMap(target) ? this.#pairs(target, [...open, map]) : [];
      });
    });
  }
}

/** Whether a schema says what a value is; `{}` takes anything. */
const isTelling = ({ type, enum: one, ...schema }: Schema): boolean =>
  type !== undefined || one !== undefined || 'const' in schema || (schema.anyOf ?? []).some(isTelling);

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** All schemas that may hold for the value at a key; none if no schema knows the key. */
function valuesAt(schemas: readonly Schema[], key: string): readonly Schema[] {
  return branches(schemas).flatMap((schema): Schema[] => {
    const { properties, patternProperties = {}, additionalProperties } = schema;
    if (properties && Object.hasOwn(properties, key)) return [properties[key] ?? {}];
    const patterns = Object.entries(patternProperties).filter(([pattern]) =>
      new RegExp(pattern, 'u').test(key),
    );
    if (patterns.length > 0) return patterns.map(([, inner]) => inner);
    return isSchema(additionalProperties) ? [additionalProperties] : [];
  });
}

function itemsOf(schemas: readonly Schema[], index: number): readonly Schema[] {
  return branches(schemas).flatMap(({ items }): Schema[] => {
    if (Array.isArray(items)) return items[index] === undefined ? [] : [items[index] as Schema];
    return isSchema(items) ? [items as Schema] : [];
  });
}

const branches = (schemas: readonly Schema[]): readonly Schema[] =>
  schemas.flatMap((schema) => [schema, ...branches([...(schema.anyOf ?? []), ...(schema.allOf ?? [])])]);
