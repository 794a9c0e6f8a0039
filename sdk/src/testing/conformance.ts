import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasGeneratedParts, updateReadme } from '../docs/readme.ts';
import { toErrorInfo } from '../errors.ts';
import type { Plugin } from '../plugin.ts';
import type { TSchema } from '../schema/schema.ts';
import { openForTest, type TestOptions } from './open.ts';

/** One check of the suite, for any test runner: `it(check.name, check.run)`. */
export interface Check {
  readonly name: string;
  run(): Promise<void>;
}

export interface SuiteOptions extends TestOptions {
  /** The plugin's folder: `import.meta.dirname`. Its `testcases` are checks too. */
  folder: string;
  /** A configuration that opens and collects without an error. */
  config(): unknown;
  /** What `${NAME}` stands for in the test cases. */
  variables?(): Record<string, string> | Promise<Record<string, string>>;
}

/** What every plugin has to keep to, and the plugin's own test cases. */
export function testPlugin<S extends TSchema>(plugin: Plugin<S>, options: SuiteOptions): Check[] {
  const open = async () => openForTest(plugin, await options.config(), options);
  const checks: Check[] = [
    {
      name: 'names itself as configurations write it, and describes every key of its configuration',
      async run() {
        assert.match(plugin.name, /^[a-z][a-z0-9-]*$/);
        assertDescribed(plugin.config as Node, 'config');
      },
    },
    {
      name: 'collects without an error what it describes, the same descriptors each time',
      async run() {
        await using first = await open();
        const result = await first.collect();
        assert.deepEqual(result.errors, []);
        assert.equal(result.outcome, 'ok');
        assert.ok(result.families.length > 0, 'a collect returned nothing');
        await using second = await open();
        assert.deepEqual(second.descriptors, first.descriptors);
      },
    },
    {
      name: 'two collectors of one configuration share nothing',
      async run() {
        await using first = await open();
        const before = Object.keys(globalThis).sort();
        const second = await open();
        await second.collect();
        await second.close();
        assert.equal((await first.collect()).outcome, 'ok');
        assert.deepEqual(Object.keys(globalThis).sort(), before, 'a global was added');
      },
    },
    {
      name: 'opens and closes twenty times and leaves nothing behind',
      async run() {
        const cycle = async () => {
          const collector = await open();
          await collector.collect();
          await collector.close();
        };
        // The first rounds fill caches and pools that stay.
        for (let round = 0; round < 3; round++) await cycle();
        const before = await openHandles();
        for (let round = 0; round < 20; round++) await cycle();
        await settlesAt(before);
      },
    },
  ];
  const readme = join(options.folder, 'README.md');
  if (existsSync(readme) && hasGeneratedParts(readFileSync(readme, 'utf8'))) {
    checks.push({
      name: 'has a README.md whose tables say what the code does',
      run: () => checkReadme(plugin, readme),
    });
  }
  const cases = join(options.folder, 'testcases');
  for (const name of existsSync(cases) ? readdirSync(cases).sort() : []) {
    checks.push({ name: `testcases/${name}`, run: () => runCase(plugin, join(cases, name), options) });
  }
  return checks;
}

async function checkReadme<S extends TSchema>(plugin: Plugin<S>, file: string): Promise<void> {
  const { stale } = updateReadme(await readFile(file, 'utf8'), plugin);
  assert.deepEqual(
    stale,
    [],
    `${file}: what is generated there is not what the code says; run "npm run docs"`,
  );
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly description?: string;
  readonly const?: unknown;
}

function assertDescribed(schema: Node, path: string): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const fixed = property.const !== undefined;
    assert.ok(fixed || property.description, `${path}.${key} has no description`);
    assertDescribed(property, `${path}.${key}`);
  }
  for (const branch of schema.anyOf ?? []) assertDescribed(branch, path);
  if (schema.items) assertDescribed(schema.items, `${path}[]`);
}

interface Handles {
  readonly resources: number;
  readonly files: number;
}

/** Timers and sockets that keep a process alive, and its open files where the system tells. */
async function openHandles(): Promise<Handles> {
  const kinds = process
    .getActiveResourcesInfo()
    .filter((kind) => kind !== 'CloseReq' && kind !== 'Immediate');
  const files = existsSync('/proc/self/fd') ? (await readdir('/proc/self/fd')).length : 0;
  return { resources: kinds.length, files };
}

/** Sockets close a turn or two after they are told to. */
async function settlesAt(before: Handles): Promise<void> {
  for (let turn = 0; ; turn++) {
    const now = await openHandles();
    if (now.resources <= before.resources && now.files <= before.files) return;
    if (turn === 100)
      assert.fail(`left behind: ${JSON.stringify(before)} before, ${JSON.stringify(now)} after`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function runCase<S extends TSchema>(
  plugin: Plugin<S>,
  folder: string,
  options: SuiteOptions,
): Promise<void> {
  const { parse } = await import('yaml');
  const variables = (await options.variables?.()) ?? {};
  const read = async (name: string) => substitute(await readFile(join(folder, name), 'utf8'), variables);
  const config: unknown = parse(await read('config.yaml'));
  if (existsSync(join(folder, 'expected.err'))) {
    const expected = (await read('expected.err')).trim();
    const actual = await failureOf(plugin, config, { ...options, directory: folder });
    assert.ok(matches(expected, actual), `expected the error\n  ${expected}\nbut it is\n  ${actual}`);
    return;
  }
  await using collector = await openForTest(plugin, config, { ...options, directory: folder });
  const { exposition, errors } = await collector.collect();
  const expected = (await read('expected.prom')).trimEnd().split('\n');
  const actual = exposition.trimEnd().split('\n');
  // What matches is shown as it was expected, so that a failure shows only what differs.
  const shown = actual.map((line, i) => (matches(expected[i] ?? '', line) ? expected[i] : line));
  assert.deepEqual(shown, expected, `errors: ${JSON.stringify(errors)}\n${exposition}`);
}

async function failureOf<S extends TSchema>(
  plugin: Plugin<S>,
  config: unknown,
  options: TestOptions,
): Promise<string> {
  try {
    await using collector = await openForTest(plugin, config, options);
    const [error] = (await collector.collect()).errors;
    return error ? `${error.code}: ${error.message}` : 'no error at all';
  } catch (error) {
    const { code, message } = toErrorInfo(error);
    return `${code}: ${message}`;
  }
}

function substitute(text: string, variables: Record<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole);
}

/** `*` stands for any text. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
