import { open, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { configError } from '@dynamic-informer/sdk';
import { Redactor } from '../redactor.ts';
import { defaultStateDir } from '../state-dir.ts';
import type { ResourceStatus } from '../status.ts';
import { Bundle } from '../support/bundle.ts';
import { FactFinder, type Facts } from '../support/facts.ts';
import { readRegular } from '../support/read-regular.ts';
import { redactConfig } from '../support/redact-config.ts';
import { describeSystem, listFolder, parentOf, variableNames } from '../support/system.ts';
import { type AgentAddress, AgentClient } from './client.ts';
import { configFile } from './output.ts';
import { type AgentAnswer, statusLines } from './status-table.ts';

interface BundleOptions extends AgentAddress {
  readonly output?: string;
}

/** Reading the configuration may load plugins that hang. */
const FACTS_MS = 18_000;
const ANSWER_MS = 5_000;
const FILES_MS = 4_000;
const TAIL_BYTES = 256 * 1024;

/** What is asked of a running agent: the part's name, the path, and what it is. */
const ANSWERS = [
  ['agent/agent.json', '/api/v1/agent', 'the agent: its version, its last look at the configuration'],
  [
    'agent/resources.json',
    '/api/v1/resources',
    'the state of every resource, with its host and what that uses',
  ],
  ['agent/logs.json', '/api/v1/logs', 'the last lines of the log'],
  ['agent/audit.json', '/api/v1/audit?limit=200', 'who has switched what, and when'],
  ['agent/plugins.json', '/api/v1/plugins', 'the plugins, with their schemas'],
  ['agent/metadata.json', '/api/v1/metadata', 'every metric, and whose it is'],
] as const;

/**
 * Writes all that helps to find out what is wrong into one archive, from what answers in time: neither the agent, nor a
 * plugin, nor a file system that hangs holds it up.
 */
export async function supportBundle(options: BundleOptions): Promise<void> {
  const at = new Date();
  const name = `informer-support-${stampOf(at)}`;
  const file = resolve(options.output ?? `${name}.tar.gz`);
  const redactor = new Redactor();
  const bundle = new Bundle(redactor);
  // Before the work is done: where nothing can be written, it is for nothing.
  const output = await create(file);
  try {
    await gather(options, bundle, redactor);
    await output.writeFile(await bundle.pack(basename(file).replace(/\.tar\.gz$|\.tgz$/, ''), at));
    await output.close();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
  process.stdout.write(`${file}\n`);
  for (const { what, why } of bundle.missing) process.stderr.write(`informer: without ${what}: ${why}\n`);
  const advice = 'informer: secrets are masked; look through it all the same before you send it\n';
  // What still hangs is not waited for.
  process.stderr.write(advice, () => process.exit(0));
}

async function gather(options: BundleOptions, bundle: Bundle, redactor: Redactor): Promise<void> {
  const configuration = configurationOf(options.config, bundle);
  const finder = configuration === undefined ? undefined : new FactFinder(configuration);
  const found = finder?.within(FACTS_MS) ?? Promise.resolve<Facts>({});
  const named = Promise.race([finder?.stateDir, pause(FILES_MS, undefined, { ref: false })]);
  const socket = /^unix:(.+)$/.exec(options.url ?? '')?.[1];
  const stateDir = socket ? dirname(socket) : ((await named) ?? defaultStateDir(process.env));
  const url = options.url ?? `unix:${join(stateDir, 'agent.sock')}`;
  const [agentPid] = await Promise.all([askAgent({ ...options, url }, bundle), addState(stateDir, bundle)]);
  await addSystem(agentPid, bundle);
  const facts = await found;
  redactor.add(facts.secrets ?? []);
  addCheck(facts, configuration, bundle);
  await addFiles(facts, configuration, bundle);
}

async function create(file: string) {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw configError(
      code === 'EEXIST' ? `${file} is there already.` : `${file} can't be written: ${message}.`,
      {
        fix: 'name another file with -o',
      },
    );
  }
}

function configurationOf(named: string | undefined, bundle: Bundle): string | undefined {
  try {
    return configFile(named);
  } catch (error) {
    bundle.lacks('the configuration', (error as Error).message);
    return undefined;
  }
}

/** @returns the number of the agent's process, if it runs on this machine and is known */
async function askAgent(address: AgentAddress, bundle: Bundle): Promise<number | undefined> {
  let agent: AgentClient;
  try {
    agent = await AgentClient.at(address);
    await agent.text('/-/healthy', { deadlineMs: ANSWER_MS });
  } catch (error) {
    bundle.lacks('what a running agent says', (error as Error).message);
    return undefined;
  }
  const answers = new Map<string, unknown>();
  await Promise.all(
    ANSWERS.map(async ([name, path, about]) => {
      try {
        const text = await agent.text(path, { deadlineMs: ANSWER_MS });
        bundle.add(name, about, text);
        answers.set(name, JSON.parse(text));
      } catch (error) {
        bundle.lacks(about, (error as Error).message);
      }
    }),
  );
  const self = answers.get('agent/agent.json') as (AgentAnswer & { metricsPath?: string }) | undefined;
  const list = answers.get('agent/resources.json') as { resources: ResourceStatus[] } | undefined;
  await Promise.all([addMetrics(agent, self?.metricsPath ?? '/metrics', bundle), addPlan(agent, bundle)]);
  if (!list) return undefined;
  const shown = { width: undefined, now: Date.now(), paint: (_style: unknown, text: string) => text };
  bundle.add('status.txt', 'the same as a table', `${statusLines(list.resources, self, shown).join('\n')}\n`);
  const hostPid = list.resources.find((resource) => resource.hostPid !== undefined)?.hostPid;
  const isHere = agent.where.startsWith('unix:');
  return hostPid === undefined || !isHere ? undefined : parentOf(hostPid);
}

async function addMetrics(agent: AgentClient, path: string, bundle: Bundle): Promise<void> {
  const headers = { 'x-prometheus-scrape-timeout-seconds': String(ANSWER_MS / 2000) };
  try {
    const text = await agent.text(path, { headers, deadlineMs: ANSWER_MS });
    bundle.add('agent/metrics.txt', 'one scrape, in the text format', text);
  } catch (error) {
    bundle.lacks('a scrape', (error as Error).message);
  }
}

async function addPlan(agent: AgentClient, bundle: Bundle): Promise<void> {
  const about = 'what a look at the configuration would change now';
  try {
    bundle.addJson(
      'agent/plan.json',
      about,
      await agent.post('/api/v1/plan?series=false', { deadlineMs: ANSWER_MS }),
    );
  } catch (error) {
    bundle.lacks(about, (error as Error).message);
  }
}

async function addState(stateDir: string, bundle: Bundle): Promise<void> {
  const here = (name: string) => join(stateDir, name);
  await Promise.all([
    part(bundle, 'state.txt', 'what is in the state folder: names, sizes and times', () =>
      listFolder(stateDir),
    ),
    part(
      bundle,
      'overrides.json',
      'what is switched by hand',
      () => readRegular(here('overrides.json')),
      true,
    ),
    part(bundle, 'audit.log', 'the end of the audit', () => readRegular(here('audit.log'), TAIL_BYTES), true),
  ]);
}

async function addSystem(agentPid: number | undefined, bundle: Bundle): Promise<void> {
  await Promise.all([
    part(bundle, 'system.json', 'versions, the machine, and its limits', async () =>
      JSON.stringify(await describeSystem(agentPid), null, 2),
    ),
    part(bundle, 'environment.txt', 'names of environment variables, without what they hold', () =>
      variableNames(agentPid),
    ),
  ]);
}

function addCheck({ check, plugins }: Facts, configuration: string | undefined, bundle: Bundle): void {
  if (configuration === undefined) return;
  const late = `it was not ready after ${FACTS_MS / 1000} s: a plugin, or a file, does not answer`;
  if (check) {
    bundle.add(
      'check.txt',
      'what "informer check" says',
      `${check.join('\n') || `${configuration}: valid`}\n`,
    );
  } else bundle.lacks('what "informer check" says', late);
  if (plugins)
    bundle.addJson('plugins.json', 'the plugins that can be used, with versions and declared needs', plugins);
  else bundle.lacks('the plugins that can be used', late);
}

/** The configuration's files, numbered in the order in which they are read. */
async function addFiles(facts: Facts, configuration: string | undefined, bundle: Bundle): Promise<void> {
  const files = facts.files ?? (configuration === undefined ? [] : [configuration]);
  const add = (file: string, index: number) => {
    const name = `config/${String(index + 1).padStart(2, '0')}-${basename(file)
      .replace(/[^\w.-]/g, '_')
      .slice(-60)}`;
    return part(bundle, name, `${file}, masked`, async () => {
      const text = await readRegular(file);
      return redactConfig(text, (plugin) => facts.schemas?.[plugin]);
    });
  };
  await Promise.all(files.map(add));
}

/** A part that is made of files; one that `mayLack` is not missed. */
async function part(
  bundle: Bundle,
  name: string,
  about: string,
  make: () => Promise<string>,
  mayLack = false,
): Promise<void> {
  const late = Symbol('late');
  try {
    const text = await Promise.race([make(), pause(FILES_MS, late, { ref: false })]);
    if (typeof text === 'string') bundle.add(name, about, text);
    else bundle.lacks(about, `it was not read within ${FILES_MS / 1000} s`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(mayLack && code === 'ENOENT')) bundle.lacks(about, message);
  }
}

const stampOf = (at: Date): string => {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${date}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
};
