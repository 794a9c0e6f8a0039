import { Readable } from 'node:stream';
import { systemClock } from '../clock.ts';
import { InformerError } from '../errors.ts';
import { encodeText } from '../exposition/formats.ts';
import { makeLogger } from '../logger.ts';
import type { Plugin } from '../plugin.ts';
import { runReplay } from '../runtime/replay.ts';
import { StreamInput } from '../runtime/stream-input.ts';
import type { TSchema } from '../schema/schema.ts';
import { compileSchema } from '../schema/validate.ts';
import { find, type LogLine, messageAt, seriesOf, type TestCollect } from './open.ts';

/** What a replay came to. */
export interface TestReplay extends Omit<TestCollect, 'families'> {
  /** The report's lines for people. */
  readonly text: readonly string[];
  /** The report as data. */
  readonly report: unknown;
  readonly logs: readonly LogLine[];
}

/** What a plugin replays in a test, and how. */
export interface ReplayOptions {
  /** What the input is called; `test.log` by default. */
  name?: string;
  /** Where relative paths in the configuration start; the working directory by default. */
  directory?: string;
}

/**
 * Validates a configuration and runs it over an input, given as text or in chunks, as `informer collect --replay` does.
 * @throws the first thing that is wrong with the configuration, or what the plugin threw
 */
export async function replayForTest<S extends TSchema>(
  plugin: Plugin<S>,
  config: object,
  input: string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { name = 'test.log', directory = process.cwd() }: ReplayOptions = {},
): Promise<TestReplay> {
  const check = await compileSchema(plugin.config);
  const given = plugin.replay ? { ...config, [plugin.replay.inputKey]: [name] } : config;
  const { value, issues } = check(given);
  const found = issues.length > 0 ? [] : ((await plugin.validate?.(value as never, { directory })) ?? []);
  const issue = issues[0] ?? [...found].find(({ severity }) => severity !== 'warning');
  if (issue) throw new InformerError('config', messageAt(issue.path, issue.message), issue);
  const logs: LogLine[] = [];
  const chunks = typeof input === 'string' ? [Buffer.from(input)] : input;
  const stream = new StreamInput(name, Readable.from(chunks, { objectMode: false }));
  const { collected, text, report } = await runReplay(plugin as unknown as Plugin, value, stream, {
    resource: 'test',
    directory,
    clock: systemClock,
    logger: makeLogger((level, message, fields) => logs.push({ level, message, fields })),
    gather: {},
  });
  const series = collected.families.flatMap(seriesOf);
  return {
    outcome: stream.error ? 'target' : collected.outcome,
    errors: [...(stream.error ? [stream.error] : []), ...collected.errors],
    exposition: encodeText(collected.families),
    value: (...asked) => find(series, ...asked),
    text,
    report,
    logs,
  };
}
