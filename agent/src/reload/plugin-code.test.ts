import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AgentConfig } from '../config/types.ts';
import { PluginCode } from './plugin-code.ts';

let folder: string;
let config: AgentConfig;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'di-code-')));
  const wanted = { pluginDirs: [folder], plugins: [], resources: [{ name: 'a', plugin: 'acme' }] };
  config = wanted as unknown as AgentConfig;
});
afterAll(() => rm(folder, { recursive: true }));

async function setUp() {
  const lines: string[] = [];
  const clock = { now: 0 };
  const log = {
    info: (message: string) => void lines.push(message),
    warn: (message: string) => void lines.push(message),
  };
  const code = new PluginCode({ log, now: () => clock.now });
  let written = 0;
  const save = () => writeFile(join(folder, 'acme.mjs'), `// ${written++}`);
  /** A pass over what is there; gives the version that it takes. */
  const pass = async (isAsked = false) => {
    const looked = await code.look(config, isAsked);
    looked.take();
    const entry = looked.catalog.get('acme');
    return entry && looked.sourceOf(entry).version;
  };
  const hasChanged = async () => {
    const seen = await code.lookAgain();
    return Object.entries(code.digests).some(([key, digest]) => seen.get(key)?.digest !== digest);
  };
  await save();
  return { code, lines, clock, save, pass, hasChanged, first: await pass() };
}

it('code that changes itself is held back after a while, says so once, and is looked at again later', async () => {
  const { lines, clock, save, pass, hasChanged } = await setUp();
  const versions = new Set<string | undefined>();
  for (let change = 0; change < 40; change++) {
    await save();
    versions.add(await pass());
  }
  expect(versions.size).toBe(30);
  expect(lines.filter((line) => line === 'plugin code changes too often')).toHaveLength(1);
  await save();
  expect(await hasChanged()).toBe(false);
  clock.now += 10 * 60_000;
  expect(await hasChanged()).toBe(true);
  expect(versions).not.toContain(await pass());
  expect(await hasChanged()).toBe(false);
});

it('who asks for a reload gets the code that is there, however often it has changed', async () => {
  const { save, pass } = await setUp();
  for (let change = 0; change < 40; change++) {
    await save();
    await pass();
  }
  const held = await pass();
  expect(await pass(true)).not.toBe(held);
});

it('a look that is not taken changes nothing: the change is still there for the next', async () => {
  const { code, save, pass, hasChanged, first } = await setUp();
  await save();
  await code.look(config);
  expect(await hasChanged()).toBe(true);
  expect(await pass()).not.toBe(first);
});

it('what a host has loaded otherwise than it was read is a change; what it says of another version is none', async () => {
  const { code, pass, hasChanged, first } = await setUp();
  const loaded = { plugin: 'acme', version: String(first), isWhole: true };
  const path = join(folder, 'acme.mjs');
  expect(code.loaded({ ...loaded, version: 'another', files: [[path, '1:half']] })).toBe(false);
  expect(await hasChanged()).toBe(false);
  expect(code.loaded({ ...loaded, files: [[path, '1:half']] })).toBe(true);
  expect(await hasChanged()).toBe(true);
  expect(await pass()).not.toBe(first);
  expect(await hasChanged()).toBe(false);
});
