import type { Logger } from '@dynamic-informer/sdk';
import type { StartHost } from '../hosts/pool.ts';
import { ProcessHost } from '../hosts/process-host.ts';

/** Starts child processes as hosts; what they log goes to the agent's log. */
export function processHosts(log: Logger): StartHost {
  return (group, onDeath, signal) =>
    ProcessHost.start(
      group,
      {
        log: (level, resource, message, fields) =>
          log[level](message, { ...(resource && { resource }), host: group.name, ...fields }),
        died: onDeath,
      },
      signal,
    );
}
