import { shownKey } from '@dynamic-informer/sdk/host';
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { lineIndex } from './line-index.ts';
import { isOwnSetting } from './schema.ts';
import type { Diagnostic, Marks, Path } from './types.ts';

/** What one file says, with the place of every part of it. */
export interface YamlFile {
  /**
   * `undefined` if it can't be read. A key that is there twice has its first value; what one of the issues names is
   * there without sense.
   */
  readonly value: unknown;
  readonly marks: Marks;
  readonly issues: readonly Diagnostic[];
  /** Of a file that can't be read: what stands under `include` above the first mistake. */
  readonly include: readonly string[];
}

/** Anchors multiply; a configuration that becomes larger than this is an accident or an attack. */
const MAX_VALUES = 500_000;
const MAX_DEPTH = 100;
/** What YAML does not allow in a file; the parser would let it pass. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;
const MAX_SYNTAX_ERRORS = 5;
const MAX_ISSUES = 100;

/** Reads YAML 1.2 (core schema, one document, merge keys) or JSON. What is wrong is an issue, never thrown. */
export function readYaml(file: string, text: string): YamlFile {
  // Not yaml's own line counter: where its lexer stops early, it knows no further lines.
  const at = lineIndex(text);
  const issue = (offset: number, message: string, fix: string, code = 'CONFIG_BAD_YAML'): Diagnostic => {
    const [line, column] = at(offset);
    return { code, class: 'config', message, fix, file, line, column, path: [] };
  };
  const nothing = (issues: readonly Diagnostic[], include: readonly string[] = []): YamlFile => ({
    value: undefined,
    marks: [1, 1, 1, 1],
    issues,
    include,
  });

  const unprintable = UNPRINTABLE.exec(text);
  if (unprintable) {
    const code = unprintable[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    const fact = `the file holds a character that is no text (U+${code})`;
    return nothing([
      issue(unprintable.index, fact, 'remove it; in double quotes it can be written as an escape'),
    ]);
  }
  let document: Document.Parsed<ParsedNode>;
  try {
    document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      prettyErrors: false,
      uniqueKeys: false,
      // Below it, further documents are passed over in silence.
      logLevel: 'error',
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return nothing([issue(0, 'the file is nested too deeply to be read', 'flatten it')]);
  }
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const found = faults.map((fault) => syntaxIssue(fault, issue));
    // What else is wrong in a line mostly comes of the first fault.
    const first = found.filter(({ line }, i) => found.findIndex((other) => other.line === line) === i);
    const begin = Math.min(...faults.map(({ pos }) => pos[0]));
    return nothing(first.slice(0, MAX_SYNTAX_ERRORS), includedAbove(document, begin));
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) {
    return nothing([
      issue(0, 'the file is empty', 'write a configuration into it, or remove it', 'CONFIG_EMPTY'),
    ]);
  }
  const composer = new Composer(document, at, issue);
  const { value, marks } = composer.compose(document.contents, [1, 1], []);
  const { issues, isTooLarge } = composer;
  return { value: isTooLarge ? undefined : value, marks, issues, include: [] };
}

/** The list under `include` if all of it stands before an offset. */
function includedAbove({ contents }: Document, offset: number): string[] {
  const list = isMap(contents) ? contents.get('include', true) : undefined;
  if (!isSeq(list) || !list.range || list.range[1] >= offset) return [];
  const texts = list.items.map((item) => (isScalar(item) ? item.value : undefined));
  return texts.filter((text) => typeof text === 'string' && text !== '' && !text.includes('$')) as string[];
}

type MakeIssue = (offset: number, message: string, fix: string, code?: string) => Diagnostic;

function syntaxIssue({ code, message, pos }: YAMLError, issue: MakeIssue): Diagnostic {
  if (code === 'MULTIPLE_DOCS') {
    return issue(pos[0], 'the file holds more than one document', 'remove what follows the line "---"');
  }
  return issue(pos[0], `this is not YAML: ${factOf(code, message)}`, 'correct it');
}

/** What the parser says, without what it quotes of the file: that can be a secret. */
function factOf(code: YAMLError['code'], message: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'a tag ("!…") is not known';
  if (code === 'BAD_DIRECTIVE') return 'a directive ("%…") is not known';
  const [sentence = message] = message.split('\n');
  const fact = sentence.replace(/(?<=\S): .*$/s, '').replace(/[.:]+$/, '');
  return `${fact.charAt(0).toLowerCase()}${fact.slice(1)}`;
}

interface Composed {
  readonly value: unknown;
  readonly marks: Marks;
}

/** Turns nodes into plain values and marks, with aliases and merge keys resolved. */
class Composer {
  readonly issues: Diagnostic[] = [];
  readonly #targets = new Map<Alias, Node>();
  /** Nodes that are being composed: an alias to one of them refers to itself. */
  readonly #open = new Set<Node>();
  readonly #at: (offset: number) => [number, number];
  readonly #issue: MakeIssue;
  #count = 0;
  isTooLarge = false;

  constructor(document: Document.Parsed, at: (offset: number) => [number, number], issue: MakeIssue) {
    this.#at = at;
    this.#issue = issue;
    const anchors = new Map<string, Node>();
    visit(document, {
      Node: (_key, node) => {
        if (isAlias(node)) {
          const target = anchors.get(node.source);
          if (target) this.#targets.set(node, target);
        } else if (node.anchor) {
          anchors.set(node.anchor, node);
        }
      },
    });
  }

