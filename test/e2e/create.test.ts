import { globSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type LocalServer, startHttp } from '../support/http-server.ts';
import { INFORMER, informer, startInformer } from '../support/program.ts';
import { runProgram } from '../support/run-program.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temp.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string) => join(root, 'node_modules', '.bin', name);
/** Whatever Node.js the machine has: the one that runs this test comes first. */
const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
const npm = (folder: string, ...args: string[]) => runProgram('npm', args, { cwd: folder, env: { PATH } });

/** What the created plugin reads. */
const startQueues = (items: number): Promise<LocalServer> =>
  startHttp((_request, response) => {
    response.end(JSON.stringify({ queues: [{ name: 'mail', items }] }));
  });

async function created(folder: TemporaryFolder, name = 'acme-queue') {
  const { code, stdout, stderr } = await informer(['create', 'plugin', name], { cwd: folder.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [, lines = ''] = /^(plugins:\n[\s\S]*)$/m.exec(stdout) ?? [];
  return { folder: join(folder.path, name), stdout, lines };
}

describe('informer create plugin', () => {
  it('writes a plugin whose own tests pass with what an install without the network brings', async () => {
    await using folder = await temporaryFolder('create');
    const plugin = await created(folder);
    const install = await npm(plugin.folder, 'install', '--omit=dev', '--offline', '--no-audit', '--no-fund');
    expect(install).toMatchObject({ code: 0 });
    const { code, stdout } = await npm(plugin.folder, 'test');
    expect(stdout).toMatch(/^\S* ?fail 0$/m);
    expect(stdout).toContain('testcases/two-queues');
    expect(code).toBe(0);
  });

  it('writes a plugin whose types are right, with the compiler and the types that it names', async () => {
    await using folder = await temporaryFolder('create');
    const plugin = await created(folder);
    await npm(plugin.folder, 'install', '--omit=dev', '--offline', '--no-audit', '--no-fund');
    await symlink(join(root, 'node_modules', '@types'), join(plugin.folder, 'node_modules', '@types'));
    expect(await runProgram(bin('tsc'), [], { cwd: plugin.folder })).toMatchObject({ code: 0, stdout: '' });
    const own = JSON.parse(await readFile(join(plugin.folder, 'package.json'), 'utf8'));
    const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(devDependencies).toMatchObject(own.devDependencies);
    const needs = { hosts: ['${config.url}'], paths: [], programs: [] };
    expect(own).toMatchObject({ type: 'module', informer: { plugin: 'acme-queue', host: 'own', needs } });
    const readme = await readFile(join(plugin.folder, 'README.md'), 'utf8');
    expect(readme).toContain('| hosts | `${config.url}` |\n\nDeclared, not enforced: ');
  });

  it("fails the plugin's test when its README is behind its code, until npm run docs", async () => {
    await using folder = await temporaryFolder('create');
    const plugin = await created(folder);
    await npm(plugin.folder, 'install', '--omit=dev', '--offline', '--no-audit', '--no-fund');
    const source = join(plugin.folder, 'index.ts');
    const text = await readFile(source, 'utf8');
    await writeFile(source, text.replace('Where the queues are listed.', 'Where they are listed.'));
    const failed = await npm(plugin.folder, 'test');
    expect(failed.code).not.toBe(0);
    expect(failed.stdout).toMatch(/README\.md: what is generated there .* run "npm run docs"/);
    expect(await npm(plugin.folder, 'run', 'docs')).toMatchObject({ code: 0 });
    expect(await readFile(join(plugin.folder, 'README.md'), 'utf8')).toContain('Where they are listed.');
    expect(await npm(plugin.folder, 'test')).toMatchObject({ code: 0 });
  }, 120_000);

  it('prints lines for informer.yaml with which collect and plugins show use it at once', async () => {
    await using folder = await temporaryFolder('create');
    await using queues = await startQueues(7);
    const plugin = await created(folder);
    const config = plugin.lines.replace('http://127.0.0.1:8080/queues', queues.url);
    await writeFile(join(folder.path, 'informer.yaml'), config);

    const configured = await informer(['collect', 'acme-queue'], { cwd: folder.path });
    expect(configured).toMatchObject({ code: 0, stderr: expect.stringContaining('outcome ok') });
    expect(configured.stdout).toContain('acme_queue_items{queue="mail",resource="acme-queue"} 7\n');
    const adHoc = ['collect', '--plugin', 'acme-queue', '--set', `url=${queues.url}`];
    expect((await informer(adHoc, { cwd: folder.path })).stdout).toBe(configured.stdout);
    const { stdout } = await informer(['plugins', 'show', 'acme-queue'], { cwd: folder.path });
    expect(stdout).toContain('acme_queue_items{queue}');
  });

  it('prints lines for informer.yaml with which a running agent exposes what it reads', async () => {
    await using folder = await temporaryFolder('create');
    await using queues = await startQueues(7);
    const plugin = await created(folder);
    const config = plugin.lines.replace('http://127.0.0.1:8080/queues', queues.url);
    await using agent = await startInformer({ config });
    expect((await agent.scrape()).text).toContain('acme_queue_items{queue="mail",resource="acme-queue"} 7\n');
  });

  it('works where the agent is an installed package', async () => {
    await using folder = await temporaryFolder('create');
    const agent = join(folder.path, 'node_modules', '@dynamic-informer', 'agent');
    for (const part of ['bin', 'dist', 'templates', 'package.json']) {
      await cp(join(root, 'agent', part), join(agent, part), { recursive: true });
    }
    await symlink(join(root, 'agent', 'node_modules'), join(agent, 'node_modules'));
    const args = [join(agent, 'bin', 'informer.mjs'), 'create', 'plugin', 'acme', '--dir', 'plugins'];
    const { code, stderr } = await runProgram(process.execPath, args, { cwd: folder.path });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const plugin = join(folder.path, 'plugins', 'acme');
    await npm(plugin, 'install', '--omit=dev', '--offline', '--no-audit', '--no-fund');
    expect(await npm(plugin, 'test')).toMatchObject({ code: 0 });
  });

  it('takes a place, and makes the folders that lead there', async () => {
    await using folder = await temporaryFolder('create');
    const at = (dir: string) => informer(['create', 'plugin', 'acme', '--dir', dir], { cwd: folder.path });
    expect((await at('far/away')).stdout).toContain('far/away/acme is written');
    expect((await at('other/acme')).stdout).toContain('other/acme is written');
    for (const path of ['far/away/acme', 'other/acme']) {
      const plugin = await readFile(join(folder.path, path, 'index.ts'), 'utf8');
      expect(plugin).toContain("name: 'acme'");
    }
  });

  it('is found where the configuration looks for plugins', async () => {
    await using folder = await temporaryFolder('create');
    await writeFile(join(folder.path, 'informer.yaml'), 'plugin_dirs: [plugins]\nresources: {}\n');
    const args = ['create', 'plugin', 'acme', '--dir', 'plugins'];
    expect(await informer(args, { cwd: folder.path })).toMatchObject({ code: 0 });
    expect((await informer(['plugins'], { cwd: folder.path })).stdout).toMatch(/^acme +own /m);
    const again = ['create', 'plugin', 'acme', '--dir', 'elsewhere'];
    const { code, stderr } = await informer(again, { cwd: folder.path });
    expect(stderr).toContain(
      `The name "acme" is taken by the plugin at ${join(folder.path, 'plugins/acme')}; `,
    );
    expect(code).toBe(1);
  });

  it.each([
    [
      'Acme_Queue',
      [],
      /"Acme_Queue" is no name for a plugin; write it in lower-case .*, such as acme-queue$/,
    ],
    ['-x', [], /unknown option/],
    ['9lives', [], /such as lives$/],
    ['a'.repeat(64), [], /at most 63$/],
    [
      'http-probe',
      [],
      /The name "http-probe" is taken by a plugin that comes with the agent; choose another; /,
    ],
    [
      'there',
      [],
      /there is there already; choose another name, name another place with --dir, or remove it$/,
    ],
    ['acme', ['--dir', 'a-file'], /a-file\/acme can't be written: ENOTDIR: .*; name a folder with --dir/],
  ])('refuses %s %j, and says what to do', async (name, more, message) => {
    await using folder = await temporaryFolder('create');
    await mkdir(join(folder.path, 'there'));
    await writeFile(join(folder.path, 'a-file'), '');
    const { code, stderr } = await informer(['create', 'plugin', name, ...more], { cwd: folder.path });
    expect(stderr.split('\n')[0]).toMatch(message);
    expect(code).toBe(1);
  });

  it('names a Node.js that can run its tests where the one on the path is too old', async () => {
    await using folder = await temporaryFolder('create');
    await writeFile(join(folder.path, 'node'), '#!/bin/sh\necho v20.20.2\n', { mode: 0o755 });
    const env = { PATH: [folder.path, process.env.PATH].join(delimiter) };
    const old = await informer(['create', 'plugin', 'acme'], { cwd: folder.path, env });
    expect(old.stdout).toContain(`export PATH=${dirname(process.execPath)}:"$PATH"`);
    const fit = await informer(['create', 'plugin', 'other'], { cwd: folder.path, env: { PATH } });
    expect(fit.stdout).not.toContain('export PATH');
  });
});

describe("informer create plugin in this project's own plugins folder", () => {
  /** A copy of what such a workspace is made of, with the packages that are installed here. */
  async function workspace(folder: TemporaryFolder): Promise<string> {
    const files = ['pnpm-workspace.yaml', 'biome.json', '.gitignore', 'package.json'];
    // Those that others refer to have to be there, whatever they say.
    const configurations = globSync('{.,plugins,plugins/*,test,test/*,deploy/*}/tsconfig.json', {
      cwd: root,
    });
    for (const path of [...files, ...configurations, 'sdk', 'agent']) {
      await cp(join(root, path), join(folder.path, path), {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
      });
    }
    await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'));
    return folder.path;
  }

  it('writes a package of the workspace that compiles, keeps to the rules, and passes its test', async () => {
    await using folder = await temporaryFolder('create');
    const copy = await workspace(folder);
    const program = INFORMER.replace(root, `${copy}/`);
    const args = [program, 'create', 'plugin', 'acme-queue', '--dir', 'plugins'];
    const { code, stdout, stderr } = await runProgram(process.execPath, args, { cwd: copy });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const bootstrap = await readFile(join(root, 'deploy', 'bootstrap.mjs'), 'utf8');
    const [, pnpm] = /^const PNPM = '(.+)';$/m.exec(bootstrap) ?? [];
    expect(stdout).toContain(`npx ${pnpm} install`);

    const plugin = join(copy, 'plugins', 'acme-queue');
    expect(JSON.parse(await readFile(join(plugin, 'package.json'), 'utf8'))).toMatchObject({
      name: '@dynamic-informer/plugin-acme-queue',
      informer: { plugin: 'acme-queue', host: 'own' },
      dependencies: { '@dynamic-informer/sdk': 'workspace:*' },
    });
    const before = JSON.parse(await readFile(join(root, 'plugins', 'tsconfig.json'), 'utf8'));
    const after = JSON.parse(await readFile(join(copy, 'plugins', 'tsconfig.json'), 'utf8'));
    expect(after).toEqual({ ...before, references: [{ path: 'acme-queue' }, ...before.references] });

    // What an install would do for it.
    await mkdir(join(plugin, 'node_modules', '@dynamic-informer'), { recursive: true });
    await symlink(join(copy, 'sdk'), join(plugin, 'node_modules', '@dynamic-informer', 'sdk'));
    const compiled = await runProgram(bin('tsc'), ['-b', 'plugins/acme-queue'], { cwd: copy });
    expect(compiled).toMatchObject({ code: 0, stdout: '' });
    const linted = await runProgram(bin('biome'), ['ci', '--error-on-warnings', 'plugins'], { cwd: copy });
    expect(linted).toMatchObject({ code: 0 });
    const tested = await runProgram(bin('vitest'), ['run', '--root', plugin], { cwd: copy });
    expect(tested.stdout + tested.stderr).toMatch(/Tests .*\d+ passed/);
    expect(tested.code).toBe(0);
  }, 120_000);
});
