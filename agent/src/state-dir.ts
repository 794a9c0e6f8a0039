import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the agent keeps its socket and the state of resources, unless `state_dir` says otherwise. */
export function defaultStateDir(environment: Readonly<Record<string, string | undefined>>): string {
  if (process.getuid?.() === 0) return '/var/lib/informer';
  return join(environment.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'informer');
}
