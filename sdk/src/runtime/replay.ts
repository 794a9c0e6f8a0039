import { pluginError } from '../errors.ts';
import type { Collector, Plugin } from '../plugin.ts';
import type { Replayed, ReplayInput } from '../replay.ts';
import { type CollectResult, OpenedCollector, type OpenOptions } from './collector.ts';

/** What a replay came to, behind the same checks as a collect. */
export interface ReplayResult {
  readonly collected: CollectResult;
  readonly text: readonly string[];
  readonly report: unknown;
}

/**
 * Lets a plugin run a configuration that has been validated over an input.
 * @throws what the plugin threw
 */
export async function runReplay(
  plugin: Plugin,
  config: unknown,
  input: ReplayInput,
  options: Omit<OpenOptions, 'state' | 'signal'>,
): Promise<ReplayResult> {
  const { replay } = plugin;
  if (!replay) throw notReplayed(plugin.name);
  const { resource, logger, clock, directory } = options;
  const replayed: Replayed = await replay.run(config as never, input, {
    resource,
    logger,
    clock,
    directory,
  });
  const collector: Collector = {
    collect: () => replayed.samples,
    ...(replayed.describe && { describe: () => replayed.describe?.() ?? [] }),
  };
  const { signal } = new AbortController();
  const opened = await OpenedCollector.open({ ...plugin, open: () => collector }, config, {
    ...options,
    signal,
    state: NO_STATE,
  });
  const collected = await opened.collect(signal, Number.POSITIVE_INFINITY);
  return { collected, text: replayed.text, report: replayed.report };
}

const NO_STATE: OpenOptions['state'] = { read: async () => undefined, write: async () => undefined };

const notReplayed = (plugin: string): Error =>
  pluginError(`The plugin "${plugin}" has no replay.`, { fix: 'Give the plugin a replay hook.' });
