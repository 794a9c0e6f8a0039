// What happens when the code of plugins changes, while the agent runs.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { isRunning, known } from '../support/proc.ts';
import { waitFor } from '../support/wait.ts';

// Each waits for several processes to start, one after the other.
vi.setConfig({ testTimeout: 180_000 });

/** Exposes what its modules say, and a count of its collects that it keeps as state. */
const plugin = (name: string, head = '', value = '0') => `${head}
import { counter, definePlugin, gauge, Type } from '@dynamic-informer/sdk';
const value = gauge('${name}_value', 'As the code says.');
const collects = counter('${name}_collects_total', 'Collects in all its versions.');
export default definePlugin({
  name: '${name}',
  config: Type.Object({}),
  async open(_config, { state, logger }) {
    let count = Number(new TextDecoder().decode((await state.read(1)) ?? new Uint8Array()));
    return {
      describe: () => [value, collects],
      async collect() {
        count++;
        return [value.sample(${value}), collects.sample(count)];
      },
      async pause() {
        logger.info('paused');
        await state.write(1, new TextEncoder().encode(String(count)));
      },
      resume() {},
    };
  },
});
`;

const manifest = (name: string, more = {}) =>
  JSON.stringify({ type: 'module', informer: { plugin: name }, ...more });

/** A package of several modules: a value, a type, and a number that is imported late. */
const ACME = {
  'plugins/acme/package.json': manifest('acme'),
  'plugins/acme/index.ts': plugin(
    'acme',
    "import { VALUE } from './lib/value.ts';\nimport { EXTRA } from './lib/extra.ts';\nimport type { Shape } from './types.ts';\nconst shape: Shape = 0;",
    "VALUE + EXTRA + shape + (await import('./late.ts')).LATE",
  ),
  'plugins/acme/lib/value.ts': 'export const VALUE: number = 1;\n',
  'plugins/acme/lib/extra.ts': 'export const EXTRA = 0;\n',
  'plugins/acme/types.ts': 'export type Shape = number;\n',
  'plugins/acme/late.ts': 'export const LATE = 0;\n',
};

/** Plugins at the tests' own priority, which get their turn on a busy machine too. */
const prompt = (...plugins: string[]) =>
  `plugins: {${plugins.map((name) => `${name}: {nice: 0}`).join(', ')}}\n`;
const resources = (...of: string[]) =>
  `resources:\n${of.map((name) => `  ${name.replace(':', ': {plugin: ')}}\n`).join('')}`;

