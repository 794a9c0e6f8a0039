import {
  appendFile,
  chmod,
  mkdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountFor } from '../support/account.ts';
import { missingForNobody } from '../support/nobody.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { runProgram } from '../support/run-program.ts';
import { waitFor } from '../support/wait.ts';

/** Exposes what its configuration says, and tells in the log when it is opened and closed. */
const NOTE = `
import { writeFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const value = gauge('note_value', 'As configured.');

export default definePlugin({
  name: 'note',
  config: Type.Object({
    value: Type.Number({ description: 'What to expose.' }),
    gate: Type.Optional(Type.String({ description: 'Opening waits until there is this file.' })),
  }),
  async open(config, { logger }) {
    logger.info('<opening ' + config.value + '>');
    while (config.gate && !existsSync(config.gate)) await delay(10);
    logger.info('<opened ' + config.value + '>');
    return {
      describe: () => [value],
      collect: () => [value.sample(config.value)],
      close: () => logger.info('<closed ' + config.value + '>'),
    };
  },
});
`;

/** Loading it waits for a file "go" beside its folder, and says so with a file "waiting". */
const GATED = NOTE.replace(
  'export default',
  `const beside = (name) => new URL('../' + name, import.meta.url);
writeFileSync(beside('waiting'), '');
while (!existsSync(beside('go'))) await delay(10);
export default`,
);

const files = { 'plugins/note.ts': NOTE };
const note = (name: string, value: number | string, more = '') =>
  `  ${name}: {plugin: note, config: {value: ${value}${more}}}\n`;
const resources = (...notes: string[]) => `resources:${notes.length === 0 ? ' {}' : ''}\n${notes.join('')}`;

