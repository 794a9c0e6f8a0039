import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { ErrorInfo, TSchema } from '@dynamic-informer/sdk';
import { compileSchema, suggestion } from '@dynamic-informer/sdk/host';
import { isWithin, placeOf } from './place.ts';
import { readYaml } from './read-yaml.ts';
import { configSchema, includedSchema, isSection, keysOf, placesOfKey, type RawConfig } from './schema.ts';
import type { SourceFiles, UnreadableFile } from './source-files.ts';
import { namedFiles, substitute } from './substitute.ts';
import type { Diagnostic, Located, Path } from './types.ts';

export type RawFile = Pick<RawConfig, 'plugins' | 'resources'> & Partial<RawConfig>;

/** One file, read and held against its schema. */
export interface CheckedFile {
  /** As messages show it. */
  readonly file: string;
  /** Absolute. */
  readonly directory: string;
  readonly top: Located;
  /** Substituted, with defaults; only the parts that no issue is about are as their types say. */
  readonly raw: RawFile;
  /** The further files that it names, as far as that can be told. */
  readonly include: readonly string[];
  readonly text: string | undefined;
  readonly substituted: readonly Path[];
  readonly hidden: readonly Path[];
  readonly issues: readonly Diagnostic[];
  readonly secrets: readonly string[];
}

/** Relabel rules use `$1` themselves, and what x- keys hold is not used where it stands. */
const isRaw = (path: Path): boolean =>
  (path.length === 1 && String(path[0]).startsWith('x-')) ||
  (path.length === 3 && path[0] === 'resources' && path[2] === 'relabel');

/** Reads and checks a file; nothing that is wrong with it is thrown. */
export async function checkFile(
  file: string,
  kind: 'main' | 'included',
  sources: Pick<SourceFiles, 'read'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CheckedFile> {
  const directory = dirname(resolve(file));
  const text = await sources.read(file);
  if (typeof text !== 'string') return unusable(file, directory, unreadable(file, text));
  const yaml = readYaml(file, text);
  const top: Located = { file, at: [], marks: yaml.marks };
  if (yaml.value === undefined) {
    return { ...unusable(file, directory, ...yaml.issues), include: yaml.include, text };
  }

  const given = withoutEmptySections(yaml.value);
  const named = [...namedFiles(given, isRaw)];
  const texts = await Promise.all(
    named.map(
      async (name) => [name, await sources.read(isAbsolute(name) ? name : join(directory, name))] as const,
    ),
  );
  const filled = substitute(given, isRaw, { env, files: new Map(texts) });
  const fromSubstitution = new Set(filled.paths.map((path) => JSON.stringify(path)));
  const check = await compileSchema((kind === 'main' ? configSchema : includedSchema) as TSchema, {
    isOwn: true,
  });
  const checked = check(filled.value, { coerce: (path) => fromSubstitution.has(JSON.stringify(path)) });

  // What could not be read or put in can't be right either; that it is missing is enough to say.
  const unread = [...yaml.issues.filter(({ code }) => code !== 'CONFIG_DUPLICATE_KEY'), ...filled.issues];
  const found = [
    ...filled.issues,
    ...checked.issues
      .filter(({ path }) => !unread.some((issue) => isWithin(path, issue.path ?? [])))
      .map((issue) => (issue.code === 'CONFIG_UNKNOWN_KEY' ? knownElsewhere(issue, kind) : issue)),
  ].map((issue) => placed(top, issue));
  const issues = [...yaml.issues, ...found];
  const include = (checked.value as Partial<RawConfig> | null)?.include;
  return {
    file,
    directory,
    top,
    raw: (isMapping(checked.value) ? checked.value : {}) as RawFile,
    include: Array.isArray(include) && !issues.some(({ path = [] }) => path[0] === 'include') ? include : [],
    text,
    substituted: filled.paths,
    hidden: filled.hidden,
    issues,
    secrets: [...filled.secrets, ...passwordsIn(checked.value)],
  };
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutEmptySections(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key, part]) => part !== null || !isSection(key)));
}

type Issue = ErrorInfo & { readonly path: Path; readonly on?: 'key' | 'value' };

function placed(top: Located, { on, ...issue }: Issue): Diagnostic {
  return { ...issue, ...placeOf(top, issue.path, on) };
}

/** An unknown key that the main file, or another part of it, knows. */
function knownElsewhere(issue: Issue, kind: 'main' | 'included'): Issue {
  const { path } = issue;
  const key = JSON.stringify(path.at(-1));
  if (kind === 'included' && path.length === 1 && Object.hasOwn(configSchema.properties, String(path[0]))) {
    const message = `the key ${key} is not for an included file`;
    return { ...issue, message, fix: 'move it to the main file' };
  }
  const name = String(path.at(-1));
  if (suggestion(name, keysOf(path.slice(0, -1))) !== undefined) return issue;
  const places = placesOfKey(name);
  if (places.length > 0) return { ...issue, fix: `it belongs under ${places.join(' or ')}` };
  if (path.length === 3 && path[0] === 'resources') {
    return { ...issue, fix: `settings of the plugin's go under config; ${issue.fix}` };
  }
  return issue;
}

function unusable(file: string, directory: string, ...issues: Diagnostic[]): CheckedFile {
  const top: Located = { file, at: [], marks: [1, 1, 1, 1] };
  const nothing = { raw: {}, include: [], text: undefined, substituted: [], hidden: [], secrets: [] };
  return { ...nothing, file, directory, top, issues };
}

function unreadable(file: string, { message, fix, place: [line, column] }: UnreadableFile): Diagnostic {
  return {
    code: 'CONFIG_UNREADABLE_FILE',
    class: 'config',
    message: `the file can't be read: ${message}`,
    fix: fix ?? 'correct the path, or make the file readable',
    file,
    line,
    column,
    path: [],
  };
}

/** Passwords inside URLs, as written and as they are meant. */
function passwordsIn(value: unknown): string[] {
  if (typeof value === 'string') {
    const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s:@]*:([^/?#\s]+)@/i.exec(value) ?? [];
    return password === undefined ? [] : [...new Set([password, decoded(password)])];
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(passwordsIn) : [];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
