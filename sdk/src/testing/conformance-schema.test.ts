import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { definePlugin, gauge, type TSchema, Type } from '../index.ts';
import { failuresOf } from './failing/run.ts';
import { testPlugin } from './index.ts';

const size = gauge('basket_size', 'Things in the basket.');
const described = { description: 'What it is for.' };

function pluginWith(config: TSchema, name = 'basket') {
  return definePlugin({ name, config, metrics: [size], open: () => ({ collect: () => [size.sample(1)] }) });
}

const options = { folder: `${import.meta.dirname}/none`, target: 'none', config: () => ({}) } as const;

it.each<[what: string, TSchema, check: string, message: RegExp]>([
  [
    'has a key without a description',
    Type.Object({ inner: Type.Optional(Type.Object({ size: Type.Number() }, described)) }),
    'describes every key of its configuration',
    /^config\.inner\.size has no description\. Say in its schema what it is for\.$/,
  ],
  [
    'takes any key',
    Type.Object({ size: Type.Optional(Type.Number(described)) }, { additionalProperties: true }),
    'refuses keys that its configuration does not know',
    /^config takes any key, so that a misspelt one is silently ignored\. Remove additionalProperties/,
  ],
  [
    'takes any mapping',
    Type.Record(Type.String(), Type.Unknown()),
    'refuses keys that its configuration does not know',
    /^config takes the key "unknown_key_of_the_suite"\. Declare the configuration with Type\.Object\.$/,
  ],
])('one that %s fails at that alone', async (_what, schema, check, message) => {
  const failures = await failuresOf(testPlugin(pluginWith(schema), options));
  expect(failures).toEqual({ [check]: expect.stringMatching(message) });
});

const MODULE = 'is exported and named as the contract wants it';
const plugin = pluginWith(Type.Object({}));

it.each<[what: string, unknown, message: RegExp]>([
  [
    'exports nothing',
    {},
    /^The module has no plugin as its default export\. Write "export default definePlugin/,
  ],
  [
    'speaks another version of the contract',
    { default: { ...plugin, contract: 99 } },
    /^The plugin "basket" speaks version 99 of the contract/,
  ],
  [
    'exports another plugin',
    { default: pluginWith(Type.Object({}), 'bag') },
    /^The module exports the plugin "bag", and tested is "basket"/,
  ],
])('one whose module %s fails at that alone', async (_what, module, message) => {
  const failures = await failuresOf(testPlugin(plugin, { ...options, module: async () => module }));
  expect(failures).toEqual({ [MODULE]: expect.stringMatching(message) });
});

it('one with a name that no configuration can write fails at that alone', async () => {
  const failures = await failuresOf(testPlugin(pluginWith(Type.Object({}), 'My Basket'), options));
  expect(failures).toEqual({
    [MODULE]: expect.stringMatching(/^The name "My Basket" can't stand in a conf/),
  });
});

it.each<[what: string, informer: string, message: RegExp]>([
  [
    'calls it something else',
    '{"plugin": "bag", "host": "shared"}',
    /^package\.json calls the plugin "bag", the plugin/,
  ],
  [
    'says that it needs something else than texts',
    '{"plugin": "basket", "needs": {"paths": "/proc"}}',
    /^informer\.needs\.paths is no list\. Write a list/,
  ],
  [
    'refers to a key that there is not',
    '{"plugin": "basket", "needs": {"hosts": ["${config.url}"]}}',
    /^informer\.needs\.hosts\[0\] refers to "url", which is no key of the configuration/,
  ],
])('one whose package.json %s fails at that alone', async (_what, informer, message) => {
  const folder = await mkdtemp(join(tmpdir(), 'basket-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'package.json'), `{"informer": ${informer}}`);
  const failures = await failuresOf(testPlugin(plugin, { ...options, folder }));
  expect(failures).toEqual({ [MODULE]: expect.stringMatching(message) });
});
