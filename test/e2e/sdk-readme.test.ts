import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, isAsShown } from '../support/markdown.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/process.ts';
import { runProgram } from '../support/run-program.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temp.ts';

// What the README of the SDK shows is what authors of plugins copy. An example that shows what it prints has
// to print that; each has to compile.
const root = fileURLToPath(new URL('../..', import.meta.url));
const blocks = blocksOf(await readFile(join(root, 'sdk', 'README.md'), 'utf8'));
const examples = blocks.filter(({ language }) => language === 'ts');
/** What the examples without imports begin with, as the page says. */
const [prelude = ''] = examples.map(({ text }) => text).filter((text) => text.includes('const show ='));
const isWhole = ({ text }: Block) => /^import /m.test(text);

/** The compiler and the suite for plugins take long where the machine has other work. */
const TIMEOUT_MS = 180_000;

const nameOf = ({ line }: Block): string => `line-${line}.ts`;
const bin = join(root, 'node_modules', '.bin');
const PATH = [dirname(process.execPath), bin, process.env.PATH].join(delimiter);

describe('the examples in TypeScript', () => {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await temporaryFolder('sdk-readme');
    const modules = join(folder.path, 'node_modules');
    await mkdir(join(modules, '@dynamic-informer'), { recursive: true });
    await symlink(join(root, 'sdk'), join(modules, '@dynamic-informer', 'sdk'));
    await symlink(join(root, 'node_modules', '@types'), join(modules, '@types'));
    await writeFile(join(folder.path, 'package.json'), JSON.stringify({ type: 'module' }));
    // The settings that a new plugin has.
    const settings = join(root, 'agent', 'templates', 'standalone', 'tsconfig.json');
    await writeFile(join(folder.path, 'tsconfig.json'), await readFile(settings));
    for (const example of examples) {
      const text = isWhole(example) ? example.text : `${prelude}\n${example.text}`;
      await writeFile(join(folder.path, nameOf(example)), text);
    }
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it(
    'compile',
    async () => {
      expect(await runProgram(join(bin, 'tsc'), [], { cwd: folder.path, env: { PATH } })).toMatchObject({
        stdout: '',
        code: 0,
      });
    },
    TIMEOUT_MS,
  );

  it.each(examples.filter(({ output }) => output !== undefined).map((example) => [example.line, example]))(
    'at line %i prints what is shown',
    async (_line, example) => {
      const args = [nameOf(example)];
      const { code, stdout, stderr } = await runProgram(process.execPath, args, { cwd: folder.path });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const shown = example.output ?? '';
      // Where they differ, the difference is what one wants to see.
      if (!isAsShown(shown, stdout)) expect(stdout.trimEnd()).toBe(shown.trimEnd());
    },
    TIMEOUT_MS,
  );
});

/** Commands with what they print, as a terminal shows them. */
function sessionOf(text: string): { command: string; shown: string }[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), shown: part.slice(end + 1) };
    });
}

it(
  'the first plugin: each command prints what is shown, on the machine of who follows the steps',
  async () => {
    await using folder = await temporaryFolder('sdk-readme');
    const port = String(await freePort());
    const only = (language: string) =>
      blocks.filter((block) => block.language === language).map(({ text }) => text.replaceAll('8080', port));
    const [server = ''] = only('js');
    const [config = ''] = only('yaml');
    await writeFile(join(folder.path, 'queues.mjs'), server);
    await writeFile(join(folder.path, 'informer.yaml'), config);
    await using _queues = await startProcess({
      command: process.execPath,
      args: ['queues.mjs'],
      cwd: folder.path,
      ready: async () => (await fetch(`http://127.0.0.1:${port}/queues`)).ok,
    });
    // What an install takes from the network is for the compiler alone.
    const env = { PATH, npm_config_offline: 'true', npm_config_omit: 'dev', npm_config_audit: 'false' };
    const steps = only('console').flatMap(sessionOf);
    expect(steps.length).toBeGreaterThan(2);
    for (const { command, shown } of steps) {
      const { code, stdout, stderr } = await runProgram('sh', ['-c', command], { cwd: folder.path, env });
      expect({ command, code, stderr }).toEqual({ command, code: 0, stderr: expect.anything() });
      if (!isAsShown(shown, stdout)) expect(stdout).toBe(shown);
    }
  },
  TIMEOUT_MS,
);
