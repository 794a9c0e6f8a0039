import { type ChildProcess, spawn } from 'node:child_process';
import type { HostAccount } from '../contract.ts';
import type { BlameFile } from './blame.ts';
import { launchAs } from './launch.ts';
import { LOG_LINES } from './log-line.ts';
import { openStateFolder } from './state-owner.ts';

export interface HostProcessSettings {
  readonly name: string;
  readonly memoryBytes: number;
  readonly account?: HostAccount;
  readonly stateFolder?: string;
  readonly logLines?: number | undefined;
  readonly stdin?: number;
}

/** A host's process that is about to be. */
export interface PreparedHost {
  /** Starts it, at once: who calls this can listen before anything happens. */
  spawn(blame: BlameFile | undefined): ChildProcess;
  /** To be called afterwards, whether it was started or not. */
  release(): void;
}

/** Gets all that a host's process is started with. */
export async function prepareHost(settings: HostProcessSettings, entry: string): Promise<PreparedHost> {
  const { name, memoryBytes, account, stateFolder, logLines = LOG_LINES, stdin = 'ignore' } = settings;
  const heapMiB = Math.max(32, Math.floor(memoryBytes / 1024 / 1024));
  const v8 = [`--max-old-space-size=${heapMiB}`, '--max-semi-space-size=1'];
  const node = [process.execPath, ...v8, entry, name, String(logLines)] as const;
  const { command, args, options } = await launchAs(account, node);
  const folder = account && stateFolder ? await openStateFolder(stateFolder, account) : undefined;
  return {
    spawn: (blame) =>
      spawn(command, [...args, ...(blame ? ['blame'] : [])], {
        ...options,
        stdio: [stdin, 'pipe', 'pipe', 'pipe', blame?.fd ?? 'ignore', ...(folder ? [folder.fd] : [])],
        // A process group of its own, so that what a plugin has started ends with it.
        detached: true,
      }),
    release: () => void folder?.close(),
  };
}
