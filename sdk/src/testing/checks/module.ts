import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNeeds, needsOf } from '../../docs/needs.ts';
import { toErrorInfo } from '../../errors.ts';
import { pluginOf } from '../../runtime/collector.ts';
import type { Demand } from '../check.ts';
import type { Subject } from '../subject.ts';

const HOSTS = ['shared', 'own', 'dedicated'];

export function moduleChecks(subject: Subject): Demand[] {
  return [{ name: 'is exported and named as the contract wants it', run: () => checkModule(subject) }];
}

async function checkModule({ plugin, options }: Subject): Promise<void> {
  accept({ default: plugin });
  assert.match(
    plugin.name,
    /^[a-z][a-z0-9-]*$/,
    `The name "${plugin.name}" can't stand in a configuration. Use lower case, digits and dashes.`,
  );
  const found = await packageOf(options.folder);
  const module = options.module ? await options.module() : found && (await importEntry(found.folder));
  if (module !== undefined) {
    const { name } = accept(module);
    assert.ok(
      name === plugin.name,
      `The module exports the plugin "${name}", and tested is "${plugin.name}". Test what the module exports.`,
    );
  }
  if (found === undefined) return;
  const { plugin: name, host } = found.informer;
  assert.ok(
    name === plugin.name,
    `package.json calls the plugin ${JSON.stringify(name)}, the plugin itself "${plugin.name}". Write "informer": {"plugin": "${plugin.name}"}.`,
  );
  assert.ok(
    host === undefined || HOSTS.includes(String(host)),
    `package.json gives the host ${JSON.stringify(host)}. Use one of: ${HOSTS.join(', ')}.`,
  );
  orFail(() => {
    const needs = needsOf(found.informer.needs);
    if (needs) checkNeeds(needs, plugin.config);
  });
}

const accept = (module: unknown) => orFail(() => pluginOf(module));

function orFail<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    const { message, fix } = toErrorInfo(error);
    assert.fail(`${message} ${fix ?? ''}`);
  }
}

interface Package {
  readonly folder: string;
  readonly informer: Readonly<Record<string, unknown>>;
}

/** The nearest package.json that says it holds a plugin. */
async function packageOf(start: string): Promise<Package | undefined> {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) {
      const { informer } = JSON.parse(await readFile(path, 'utf8')) as { informer?: Package['informer'] };
      return informer && { folder, informer };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** The module as a package's folder has it; a plugin of which only a build could be imported is told by `module`. */
async function importEntry(folder: string): Promise<unknown> {
  const entry = ['index.ts', 'index.js', 'index.mjs'].map((name) => join(folder, name)).find(existsSync);
  return entry && import(pathToFileURL(entry).href);
}
