import type { Logger } from '@dynamic-informer/sdk';
import { isReference } from '../config/substitute.ts';
import type { HostAccount } from '../contract.ts';
import { FrameRoom } from '../hosts/frame-room.ts';
import { findSetpriv } from '../hosts/launch.ts';
import type { StartHost } from '../hosts/pool.ts';
import { ProcessHost } from '../hosts/process-host.ts';
import { Watchdog } from '../hosts/watchdog.ts';
import type { Redactor } from '../redactor.ts';

interface HostOptions {
  /** Instead of where the configuration keeps the state of hosts that run as other users; `undefined` for nowhere. */
  readonly stateFolder?: (account: HostAccount) => string | undefined;
  /** Learns what must never be shown, before a plugin has it. */
  readonly redactor?: Redactor;
}

/** What frames that are still arriving may take of the agent's memory. */
const ROOM_BYTES = 256 * 1024 * 1024;

/** Starts child processes as hosts; what they log goes to the agent's log. */
export function processHosts(log: Logger, options: HostOptions = {}): StartHost {
  const watchdog = new Watchdog(log);
  const room = new FrameRoom(ROOM_BYTES);
  let hasLooked = false;
  return async (group, onDeath, signal, news) => {
    if (!hasLooked) {
      hasLooked = true;
      await tellLimits(log);
    }
    const { stateFolder: configured, ...settings } = group;
    const { account } = settings;
    const stateFolder = account && options.stateFolder ? options.stateFolder(account) : configured;
    return ProcessHost.start(
      { ...settings, room, ...(stateFolder !== undefined && { stateFolder }) },
      {
        log: (level, resource, message, fields) =>
          log[level](message, { ...fields, ...(resource && { resource }), host: group.name }),
        heldBack: (lines) => news?.heldBack(lines),
        loaded: (code) => news?.loaded(code),
        // What could not be filled in names a secret, and is none itself.
        secrets: (values) => options.redactor?.add(values.filter((text) => !isReference(text))),
        died: onDeath,
      },
      watchdog,
      signal,
    );
  };
}

async function tellLimits(log: Logger): Promise<void> {
  if (process.platform !== 'linux' || (await findSetpriv()) !== undefined) return;
  log.info('setpriv of util-linux 2.33 or newer is not installed', {
    effect:
      'a host that hangs ends a moment later than an agent that is killed, and one of another user can run setuid programs',
  });
}
