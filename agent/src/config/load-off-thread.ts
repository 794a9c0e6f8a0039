import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { formatDuration } from '@dynamic-informer/sdk';
import type { LoadedConfig } from './types.ts';

const ENTRY = new URL(`./load-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export interface OffThreadOptions {
  readonly deadlineMs?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Instead of `web.config_file`. */
  readonly webConfigFile?: string | undefined;
}

/**
 * Loads a configuration without burdening this thread: neither a large file nor a file system that hangs
 * holds it up, and neither yaml nor ajv stays in its memory. A load that fails as a whole or takes longer
 * than the deadline is an issue too.
 */
export async function loadConfigOffThread(
  file: string,
  { deadlineMs = 10_000, env = process.env, webConfigFile }: OffThreadOptions = {},
): Promise<LoadedConfig> {
  const worker = new Worker(ENTRY, {
    workerData: { file, env: { ...env }, webConfigFile },
    stdout: false,
    stderr: false,
  });
  const { promise, resolve: settle } = Promise.withResolvers<LoadedConfig>();
  const timer = setTimeout(() => {
    const fix = 'see whether its files are on a file system that answers';
    settle(failed(file, 'CONFIG_TIMEOUT', `loading took longer than ${formatDuration(deadlineMs)}`, fix));
  }, deadlineMs);
  worker.once('message', settle);
  worker.once('error', (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    settle(failed(file, 'CONFIG_NOT_LOADED', `loading failed: ${reason}`, 'report this as a bug'));
  });
  worker.once('exit', (code) => {
    settle(failed(file, 'CONFIG_NOT_LOADED', `loading ended with code ${code}`, 'report this as a bug'));
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    // Not awaited: a thread that hangs in the file system ends when that answers.
    void worker.terminate();
    worker.unref();
  }
}

function failed(file: string, code: string, message: string, fix: string): LoadedConfig {
  const isOurs = code === 'CONFIG_NOT_LOADED';
  return {
    config: undefined,
    draft: undefined,
    issues: [
      { code, class: isOurs ? 'internal' : 'config', message, fix, path: [], file, line: 1, column: 1 },
    ],
    files: [resolve(file)],
    sources: undefined,
    secrets: [],
    texts: {},
  };
}
