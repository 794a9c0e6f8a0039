import type { ResourceStatus } from '../status.ts';
import { type AgentAddress, ask } from './client.ts';

/** Gives a resource of a running agent a new collector; a quarantine is over with that. */
export async function restart(name: string, address: AgentAddress): Promise<void> {
  const path = `/api/v1/resources/${encodeURIComponent(name)}/restart`;
  const status = (await ask(address, 'POST', path)) as ResourceStatus | undefined;
  if (!status) return;
  const [error] = status.state === 'running' ? [] : status.errors;
  const reason = error ? `: ${error.message}${error.fix ? ` ${error.fix}` : ''}` : '';
  process.stdout.write(`${name} is ${status.state}${reason}\n`);
}
