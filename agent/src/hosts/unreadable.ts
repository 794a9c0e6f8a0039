import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InformerError } from '@dynamic-informer/sdk';
import type { HostAccount } from '../contract.ts';
import { stepsTo } from './closed-path.ts';
import { launchAs } from './launch.ts';

/** Why a host did not start, if its user may not read the agent's own code or the SDK's. */
export async function whyNotStarted(
  { name, account }: { readonly name: string; readonly account?: HostAccount },
  entry: string,
): Promise<InformerError | undefined> {
  if (!account) return undefined;
  const sdk = fileURLToPath(import.meta.resolve('@dynamic-informer/sdk'));
  const path = await closedTo(account, [entry, sdk]);
  if (path === undefined) return undefined;
  return new InformerError(
    'plugin',
    `The host "${name}" can't be started: the user "${account.name}" may not read ${path}.`,
    {
      code: 'PLUGIN_NOT_READABLE',
      fix: 'Make it readable for that user, or install the agent elsewhere.',
    },
  );
}

const LOOK = `
for step; do
  if [ -d "$step" ]; then [ -x "$step" ]; else [ -r "$step" ]; fi || { printf %s "$step"; exit; }
done
`;

/** The first folder or file on the way to these files that the account may not enter or read. */
async function closedTo(account: HostAccount, paths: readonly string[]): Promise<string | undefined> {
  const steps = [...new Set(paths.flatMap(stepsTo))];
  const { command, args, options } = await launchAs(account, ['/bin/sh', '-c', LOOK, 'sh', ...steps]);
  const found = await new Promise<string>((resolve) => {
    execFile(command, [...args], { ...options, timeout: 5_000 }, (_error, stdout) => resolve(stdout));
  });
  return found === '' ? undefined : found;
}
