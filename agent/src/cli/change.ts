import { configError, parseDuration } from '@dynamic-informer/sdk';
import { fixForUnknown } from '@dynamic-informer/sdk/host';
import { oneLine } from '../printable.ts';
import type { OverrideStatus, ResourceStatus } from '../status.ts';
import { type AgentAddress, type AgentClient, Refused, withAgent } from './client.ts';
import { errorText } from './error-text.ts';
import { clockText, leftText } from './time-text.ts';

interface SwitchOptions extends AgentAddress {
  readonly for?: string;
  readonly reason?: string;
}

/** Gives resources of a running agent new collectors; a quarantine is over with that. */
export const restart = (names: readonly string[], address: AgentAddress): Promise<void> =>
  change('restart', names, address);

export const enable = (names: readonly string[], options: SwitchOptions): Promise<void> =>
  change('enable', names, options);

export const disable = (names: readonly string[], options: SwitchOptions): Promise<void> =>
  change('disable', names, options);

/** One after the other, and nothing at all while a name is none: half of what was meant is worse than nothing. */
async function change(
  operation: 'restart' | 'enable' | 'disable',
  names: readonly string[],
  options: SwitchOptions,
): Promise<void> {
  if (options.for !== undefined) parseDuration(options.for);
  const wish = {
    ...(options.for !== undefined && { for: options.for }),
    ...(options.reason !== undefined && { reason: options.reason }),
  };
  const body = Object.keys(wish).length > 0 ? wish : undefined;
  await withAgent(options, async (agent) => {
    if (names.length > 1) for (const name of names) await statusOf(agent, name);
    for (const name of new Set(names)) {
      const path = `${resourcePath(name)}/${operation}`;
      const status = (await suggesting(agent, name, agent.post(path, { body }))) as ResourceStatus;
      process.stdout.write(`${changedLine(status)}\n`);
    }
  });
}

/**
 * A resource's status.
 * @throws Unreachable, Refused; a config error that suggests the name that was probably meant
 */
export async function statusOf(agent: AgentClient, name: string): Promise<ResourceStatus> {
  return (await suggesting(agent, name, agent.get(resourcePath(name)))) as ResourceStatus;
}

export const resourcePath = (name: string): string => `/api/v1/resources/${encodeURIComponent(name)}`;

/** Waits for an answer about a resource. That there is none of that name is said with the one that was probably meant. */
async function suggesting(agent: AgentClient, name: string, answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Refused) || error.problem.code !== 'HTTP_UNKNOWN_NAME') throw error;
    const { resources } = (await agent.get('/api/v1/resources')) as { resources: readonly ResourceStatus[] };
    const names = resources.map((resource) => resource.name);
    throw configError(`There is no resource "${name}".`, {
      code: 'CONFIG_UNKNOWN_RESOURCE',
      fix: fixForUnknown(name, names, 'the resources are'),
    });
  }
}

/** `orders-db is disabled until 15:04:05, in 30m: maintenance` */
function changedLine(status: ResourceStatus): string {
  const { name, state, errors, override } = status;
  if (override)
    return oneLine(
      `${name} is ${state}${state === 'failed' ? reasonText(errors) : ''}, ${switchText(override)}`,
    );
  return oneLine(
    `${name} is ${state}${state === 'running' || state === 'disabled' ? '' : reasonText(errors)}`,
  );
}

const reasonText = ([error]: ResourceStatus['errors']): string => (error ? `: ${errorText(error)}` : '');

/** `until 15:04:05 (in 30m), by alice on this host: maintenance` */
export function switchText({ until, by, reason, unsaved }: OverrideStatus, now = Date.now()): string {
  const end =
    until === undefined
      ? 'until somebody undoes it'
      : `until ${clockText(until, now)} (in ${leftText(until - now)})`;
  const why = reason ? `: ${reason}` : '';
  return `${end}, by ${by}${why}${unsaved ? `; a restart of the agent forgets it: ${unsaved}` : ''}`;
}
