import type { TSchema } from '@dynamic-informer/sdk';
import { compileSchema } from '@dynamic-informer/sdk/host';
import { defaultStateDir } from '../state-dir.ts';
import type { CheckedFile } from './check-file.ts';
import {
  absolute,
  checkStateDir,
  convertDefaults,
  convertPlugin,
  convertResource,
  convertWeb,
  type Defaults,
  memory,
  type Report,
} from './convert.ts';
import { childOf, diagnosticAt, isWithin, placeOf } from './place.ts';
import { configSchema, type RawConfig, type RawPlugin, type RawResource } from './schema.ts';
import type { AgentConfig, Diagnostic, Located, Path, PluginConfig, ResourceConfig } from './types.ts';

export interface Merged {
  /** Where the files or the merging have issues: with defaults for what is wrong, or without it. */
  readonly config: Omit<AgentConfig, 'access'>;
  readonly issues: readonly Diagnostic[];
}

/** Joins the files into one configuration, with durations and sizes as numbers. */
export async function mergeFiles(
  main: CheckedFile,
  included: readonly CheckedFile[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Merged> {
  const issues: Diagnostic[] = [];
  const files = [main, ...included];
  const standard = (await compileSchema(configSchema as TSchema, { isOwn: true }))({}).value as RawConfig;
  const section = <K extends keyof RawConfig>(key: K): RawConfig[K] =>
    isBroken(main, [key]) ? standard[key] : ((main.raw as RawConfig)[key] ?? standard[key]);
  const reportAt = (key: string): Report => reporter(partOf(main, [key]), issues);

  const defaults = convertDefaults(section('defaults'), reportAt('defaults'));
  const written = section('state_dir');
  const stateDir = written === undefined ? defaultStateDir(env) : absolute(written, main.directory);
  checkStateDir(stateDir, reportAt('state_dir'));
  const config: Merged['config'] = {
    web: { ...partOf(main, ['web']), ...convertWeb(section('web'), main.directory, reportAt('web')) },
    stateDir,
    limits: section('limits'),
    sharedHost: {
      memoryBytes: memory(section('shared_host').memory, ['memory'], reportAt('shared_host')),
      logLines: section('shared_host').log_lines,
      cpu: section('shared_host').cpu,
    },
    pluginDirs: section('plugin_dirs').map((folder) => absolute(folder, main.directory)),
    plugins: collect(files, 'plugins', issues, pluginOf),
    resources: collect(files, 'resources', issues, (name, file, part, report) =>
      resourceOf(name, file, part, defaults, report),
    ),
  };
  return { config, issues };
}

/** Is something at, below or above this path not as its type says? */
function isBroken({ issues }: CheckedFile, path: Path): boolean {
  return issues.some(({ path: given = [] }) =>
    given.slice(0, path.length).every((key, index) => key === path[index]),
  );
}

/** What is wrong with a key only: what it holds is as it should be. */
const OF_THE_KEY = ['CONFIG_BAD_NAME', 'CONFIG_DUPLICATE_KEY'];

/** An entry of a section without the keys that are wrong, save those to keep; `undefined` if all of it is. */
function soundPart<T>(
  file: CheckedFile,
  at: readonly [string, string],
  keep: readonly string[],
): T | undefined {
  const [section, name] = at;
  const entry = (file.raw as Readonly<Record<string, Readonly<Record<string, unknown>>>>)[section]?.[name];
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
  const wrong = new Set<unknown>();
  for (const { path = [], code } of file.issues) {
    if (path.length > at.length) {
      if (isWithin(path, at)) wrong.add(path[at.length]);
    } else if (isWithin(at, path) && !(path.length === at.length && OF_THE_KEY.includes(code))) {
      return undefined;
    }
  }
  for (const key of keep) wrong.delete(key);
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !wrong.has(key))) as T;
}

/** What `make` makes of every entry of a section, over all files; a name that comes again is an issue. */
function collect<T>(
  files: readonly CheckedFile[],
  section: 'plugins' | 'resources',
  issues: Diagnostic[],
  make: (name: string, file: CheckedFile, part: Located, report: Report) => T | undefined,
): T[] {
  const seen = new Map<string, Located>();
  const made: T[] = [];
  for (const file of files) {
    const entries = file.raw[section];
    if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) continue;
    for (const name of Object.keys(entries)) {
      const part = partOf(file, [section, name]);
      const earlier = seen.get(name);
      if (earlier) issues.push(duplicate(section, name, part, earlier));
      else seen.set(name, part);
      const item = make(name, file, part, reporter(part, issues));
      if (item !== undefined) made.push(item);
    }
  }
  return made;
}

function pluginOf(name: string, file: CheckedFile, part: Located, report: Report): PluginConfig | undefined {
  const raw = soundPart<RawPlugin>(file, ['plugins', name], []);
  return raw && convertPlugin(name, raw, part, file.directory, report);
}

function resourceOf(
  name: string,
  file: CheckedFile,
  part: Located,
  defaults: Defaults,
  report: Report,
): ResourceConfig | undefined {
  // What is wrong inside `config` is known; the rest of it is for the plugin to check.
  const raw = soundPart<RawResource>(file, ['resources', name], ['config']);
  if (typeof raw?.plugin !== 'string') return undefined;
  const inConfig = (paths: readonly Path[]) =>
    paths
      .filter(([first, second, third]) => first === 'resources' && second === name && third === 'config')
      .map((path) => path.slice(3));
  const context = {
    defaults,
    directory: file.directory,
    substituted: inConfig(file.substituted),
    hidden: inConfig(file.hidden),
  };
  return convertResource(name, raw, part, context, report);
}

function duplicate(section: string, name: string, part: Located, earlier: Located): Diagnostic {
  const { file, line, column } = placeOf(earlier, [], 'key');
  const kind = section === 'plugins' ? 'plugin' : 'resource';
  return {
    code: 'CONFIG_DUPLICATE_KEY',
    class: 'config',
    message: `the ${kind} "${name}" is already at ${file}:${line}:${column}`,
    fix: 'rename or remove one of them',
    path: part.at,
    ...placeOf(part, [], 'key'),
    related: [{ file, line, column, message: `the first "${name}"` }],
  };
}

function partOf({ file, top }: CheckedFile, at: Path): Located {
  let marks = top.marks;
  for (const key of at) marks = childOf(marks, key) ?? marks;
  return { file, at, marks };
}

const reporter =
  (part: Located, issues: Diagnostic[]): Report =>
  (error) => {
    issues.push(diagnosticAt(part, error));
  };
