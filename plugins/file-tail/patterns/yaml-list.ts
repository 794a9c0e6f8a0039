import { type TSchema, Type } from '@dynamic-informer/sdk';
import { compileSchema } from '@dynamic-informer/sdk/host';
import type { Document, Node } from 'yaml';
import type { Path, Report } from './report.ts';

/** A file with a list in it, read; what is wrong with an item's insides is reported with file, line and column. */
export interface ListFile<T> {
  readonly items: readonly T[];
  /** Reports what is wrong at a path that begins with an item's index. */
  readonly report: Report;
}

const MAX_ITEMS = 1000;

/** Reads a YAML file that is a list of what the schema says; undefined if it is none, which is reported then. */
export async function readList<T>(
  file: string,
  text: string,
  schema: TSchema,
  report: Report,
): Promise<ListFile<T> | undefined> {
  // Who has no such file needs no parser.
  const { isAlias, isMap, isNode, isScalar, isSeq, parseDocument } = await import('yaml');

  const reportAt = (offset: number, message: string, fix: string, severity?: 'error' | 'warning') => {
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - before.lastIndexOf('\n');
    report([], `${file}:${line}:${column}: ${message}`, fix, severity);
  };

  /** Where a path leads in the text, or the last thing on the way that is there. */
  const offsetOf = (document: Document, path: Path, on: 'key' | 'value'): number => {
    let node: Node | null | undefined = document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [index, key] of path.entries()) {
      if (isAlias(node)) node = node.resolve(document);
      const pair = isMap(node)
        ? node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
        : undefined;
      const next: unknown = isSeq(node) ? node.items[Number(key)] : pair?.value;
      if (!isNode(next)) break;
      const isKey = on === 'key' && index === path.length - 1;
      offset = (isKey ? (pair?.key as Node | undefined) : next)?.range?.[0] ?? offset;
      node = next;
    }
    return offset;
  };

  let document: Document;
  let value: unknown;
  try {
    document = parseDocument(text, { version: '1.2', schema: 'core', merge: true, prettyErrors: false });
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) {
      reportAt(fault.pos[0], `this is not YAML: ${fault.message.split('\n')[0]}`, 'correct it');
      return undefined;
    }
    value = document.toJS();
  } catch (error) {
    reportAt(
      0,
      `this can't be read: ${(error as Error).message}`,
      'write it with less nesting and fewer anchors',
    );
    return undefined;
  }
  const check = await compileSchema(listOf(schema));
  const checked = check(value ?? []);
  const reportOn =
    (on: 'key' | 'value' = 'value'): Report =>
    (path, message, fix, severity) => {
      const place = path.length > 0 ? `${shownPath(path)}: ` : '';
      reportAt(offsetOf(document, path, on), place + message, fix, severity);
    };
  for (const { path, message, fix = 'correct it', on } of checked.issues) reportOn(on)(path, message, fix);
  if (checked.issues.length > 0) return undefined;
  return { items: checked.value as T[], report: reportOn() };
}

const lists = new WeakMap<TSchema, TSchema>();

/** The same list for the same items, so that its schema is compiled once. */
function listOf(items: TSchema): TSchema {
  const known = lists.get(items) ?? Type.Array(items, { minItems: 1, maxItems: MAX_ITEMS });
  lists.set(items, known);
  return known;
}

function shownPath(path: Path): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${key}`))
    .join('');
}