async function start(files: Readonly<Record<string, string>>, config: string) {
  const run = await startAgent({ config, files });
  const value = (name: string) => async (resource: string) =>
    (await run.scrape()).value(`${name}_value`, { resource });
  return {
    run,
    path: (name: string) => join(run.folder, name),
    live: (resource: string, wanted: number | undefined, name = 'acme') =>
      run.until(`${resource} to be ${wanted}`, async () => (await value(name)(resource)) === wanted, 60_000),
    collects: async (resource: string) =>
      known((await run.scrape()).value('acme_collects_total', { resource })),
    /** Of each change of code that was taken in, the files. */
    changes: () =>
      run.logs
        .filter(({ message }) => message === 'plugin code changed')
        .map(({ fields }) => (fields.files as string[]).map((file) => file.slice(run.folder.length + 1))),
    failed: (resource: string) =>
      run.until(`${resource} to have failed`, () => run.status(resource).state === 'failed', 60_000),
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

const pidOf = (run: AgentUnderTest, resource: string) => known(run.status(resource).hostPid);
const untouchedFor = (file: string, ms: number) =>
  waitFor(async () => Date.now() - (await stat(file)).mtimeMs > ms, { what: `${file} to be ${ms} ms old` });

describe('a plugin of several modules', () => {
  it('moves to a new host when one of them is saved, with its state; nothing else does', async () => {
    await using it = await start(
      { ...ACME, 'plugins/other.ts': plugin('other') },
      prompt('acme', 'other') + resources('a:acme', 'b:acme', 'c:other'),
    );
    const { run } = it;
    await it.live('a', 1);
    const [old, other] = [pidOf(run, 'a'), pidOf(run, 'c')];
    // So many that a count which begins anew is nowhere near.
    for (let scrape = 0; scrape < 100; scrape++) await run.scrape();
    const counted = await it.collects('a');

    await run.write('plugins/acme/lib/value.ts', 'export const VALUE = 2;\n');
    await it.live('a', 2);
    expect(await it.collects('a')).toBeGreaterThan(counted);
    await it.live('b', 2);
    expect(pidOf(run, 'a')).toBe(pidOf(run, 'b'));
    expect(pidOf(run, 'a')).not.toBe(old);
    expect(pidOf(run, 'c')).toBe(other);
    await run.until('the old host to end', () => !isRunning(old));

    // Imported late, by the first collect: its host has told of it since.
    await run.write('plugins/acme/late.ts', 'export const LATE = 40;\n');
    await it.live('a', 42);
    // The manifest says how it is to be run.
    await run.write(
      'plugins/acme/package.json',
      manifest('acme', { informer: { plugin: 'acme', host: 'dedicated' } }),
    );
    await run.until('a host each', () => run.status('a').hostPid !== run.status('b').hostPid);
    await it.live('b', 42);

    // What is not imported any more, and what only types come from, is no code of it.
    await run.write(
      'plugins/acme/index.ts',
      ACME['plugins/acme/index.ts'].replace(/import \{ EXTRA.*/, 'const EXTRA = 100;'),
    );
    await it.live('a', 142);
    await it.live('b', 142);
    const before = it.changes().length;
    await run.write('plugins/acme/lib/extra.ts', 'export const EXTRA = 7;\n');
    await run.write('plugins/acme/types.ts', 'export type Shape = 0;\n');
    await run.write('plugins/acme/README.md', 'Not code.\n');
    await untouchedFor(it.path('plugins/acme/README.md'), 1_500);
    await run.write('plugins/acme/lib/value.ts', 'export const VALUE = 3;\n');
    await it.live('a', 143);
    expect(it.changes().slice(before)).toEqual([['plugins/acme/lib/value.ts']]);
    expect(pidOf(run, 'c')).toBe(other);
    expect(await it.collects('a')).toBeGreaterThan(counted);
  });

  it('that does not load fails with the place, while the old code goes on, and is tried again when it is mended', async () => {
    await using it = await start(
      { ...ACME, 'plugins/plain.mjs': plugin('plain') },
      prompt('acme', 'plain') + resources('a:acme', 'p:plain'),
    );
    const { run } = it;
    await it.live('a', 1);
    const errorOf = (resource: string) => run.status(resource).errors[0];
    const old = pidOf(run, 'a');
    const faults: [string, string, string][] = [
      ['lib/value.ts', 'export const VALUE = 1;\n\nexport const X: = 2;\n', 'lib/value.ts:3:17: '],
      [
        'lib/value.ts',
        'export const VALUE = 1;\nthrow new Error("not today");\n',
        'lib/value.ts:2:7: not today',
      ],
      ['lib/value.ts', 'import "./gone.ts";\nexport const VALUE = 5;\n', 'lib/gone.ts'],
    ];
    for (const [file, text, message] of faults) {
      await run.write(`plugins/acme/${file}`, text);
      await run.until(message, () => errorOf('a')?.message.includes(message), 60_000);
      expect(errorOf('a')).toMatchObject({
        code: 'PLUGIN_NOT_LOADED',
        class: 'plugin',
        fix: expect.any(String),
      });
      expect(run.status('a')).toMatchObject({ state: 'failed', up: false, hostPid: old });
      await it.live('a', 1);
    }
    // What runs was not held up for what can't take its place.
    expect(run.logs.filter(({ message }) => message === 'paused')).toEqual([]);
    // What was missing is there: nobody has to save anything else, or to wait for the next try.
    await run.write('plugins/acme/lib/gone.ts', '');
    await it.live('a', 5);
    expect(run.status('a').state).toBe('running');

    await run.write('plugins/plain.mjs', 'const value = 1;\n\nconst wrong = ;\n');
    await it.failed('p');
    expect(errorOf('p')?.message).toContain(`${it.path('plugins/plain.mjs')}:3:15: `);
    await run.write('plugins/plain.mjs', plugin('plain', '', '9'));
    await it.live('p', 9, 'plain');
  });
});

describe('code is taken once, and never half of it', () => {
  it('when ten files change at once, and when they are written in pieces', async () => {
    const numbers = [...Array(10).keys()];
    const part = (number: number, value: number) =>
      `// ${'x'.repeat(2_000)}\nexport const N${number} = ${value};\n`;
    const files = Object.fromEntries(
      numbers.map((number) => [`plugins/acme/dist/${number}.js`, part(number, 0)]),
    );
    const entry = plugin(
      'acme',
      numbers.map((number) => `import { N${number} } from './${number}.js';`).join('\n'),
      numbers.map((number) => `N${number}`).join(' + '),
    );
    await using it = await start(
      { ...files, 'plugins/acme/dist/index.js': entry, 'plugins/acme/package.json': manifest('acme') },
      prompt('acme') + resources('a:acme'),
    );
    const { run } = it;
    await it.live('a', 0);
    // As a checkout does.
    for (const number of numbers) writeFileSync(it.path(`plugins/acme/dist/${number}.js`), part(number, 1));
    await it.live('a', 10);
    expect(it.changes()).toHaveLength(1);

    // As a build does that begins by removing what it has built, and one that writes slowly.
    await rm(it.path('plugins/acme/dist'), { recursive: true });
    mkdirSync(it.path('plugins/acme/dist'));
    for (const number of numbers) writeFileSync(it.path(`plugins/acme/dist/${number}.js`), part(number, 2));
    writeFileSync(it.path('plugins/acme/dist/index.js'), entry);
    await it.live('a', 20);
    expect(it.changes()).toHaveLength(2);
    const last = it.path('plugins/acme/dist/9.js');
    await truncate(last);
    await untouchedFor(last, 300);
    await appendFile(last, 'export const N9 =');
    await untouchedFor(last, 300);
    await appendFile(last, ` 5; // ${'x'.repeat(3_000)}\n`);
    await it.live('a', 23);
    expect(it.changes()).toHaveLength(3);
    expect(run.logs.filter(({ message }) => message === 'resource failed')).toEqual([]);
  });

  it('as Kubernetes swaps a ConfigMap: what is the same in the new folder is no other code', async () => {
    const publish = async (mount: string, version: string, one: string, two: string) => {
      await mkdir(join(mount, version), { recursive: true });
      await writeFile(join(mount, version, 'one.mjs'), plugin('one', '', one));
      await writeFile(join(mount, version, 'two.mjs'), plugin('two', '', two));
      await symlink(version, join(mount, '..data_tmp'));
      await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    await using it = await start({}, 'resources: {}\n');
    const mount = it.path('plugins');
    await publish(mount, '..1', '1', '1');
    for (const name of ['one.mjs', 'two.mjs']) await symlink(`..data/${name}`, join(mount, name));
    await it.run.configure(prompt('one', 'two') + resources('o:one', 't:two'));
    await it.live('o', 1, 'one');
    await it.live('t', 1, 'two');
    const pid = pidOf(it.run, 'o');
    await publish(mount, '..2', '1', '2');
    await rm(join(mount, '..1'), { recursive: true });
    await it.live('t', 2, 'two');
    expect(pidOf(it.run, 'o')).toBe(pid);
    await publish(mount, '..3', '3', '2');
    await rm(join(mount, '..2'), { recursive: true });
    await it.live('o', 3, 'one');
    expect(it.changes()).toHaveLength(2);
  });
});

describe('plugins come and go', () => {
  it('in a folder that comes later: files, packages, and those that are removed again', async () => {
    const config = `plugin_dirs: [plugins, later]\n${prompt('file', 'folder')}${resources('f:file', 'd:folder', 'h:http-probe, config: {targets: [http://127.0.0.1:1/]}')}`;
    await using it = await start({}, 'resources: {}\n');
    const { run } = it;
    const errors = () => run.agent.status().lastReload?.result.errors ?? [];
    const rejectedFor = (name: string) =>
      run.until(`${name} to be unknown`, () =>
        errors().some((error) => error.includes(`unknown plugin "${name}"`)),
      );
    await run.write(
      'informer.yaml',
      `web: {listen: ['unix:${run.folder}/web.sock']}\nstate_dir: ${run.folder}/state\n${config}`,
    );
    await rejectedFor('file');
    expect(errors()).toHaveLength(2);
    await run.write('later/file.ts', plugin('file', '', '1'));
    await run.until('one of two', () => errors().length === 1);
    // The folder is there before what makes it a plugin.
    await run.write('later/folder/src/index.js', plugin('folder', '', '2'));
    await run.write('later/folder/package.json', manifest('folder', { main: 'src/index.js' }));
    await it.live('f', 1, 'file');
    await it.live('d', 2, 'folder');
    const pid = pidOf(run, 'f');

    await rename(it.path('later'), it.path('away'));
    await rejectedFor('file');
    await it.live('f', 1, 'file');
    await rename(it.path('away'), it.path('later'));
    await run.until('all to be known', () => run.agent.status().lastReload?.result.successful);
    expect(pidOf(run, 'f')).toBe(pid);

    // Another entry, and one that is not there.
    await run.write('later/folder/other.js', plugin('folder', '', '3'));
    await run.write('later/folder/package.json', manifest('folder', { exports: './other.js' }));
    await it.live('d', 3, 'folder');
    await rm(it.path('later/folder/other.js'));
    await it.failed('d');
    await it.live('d', 3, 'folder');
    await run.write('later/folder/other.js', plugin('folder', '', '4'));
    await it.live('d', 4, 'folder');
  });

  it('as packages: another version of one counts, not every file of it; one that is installed later is found', async () => {
    const at = 'node_modules/acme-informer';
    await using it = await start({}, 'resources: {}\n');
    const { run } = it;
    await run.configure(`plugins: {acme: {path: acme-informer, nice: 0}}\n${resources('a:acme')}`);
    await run.until('the missing package', () => run.agent.status().resources[0]?.state === 'failed', 60_000);
    expect(run.status('a').errors[0]).toMatchObject({
      code: 'PLUGIN_NOT_FOUND',
      message: expect.stringContaining('acme-informer'),
    });
    const install = async (version: string, value: number) => {
      // As package managers do: beside, then in its place.
      const files = {
        'package.json': manifest('acme', { version, exports: { import: './dist/index.js' } }),
        'dist/index.js': plugin('acme', "import { VALUE } from './value.js';", 'VALUE'),
        'dist/value.js': `export const VALUE = ${value};\n`,
      };
      for (const [name, text] of Object.entries(files)) {
        const file = it.path(join('node_modules/.acme', name));
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      await rm(it.path(at), { recursive: true, force: true });
      await rename(it.path('node_modules/.acme'), it.path(at));
    };
    await install('1.0.0', 1);
    await it.live('a', 1);
    await run.write(`${at}/dist/value.js`, 'export const VALUE = 2;\n');
    await install('1.1.0', 3);
    await it.live('a', 3);
    expect(it.changes().filter((files) => files.some((file) => file.endsWith('value.js')))).toEqual([]);
  });
});

it('a plugin in the shared host leaves it for new code, and the others stay', async () => {
  const files = { 'plugins/one.ts': plugin('one', '', '1'), 'plugins/two.ts': plugin('two', '', '1') };
  await using it = await start(
    files,
    `plugins: {one: {host: shared}, two: {host: shared}}\n${resources('o:one', 't:two')}`,
  );
  await it.live('o', 1, 'one');
  await it.live('t', 1, 'two');
  const pid = pidOf(it.run, 't');
  expect(pidOf(it.run, 'o')).toBe(pid);
  await it.run.write('plugins/one.ts', plugin('one', '', '2'));
  await it.live('o', 2, 'one');
  await it.live('t', 1, 'two');
  expect(pidOf(it.run, 't')).toBe(pid);
  expect(it.run.status('o').host).toBe('shared');
});

it('new code lifts a quarantine', async () => {
  await using it = await start(
    { 'plugins/bad.ts': plugin('bad', '', 'process.exit(1)') },
    prompt('bad') + resources('b:bad'),
  );
  const quarantined = async () => {
    await it.run.scrape();
    return it.run.status('b').state === 'quarantined';
  };
  await it.run.until('the quarantine', quarantined, 60_000);
  await it.run.write('plugins/bad.ts', plugin('bad', '', '1'));
  await it.live('b', 1, 'bad');
});

it('a busy file beside the configuration, or beside plugins, is no reason to look', async () => {
  await using it = await start(
    { 'plugins/one.ts': plugin('one', '', '1'), 'conf.d/o.yaml': resources('o:one') },
    `${prompt('one')}include: ["*.yml", conf.d/*.yaml]\nresources: {}\n`,
  );
  await it.live('o', 1, 'one');
  const busy = ['busy.log', 'plugins/busy.log', 'conf.d/busy.log'].map(it.path);
  for (const file of busy) appendFileSync(file, 'first\n');
  for (let line = 0; line < 300; line++) for (const file of busy) await appendFile(file, 'more\n');
  await it.run.write('conf.d/o.yaml', resources('o:one', 'p:one'));
  await it.live('p', 1, 'one');
  const looks = it.run.logs.filter(({ message }) => message === 'looking whether files have changed');
  const because = looks.flatMap(({ fields }) => fields.because as string[]);
  expect(because).toContain(it.path('conf.d/o.yaml'));
  // That something new is in the folder of plugins is one: it may be a plugin.
  expect(because.filter((path) => path.includes('busy.log') && path !== it.path('plugins/busy.log'))).toEqual(
    [],
  );
  expect(because.filter((path) => path.includes('busy.log')).length).toBeLessThanOrEqual(1);
});
