import { styleText } from 'node:util';
import { escapeUnprintable } from '../printable.ts';
import type { RecentLine } from '../recent-log.ts';
import type { ResourceStatus } from '../status.ts';
import { statusOf } from './change.ts';
import { type AgentAddress, type AgentClient, Refused, withAgent } from './client.ts';
import { resourceLines } from './status-one.ts';
import { type AgentAnswer, BROKEN, type Shown, statusLines, wordOf } from './status-table.ts';
import { type Report, watch } from './watch.ts';

interface StatusOptions extends AgentAddress {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly failed?: boolean;
}

const LOG_LINES = 10;

/** Prints how the resources of a running agent are, or one of them, once or again and again. */
export async function status(name: string | undefined, options: StatusOptions): Promise<void> {
  await withAgent(options, async (agent) => {
    const look = () => (name === undefined ? lookAtAll(agent, options) : lookAtOne(agent, name, options));
    if (options.watch) return watch(look);
    process.stdout.write(`${(await look()).lines().join('\n')}\n`);
  });
}

async function lookAtAll(agent: AgentClient, { json, failed }: StatusOptions): Promise<Report> {
  const [list, self] = await Promise.all([
    agent.get('/api/v1/resources') as Promise<{ resources: readonly ResourceStatus[] }>,
    selfOf(agent),
  ]);
  const resources = failed ? list.resources.filter((each) => BROKEN.includes(wordOf(each))) : list.resources;
  const essence = JSON.stringify([resources.map(essenceOf), self?.lastReload?.result]);
  if (json) return { lines: () => [jsonText({ agent: self, ...list, resources })], essence };
  return { lines: () => statusLines(list.resources, self, shownHere(), failed), essence };
}

async function lookAtOne(agent: AgentClient, name: string, { json }: StatusOptions): Promise<Report> {
  if (json) {
    const text = jsonText(await statusOf(agent, name));
    return { lines: () => [text], essence: text };
  }
  const status = await statusOf(agent, name);
  const { lines } = await notBefore<{ lines: readonly RecentLine[] }>(
    agent.get(`/api/v1/logs?resource=${encodeURIComponent(name)}&limit=${LOG_LINES}`),
    { lines: [] },
  );
  const essence = JSON.stringify([essenceOf(status), lines]);
  return { lines: () => resourceLines(status, lines, shownHere()), essence };
}

/** What makes a resource's state another one, ages and durations left out. */
function essenceOf(status: ResourceStatus): unknown {
  const { name, plugin, state, since, host, errors, override } = status;
  return [name, plugin, state, wordOf(status), since, host, errors, override];
}

const selfOf = (agent: AgentClient): Promise<AgentAnswer | undefined> =>
  notBefore<AgentAnswer | undefined>(agent.get('/api/v1/agent'), undefined);

/** An agent of an older version does not know every path. */
async function notBefore<T>(answer: Promise<unknown>, instead: T): Promise<T> {
  try {
    return (await answer) as T;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return instead;
    throw error;
  }
}

const jsonText = (value: unknown): string => escapeUnprintable(JSON.stringify(value, null, 2));

/** In a terminal with its width and colours; else as plain text that is easy to search. */
function shownHere(): Shown {
  return {
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    now: Date.now(),
  };
}