/** An agent on a configuration of the test's, with what is asked of it here. */
async function start(options: {
  config: string;
  args?: string[];
  files?: Readonly<Record<string, string>>;
  account?: Awaited<ReturnType<typeof accountFor>>;
  place?: (folder: string, text: string) => Promise<void>;
}) {
  let text = '';
  const head = 'plugin_dirs: [plugins]\n';
  const run = await startInformer({
    ...options,
    config: head + options.config,
    files: { ...files, ...options.files },
    place: async (folder, whole) => {
      text = whole.slice(0, -options.config.length);
      if (options.place) await options.place(folder, whole);
      else await writeFile(join(folder, 'informer.yaml'), whole);
    },
  });
  const path = (name: string) => join(run.folder, name);
  return {
    run,
    path,
    /** The whole text of a configuration with these resources. */
    whole: (config: string) => text + config,
    live: (name: string, value: number | undefined) => live(run, name, value),
    passes: () => passes(run),
    /** How often the log says it. */
    said: (words: string) => run.process.output().split(`<${words}>`).length - 1,
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

/** Waits until the resource exposes the value, or nothing. */
const live = (run: RunningInformer, resource: string, value: number | undefined) =>
  waitFor(async () => (await run.scrape()).value('note_value', { resource }) === value, {
    what: `${resource} to be ${value}`,
  });

async function passes(run: RunningInformer): Promise<{ success: number; failure: number }> {
  const page = await run.scrape();
  const of = (result: string) => page.value('informer_config_reloads_total', { result }) ?? 0;
  return { success: of('success'), failure: of('failure') };
}

/** Waits for the next pass to have failed, which so many have by now. */
const failures = (run: RunningInformer, failure: number) =>
  waitFor(async () => (await passes(run)).failure === failure, { what: `${failure} failed passes` });

/**
 * Changes a comment in the file, which takes one pass; a pass that was one too many has come before that.
 */
async function expectPassesAfter(
  run: RunningInformer,
  file: string,
  expected: { success: number; failure: number },
) {
  await appendFile(file, '# end\n');
  await waitFor(async () => (await passes(run)).success > expected.success, { what: 'the last pass' });
  expect(await passes(run)).toEqual({ ...expected, success: expected.success + 1 });
}

/** Waits until the file has not been written for so long: a writer that takes its time. */
const untouchedFor = (file: string, ms: number) =>
  waitFor(async () => Date.now() - (await stat(file)).mtimeMs > ms, { what: `${file} to be ${ms} ms old` });

const TWO = resources(note('a', 1), note('b', 2));

describe('the configuration is taken once, and only what changed is opened again, when it is saved', () => {
  const ways: Record<string, (file: string, text: string) => Promise<void>> = {
    'by renaming another file': async (file, text) => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    },
    'as vim does: the old one moved away, a new one written': async (file, text) => {
      await writeFile(join(file, '../4913'), '');
      await unlink(join(file, '../4913'));
      await rename(file, `${file}~`);
      await writeFile(file, text);
      await unlink(`${file}~`);
    },
    'in place': (file, text) => writeFile(file, text),
    'in place, truncated and written in pieces': async (file, text) => {
      const middle = text.indexOf('  b:');
      await truncate(file);
      await untouchedFor(file, 300);
      await appendFile(file, text.slice(0, middle));
      await untouchedFor(file, 600);
      await appendFile(file, text.slice(middle));
    },
    'by deleting and writing it anew, slowly': async (file, text) => {
      const middle = text.indexOf('  b:');
      await unlink(file);
      await waitFor(() => stat(join(file, '..')).then(({ mtimeMs }) => Date.now() - mtimeMs > 300), {
        what: 'the file to be gone for a while',
      });
      await writeFile(file, text.slice(0, middle));
      await untouchedFor(file, 300);
      await appendFile(file, text.slice(middle));
    },
    'ten times in a row': async (file, text) => {
      for (let i = 0; i < 10; i++) {
        await writeFile(file, text.replace('value: 3', `value: ${10 + i}`));
        await untouchedFor(file, 20);
      }
      await writeFile(file, text);
    },
  };
  for (const [name, save] of Object.entries(ways)) {
    it(name, async () => {
      await using it = await start({ config: TWO });
      await save(it.path('informer.yaml'), it.whole(resources(note('a', 1), note('b', 3))));
      await it.live('b', 3);
      await expectPassesAfter(it.run, it.path('informer.yaml'), { success: 2, failure: 0 });
      expect([it.said('opened 1'), it.said('closed 1'), it.said('opened 3'), it.said('closed 2')]).toEqual([
        1, 0, 1, 1,
      ]);
      expect(it.said('opening 10')).toBe(0);
    });
  }
});

describe('nothing that runs is closed', () => {
  it('when the file is empty, gone, a folder or a dangling link; the next good one counts', async () => {
    await using it = await start({ config: TWO });
    const file = it.path('informer.yaml');
    const states: [string, () => Promise<void>, string][] = [
      ['empty', () => truncate(file), 'the file is empty'],
      ['gone', () => unlink(file), 'there is no such file'],
      ['a folder', () => mkdir(file), 'it is a folder'],
      [
        'a dangling link',
        () => rm(file, { recursive: true }).then(() => symlink('nowhere', file)),
        'there is no such file',
      ],
    ];
    // One that leads nowhere reads like none: going from one to the other is no change of its own.
    let failed = 0;
    for (const [what, make, message] of states) {
      await make();
      await failures(it.run, ++failed);
      expect(
        it.run.process
          .output()
          .split('\n')
          .findLast((line) => line.includes('configuration error')),
        what,
      ).toContain(message);
      const page = await it.run.scrape();
      expect([
        page.value('note_value', { resource: 'a' }),
        page.value('note_value', { resource: 'b' }),
      ]).toEqual([1, 2]);
      expect(page.value('informer_config_last_reload_successful')).toBe(0);
    }
    await unlink(file);
    await writeFile(file, it.whole(resources(note('a', 1), note('b', 4))));
    await it.live('b', 4);
    await expectPassesAfter(it.run, file, { success: 2, failure: failed });
    expect([it.said('opened 1'), it.said('closed 1')]).toEqual([1, 0]);
  });

  it('and no pass is made, when the same is written again or files beside it come and go', async () => {
    await using it = await start({ config: TWO });
    const file = it.path('informer.yaml');
    await writeFile(file, it.whole(TWO));
    await it.run.write('informer.yaml', it.whole(TWO));
    await it.run.write('notes.txt', 'nothing of the configuration');
    await it.run.write('conf.d/x.yaml', 'resources: 1');
    await untouchedFor(file, 1_500);
    await expectPassesAfter(it.run, file, { success: 1, failure: 0 });
  });
});

describe("Kubernetes' way of mounting a ConfigMap", () => {
  const publish = async (mount: string, version: string, contents: Record<string, string>) => {
    await mkdir(join(mount, version), { recursive: true });
    for (const [name, text] of Object.entries(contents)) await writeFile(join(mount, version, name), text);
    await symlink(version, join(mount, '..data_tmp'));
    await rename(join(mount, '..data_tmp'), join(mount, '..data'));
  };
  const retire = (mount: string, version: string) => rm(join(mount, version), { recursive: true });

  it('is followed, for the configuration and for an included folder', async () => {
    let text = '';
    const config = `include: [more/*.yaml]\n${resources(note('a', 1))}`;
    await using it = await start({
      config,
      args: ['--config', 'mount/informer.yaml'],
      async place(folder, whole) {
        text = whole.replace('plugin_dirs: [plugins]', `plugin_dirs: [${folder}/plugins]`);
        const mount = join(folder, 'mount');
        await publish(mount, '..2026_01', { 'informer.yaml': text });
        await symlink('..data/informer.yaml', join(mount, 'informer.yaml'));
        await publish(join(mount, 'more'), '..2026_01', { 'b.yaml': resources(note('b', 2)) });
        await symlink('..data/b.yaml', join(mount, 'more/b.yaml'));
      },
    });
    const mount = it.path('mount');
    for (const [number, value] of [
      [2, 11],
      [3, 12],
    ] as const) {
      await publish(mount, `..2026_0${number}`, {
        'informer.yaml': text.replace('value: 1', `value: ${value}`),
      });
      await retire(mount, `..2026_0${number - 1}`);
      await it.live('a', value);
    }
    const more = join(mount, 'more');
    await publish(more, '..2026_02', {
      'b.yaml': resources(note('b', 21)),
      'c.yaml': resources(note('c', 3)),
    });
    await retire(more, '..2026_01');
    await symlink('..data/c.yaml', join(more, 'c.yaml'));
    await it.live('c', 3);
    await it.live('b', 21);
    await publish(more, '..2026_03', { 'c.yaml': resources(note('c', 3)) });
    await unlink(join(more, 'b.yaml'));
    await retire(more, '..2026_02');
    await it.live('b', undefined);
    expect((await it.passes()).failure).toBe(0);
    expect([it.said('opened 12'), it.said('closed 12'), it.said('opened 3'), it.said('closed 3')]).toEqual([
      1, 0, 1, 0,
    ]);
  });
});

describe("Kubernetes' way of mounting a Secret", () => {
  it('is followed for a file that a value names', async () => {
    const publish = async (mount: string, version: string, value: string) => {
      await mkdir(join(mount, version), { recursive: true });
      await writeFile(join(mount, version, 'value'), value);
      await symlink(version, join(mount, '..data_tmp'));
      await rename(join(mount, '..data_tmp'), join(mount, '..data'));
    };
    await using it = await start({
      config: resources(note('a', '"${file:secret/value}"'), note('b', 2)),
      async place(folder, whole) {
        await publish(join(folder, 'secret'), '..1', '1\n');
        await symlink('..data/value', join(folder, 'secret/value'));
        await writeFile(join(folder, 'informer.yaml'), whole);
      },
    });
    for (const value of [2, 3]) {
      await publish(it.path('secret'), `..${value}`, `${value}\n`);
      await rm(it.path(`secret/..${value - 1}`), { recursive: true });
      await it.live('a', value);
    }
    expect(await it.passes()).toEqual({ success: 3, failure: 0 });
    expect([it.said('opened 2'), it.said('opened 3'), it.said('closed 3')]).toEqual([2, 1, 0]);
  });
});

describe('links and included folders', () => {
  it('a path through linked folders: the file changes, the link turns', async () => {
    const config = resources(note('a', 1));
    let text = '';
    await using it = await start({
      config,
      args: ['--config', 'etc/informer.yaml'],
      async place(folder, whole) {
        text = whole.replace('plugin_dirs: [plugins]', `plugin_dirs: [${folder}/plugins]`);
        await mkdir(join(folder, 'releases/1'), { recursive: true });
        await writeFile(join(folder, 'releases/1/informer.yaml'), text);
        await symlink('releases/1', join(folder, 'current'));
        await symlink('current/../../releases/1', join(folder, 'etc'));
      },
    });
    // "current/.." is the folder that the link leads to, one up: releases.
    await writeFile(it.path('releases/1/informer.yaml'), text.replace('value: 1', 'value: 2'));
    await it.live('a', 2);
    await mkdir(it.path('releases/2'));
    await writeFile(it.path('releases/2/informer.yaml'), text.replace('value: 1', 'value: 3'));
    await symlink('releases/2', it.path('next'));
    await rename(it.path('next'), it.path('etc'));
    await it.live('a', 3);
    await expectPassesAfter(it.run, it.path('releases/2/informer.yaml'), { success: 3, failure: 0 });
  });

  it('a folder that is moved away, with another put in its place', async () => {
    let text = '';
    await using it = await start({
      config: resources(note('a', 1)),
      args: ['--config', 'etc/informer/informer.yaml'],
      async place(folder, whole) {
        text = whole.replace('plugin_dirs: [plugins]', `plugin_dirs: [${folder}/plugins]`);
        await mkdir(join(folder, 'etc/informer'), { recursive: true });
        await writeFile(join(folder, 'etc/informer/informer.yaml'), text);
      },
    });
    await mkdir(it.path('new/informer'), { recursive: true });
    await writeFile(it.path('new/informer/informer.yaml'), text.replace('value: 1', 'value: 2'));
    await rename(it.path('etc'), it.path('old'));
    await rename(it.path('new'), it.path('etc'));
    await it.live('a', 2);
    await writeFile(it.path('etc/informer/informer.yaml'), text.replace('value: 1', 'value: 3'));
    await it.live('a', 3);
    await expectPassesAfter(it.run, it.path('etc/informer/informer.yaml'), { success: 3, failure: 0 });
  });

  it('a folder that comes later, its files, and those of folders inside it', async () => {
    await using it = await start({
      config: `include: [conf.d/*.yaml, teams/*/informer.yaml]\n${resources(note('a', 1))}`,
    });
    await mkdir(it.path('conf.d'));
    await writeFile(it.path('conf.d/b.yaml'), resources(note('b', 2)));
    await it.live('b', 2);
    await writeFile(it.path('conf.d/c.yaml'), resources(note('c', 3)));
    await it.live('c', 3);
    await writeFile(it.path('conf.d/c.yaml'), resources(note('c', 4)));
    await it.live('c', 4);
    await writeFile(it.path('conf.d/ignored.txt'), 'not of the configuration');
    await unlink(it.path('conf.d/b.yaml'));
    await it.live('b', undefined);
    await rm(it.path('conf.d'), { recursive: true });
    await it.live('c', undefined);
    await mkdir(it.path('conf.d'));
    await writeFile(it.path('conf.d/c.yaml'), resources(note('c', 5)));
    await it.live('c', 5);
    await mkdir(it.path('teams/shop'), { recursive: true });
    await writeFile(it.path('teams/shop/informer.yaml'), resources(note('d', 6)));
    await it.live('d', 6);
    await writeFile(it.path('teams/shop/informer.yaml'), resources(note('d', 7)));
    await it.live('d', 7);
    await expectPassesAfter(it.run, it.path('informer.yaml'), { success: 9, failure: 0 });
    expect([it.said('opened 1'), it.said('closed 1')]).toEqual([1, 0]);
  });

  it('a broken file in an included folder rejects the whole, and closes nothing', async () => {
    await using it = await start({
      config: `include: [conf.d/*.yaml]\n${resources(note('a', 1))}`,
      files: { 'conf.d/b.yaml': resources(note('b', 2)) },
    });
    await writeFile(it.path('conf.d/b.yaml'), '');
    await failures(it.run, 1);
    const page = await it.run.scrape();
    expect([
      page.value('note_value', { resource: 'a' }),
      page.value('note_value', { resource: 'b' }),
    ]).toEqual([1, 2]);
    await it.run.write('conf.d/b.yaml', resources(note('b', 3)));
    await it.live('b', 3);
    expect(await it.passes()).toEqual({ success: 2, failure: 1 });
  });

  it('a file that a value names', async () => {
    await using it = await start({
      config: resources(note('a', '"${file:run/value}"'), note('b', 2)),
      files: { 'run/value': '1\n' },
    });
    await it.live('a', 1);
    await it.run.write('run/value', '3\n');
    await it.live('a', 3);
    await writeFile(it.path('run/value'), '4\n');
    await it.live('a', 4);
    await unlink(it.path('run/value'));
    await failures(it.run, 1);
    await it.live('a', 4);
    await writeFile(it.path('run/value'), '5\n');
    await it.live('a', 5);
    await expectPassesAfter(it.run, it.path('informer.yaml'), { success: 4, failure: 1 });
    expect([it.said('opened 2'), it.said('closed 2')]).toEqual([1, 0]);
  });
});

describe('permission that is lost', () => {
  const missing = missingForNobody();
  const name =
    'is an error that says where and what to do, nothing is closed, and it is over when it is back';
  if (missing !== undefined) {
    it(`${name} (not run: needs ${missing})`, () => undefined);
    return;
  }
  it(name, { timeout: 180_000 }, async () => {
    const account = await accountFor('nobody');
    await using it = await start({
      config: `plugins: {note: {nice: 0}}\ninclude: [conf.d/*.yaml]\n${resources(note('a', '"${file:run/value}"'))}`,
      files: { 'conf.d/b.yaml': resources(note('b', 2)), 'run/value': '1\n' },
      account,
    });
    await it.live('a', 1);
    await it.live('b', 2);
    const lines = () => it.run.process.output().split('\n');
    const isSuccessful = async (wanted: number) =>
      (await it.run.scrape()).value('informer_config_last_reload_successful') === wanted;
    const lost: [string, RegExp][] = [
      ['informer.yaml', /informer\.yaml:1:1: .*permission denied; /],
      ['conf.d/b.yaml', /conf\.d\/b\.yaml:1:1: .*permission denied; /],
      [
        'conf.d',
        /informer\.yaml:\d+:\d+: include\[0\]: its folder can't be searched: permission denied .*conf\.d; /,
      ],
      ['run/value', /informer\.yaml:\d+:\d+: .*run\/value.*permission denied; /],
      [
        'plugins',
        /informer\.yaml:\d+:\d+: .*unknown plugin .*note.*, and permission denied to read .*plugins; /,
      ],
      ['.', /informer\.yaml:1:1: .*permission denied; /],
    ];
    const told = (message: RegExp) =>
      lines().filter((line) => line.includes('configuration error') && message.test(line)).length;
    for (const [path, message] of lost) {
      const before = told(message);
      const { mode } = await stat(it.path(path));
      await chmod(it.path(path), 0o000);
      await waitFor(() => told(message) > before, { what: `the loss of ${path}`, timeout: 60_000 });
      expect(await isSuccessful(0)).toBe(true);
      await it.live('a', 1);
      await it.live('b', 2);
      await chmod(it.path(path), mode);
      await waitFor(() => isSuccessful(1), { what: `${path} to be back`, timeout: 60_000 });
    }
    // Code: the plugin can't be loaded anew, and what was loaded goes on.
    await chmod(it.path('plugins/note.ts'), 0o000);
    const up = async () => (await it.run.scrape()).value('informer_resource_up', { resource: 'b' });
    await waitFor(async () => (await up()) === 0, { what: 'the loss of the code', timeout: 60_000 });
    await it.live('b', 2);
    expect(lines().findLast((line) => line.includes('PLUGIN_NOT_READABLE'))).toContain(
      it.path('plugins/note.ts'),
    );
    await chmod(it.path('plugins/note.ts'), 0o644);
    await waitFor(async () => (await up()) === 1, { what: 'the code to be back', timeout: 60_000 });
    await it.live('a', 1);
    expect(it.said('closed 1')).toBeLessThanOrEqual(1);
  });
});

describe('the folder of the configuration', () => {
  it('moved away and back, and SIGHUP answers in the log each time', async () => {
    await using it = await start({
      config: resources(note('a', 1)),
      args: ['--config', 'etc/informer.yaml'],
      async place(folder, whole) {
        await mkdir(join(folder, 'etc'));
        const text = whole
          .replace('plugin_dirs: [plugins]', `plugin_dirs: [${folder}/plugins]`)
          // Else what is written of the state makes the folder anew while it is away.
          .replace('state_dir: state', `state_dir: ${folder}/state`);
        await writeFile(join(folder, 'etc/informer.yaml'), text);
      },
    });
    const count = (words: string) => it.run.process.output().split(words).length - 1;
    await rename(it.path('etc'), it.path('away'));
    await failures(it.run, 1);
    const errors = count('configuration error');
    it.run.process.signal('SIGHUP');
    await waitFor(() => count('configuration error') > errors, { what: 'the answer to SIGHUP' });
    expect(it.run.process.output()).toMatch(/etc\/informer\.yaml:1:1: .*there is no such file; /);
    await it.live('a', 1);
    await rename(it.path('away'), it.path('etc'));
    await waitFor(async () => (await passes(it.run)).success === 2, { what: 'the folder to be back' });
    const applied = count('configuration applied');
    it.run.process.signal('SIGHUP');
    await waitFor(() => count('configuration applied') > applied, { what: 'the answer to SIGHUP' });
    expect([it.said('opened 1'), it.said('closed 1')]).toEqual([1, 0]);
  });
});

describe('a change is not lost', () => {
  it('while a pass is still opening what the one before wanted', async () => {
    await using it = await start({ config: resources(note('a', 1), note('b', 2)) });
    const gate = `, gate: ${it.path('gate')}`;
    await it.run.write('informer.yaml', it.whole(resources(note('a', 3, gate), note('b', 2))));
    await waitFor(() => it.said('opening 3') === 1, { what: 'the pass to wait for the gate' });
    await it.run.write('informer.yaml', it.whole(resources(note('a', 3, gate), note('b', 4))));
    await it.run.write('informer.yaml', it.whole(resources(note('a', 3, gate), note('b', 5))));
    await writeFile(it.path('gate'), '');
    await it.live('b', 5);
    await it.live('a', 3);
    await expectPassesAfter(it.run, it.path('informer.yaml'), { success: 3, failure: 0 });
    expect(it.said('opening 4')).toBe(0);
  });

  it('while the agent starts', async () => {
    let whole = '';
    let folder = '';
    const starting = start({
      config: resources(note('a', 1)),
      files: { 'plugins/note.ts': GATED },
      async place(path, text) {
        [folder, whole] = [path, text];
        await writeFile(join(path, 'informer.yaml'), text);
      },
    });
    await waitFor(() => stat(join(folder, 'waiting')), { what: 'the first pass to ask the plugin' });
    await writeFile(join(folder, 'informer.yaml'), whole.replace('value: 1', 'value: 2'));
    await writeFile(join(folder, 'go'), '');
    await using it = await starting;
    await it.live('a', 2);
    await expectPassesAfter(it.run, it.path('informer.yaml'), { success: 2, failure: 0 });
  });

  it('and counts once when SIGHUP says it first', async () => {
    await using it = await start({ config: TWO });
    await writeFile(it.path('informer.yaml'), it.whole(resources(note('a', 1), note('b', 3))));
    it.run.process.signal('SIGHUP');
    await it.live('b', 3);
    await untouchedFor(it.path('informer.yaml'), 1_500);
    await expectPassesAfter(it.run, it.path('informer.yaml'), { success: 2, failure: 0 });
  });
});

describe('watching', () => {
  it('keeps no process alive', async () => {
    const script = `
      const { ConfigWatcher } = await import(${JSON.stringify(new URL('../../agent/dist/reload/watcher.js', import.meta.url).href)});
      const { PluginCode } = await import(${JSON.stringify(new URL('../../agent/dist/reload/plugin-code.js', import.meta.url).href)});
      const sources = { mainFile: '/tmp/none.yaml', include: ['/etc/*.yaml'], included: [], digests: { '/tmp/none.yaml': 'ENOENT' } };
      const watcher = new ConfigWatcher({ sources: () => sources, code: new PluginCode(), changed: async () => true, log: { debug() {}, warn() {} } });
      watcher.start();
      process.on('exit', () => console.log('ended by itself'));
    `;
    const { code, stdout } = await runProgram(process.execPath, ['--input-type=module', '-e', script]);
    expect([code, stdout]).toEqual([0, 'ended by itself\n']);
  });
});
