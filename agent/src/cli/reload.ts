import { oneLine } from '../printable.ts';
import type { ReloadResult, ResourceStatus } from '../status.ts';
import { type AgentAddress, type AgentClient, Refused, withAgent } from './client.ts';
import { errorText } from './error-text.ts';

/** Lets a running agent look again at its configuration, and prints what came of it as `informer check` does. */
export async function reload(address: AgentAddress): Promise<void> {
  await withAgent(address, async (agent) => {
    try {
      const result = (await agent.post('/-/reload')) as ReloadResult;
      process.stdout.write(`${resultLines(result).join('\n')}\n`);
      for (const line of await notRunning(agent, result)) process.stdout.write(`${line}\n`);
    } catch (error) {
      const errors = error instanceof Refused ? error.problem.errors : undefined;
      if (!errors) throw error;
      for (const line of errors) process.stdout.write(`${shownLines(line)}\n`);
      process.stderr.write(
        'informer: the configuration is not usable, and nothing was changed; correct it\n',
      );
      process.exitCode = 1;
    }
  });
}

/** One line for each kind of change, with the names. */
function resultLines({ warnings, opened, replaced, adjusted, closed }: ReloadResult): string[] {
  const lines = Object.entries({ opened, replaced, adjusted, closed })
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what.padEnd(9)} ${names.join(', ')}`);
  return [...warnings.map(oneLine), ...(lines.length > 0 ? lines : ['nothing has changed'])];
}

/** What was to be opened and is not, each with its reason. */
async function notRunning(agent: AgentClient, { opened, replaced }: ReloadResult): Promise<string[]> {
  const names = new Set([...opened, ...replaced]);
  if (names.size === 0) return [];
  const { resources } = (await agent.get('/api/v1/resources')) as { resources: readonly ResourceStatus[] };
  return resources
    .filter(({ name, state }) => names.has(name) && state !== 'running' && state !== 'disabled')
    .map(({ name, state, errors: [error] }) =>
      oneLine(`${name} is ${state}${error ? `: ${error.code}: ${errorText(error)}` : ''}`),
    );
}

const shownLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${oneLine(line)}`)
    .join('\n');