  compose(node: unknown, keyMark: [number, number], path: Path): Composed {
    const [line, column] = this.#markOf(node) ?? keyMark;
    const leaf = (value: unknown): Composed => ({ value, marks: [line, column, ...keyMark] });
    if (++this.#count > MAX_VALUES || path.length > MAX_DEPTH) {
      this.#refuseSize(node, path);
      return leaf(undefined);
    }
    if (isScalar(node)) return leaf(node.value);
    if (isAlias(node)) {
      const composed = this.#follow(node, keyMark, path);
      return { value: composed.value, marks: [line, column, ...keyMark, composed.marks[4] ?? {}] };
    }
    if (!isMap(node) && !isSeq(node)) return leaf(null);
    this.#open.add(node);
    const children = isMap(node) ? this.#entries(node, path) : this.#items(node.items, path);
    this.#open.delete(node);
    const values = [...children].map(([key, child]): [string, unknown] => [key, child.value]);
    const marks = Object.fromEntries([...children].map(([key, child]) => [key, child.marks]));
    return {
      // Object.fromEntries defines what it sets, so that a key "__proto__" stays a key.
      value: isMap(node) ? Object.fromEntries(values) : values.map(([, value]) => value),
      marks: [line, column, ...keyMark, marks],
    };
  }

  #items(items: readonly unknown[], path: Path): Map<string, Composed> {
    return new Map(
      items.map((item, index) => [
        String(index),
        this.compose(item, this.#markOf(item) ?? [1, 1], [...path, index]),
      ]),
    );
  }

  #entries(map: YAMLMap, path: Path): Map<string, Composed> {
    const entries = new Map<string, Composed>();
    const merges: unknown[] = [];
    for (const { key, value } of map.items) {
      if (isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
        merges.push(value);
        continue;
      }
      const name = keyText(key);
      if (name === undefined) {
        this.#refuse(key ?? value, path, 'a key must be text', 'name it, or put it in quotes');
        continue;
      }
      const mark = this.#markOf(key) ?? [1, 1];
      const earlier = entries.get(name);
      if (earlier) {
        const [, , line, column] = earlier.marks;
        const fact = `the key ${JSON.stringify(shownKey(name))} is already at ${line}:${column}`;
        this.#refuse(key, [...path, name], fact, 'keep one of them', 'CONFIG_DUPLICATE_KEY');
        continue;
      }
      entries.set(name, this.compose(value, mark, [...path, name]));
    }
    for (const merged of merges.flatMap((value) => this.#merged(value, path))) {
      for (const [name, child] of merged) if (!entries.has(name)) entries.set(name, child);
    }
    return entries;
  }

  /** The mappings that a merge key brings, the first to win first. */
  #merged(value: unknown, path: Path): Map<string, Composed>[] {
    const source = isAlias(value) ? this.#targets.get(value) : value;
    if (isSeq(source)) return source.items.flatMap((item) => this.#merged(item, path));
    if (!isMap(source)) {
      this.#refuse(value, path, '"<<" merges mappings, and this is none', 'refer to a mapping: <<: *name');
      return [];
    }
    if (this.#open.has(source)) {
      this.#refuse(value, path, 'an anchor refers to itself', 'remove the alias');
      return [];
    }
    this.#open.add(source);
    const entries = this.#entries(source, path);
    this.#open.delete(source);
    return [entries];
  }

  #follow(alias: Alias, keyMark: [number, number], path: Path): Composed {
    const target = this.#targets.get(alias);
    if (target && !this.#open.has(target)) return this.compose(target, keyMark, path);
    if (target) this.#refuse(alias, path, 'an anchor refers to itself', 'remove the alias');
    else this.#refuse(alias, path, ...missingAnchor(alias.source, path));
    // Not undefined: its key is there.
    return { value: null, marks: [...(this.#markOf(alias) ?? keyMark), ...keyMark] };
  }

  #markOf(node: unknown): [number, number] | undefined {
    const range = (node as Node | null | undefined)?.range;
    return range ? this.#at(range[0]) : undefined;
  }

  #refuseSize(node: unknown, path: Path): void {
    if (this.isTooLarge) return;
    this.isTooLarge = true;
    const what =
      path.length > MAX_DEPTH
        ? `is nested more than ${MAX_DEPTH} deep`
        : `expands to more than ${MAX_VALUES} values`;
    this.#refuse(node, path.slice(0, 1), `the configuration ${what}`, 'make it smaller');
  }

  /** Only the first time for a node: what is wrong in an anchor is wrong wherever it is used. */
  #refuse(node: unknown, path: Path, message: string, fix: string, code?: string): void {
    const issue = this.#issue((node as Node | null | undefined)?.range?.[0] ?? 0, message, fix, code);
    const known = this.issues.some(
      ({ line, column, message: said }) => line === issue.line && column === issue.column && said === message,
    );
    if (!known && this.issues.length < MAX_ISSUES) this.issues.push({ ...issue, path });
  }
}

/** What is wrong, and what to do. A password can begin with "*": where one may be, no name is told. */
function missingAnchor(name: string, path: Path): [message: string, fix: string] {
  if (isOwnSetting(path)) return [`there is no anchor "&${name}" before it`, `define it with &${name}`];
  return [
    'there is no such anchor before it',
    'define the anchor with "&", or put text that begins with "*" in quotes',
  ];
}

/** A key as it is written; numbers and booleans count as text, mappings and nothing do not. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const { value, source } = key as Scalar;
  if (value === null || value === '') return undefined;
  return typeof value === 'string' ? value : (source ?? String(value));
}
