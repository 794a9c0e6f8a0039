import { makeLogger, type ReplayContext, type Replayed, type ReplayInput } from '@dynamic-informer/sdk';
import type { Config } from '../config.ts';
import { PathCounts } from '../file-counts.ts';
import { otherValuesTotal, parseErrorsTotal, patternTimeoutsTotal } from '../metrics.ts';
import { readingOf } from '../reading.ts';
import { ObservedLines } from './observed-lines.ts';
import { patternReports, type ReplayReport, reportText } from './report.ts';

const SHOWN_KINDS = 10;
const MAX_WARNINGS = 20;
const NOT_TEXT =
  'There are zero bytes in it: it may be no text, or UTF-16 without a byte order mark (see "encoding").';

/** Runs the patterns over an input as over a file that is followed. */
export async function replay(
  config: Config,
  input: ReplayInput,
  { logger, clock, directory }: ReplayContext,
): Promise<Replayed> {
  const warnings: string[] = [];
  const noting = makeLogger((level, message, fields) => {
    if (level !== 'warn' && level !== 'error') logger[level](message, fields);
    else if (warnings.length < MAX_WARNINGS) warnings.push(message);
  });
  const reading = await readingOf(config, {
    directory,
    clock,
    logger: noting,
    fileOf: () => input.name,
  });
  const lines = new ObservedLines(reading.engine);
  const splitter = reading.splitter(lines);
  const paths = new PathCounts(1, () => {});
  const counts = paths.of(input.name);
  const started = performance.now();
  for await (const chunk of input.chunks()) {
    if (config.encoding === 'auto' && counts.bytes === 0 && isNoText(chunk)) warnings.push(NOT_TEXT);
    counts.bytes += chunk.length;
    splitter.push(chunk, counts);
  }
  splitter.flush(counts);
  const seconds = (performance.now() - started) / 1000;
  const samples = [...reading.counter.collect(), ...reading.engine.samples(), ...paths.samples(new Map())];
  const totalOf = (name: string, pattern?: string) => {
    const found = samples.find(
      ({ descriptor, labels }) =>
        descriptor.name === name && (pattern === undefined || labels.pattern === pattern),
    );
    return typeof found?.value === 'number' ? found.value : 0;
  };
  const { unmatched, statistics, records } = lines;
  const report: ReplayReport = {
    input: input.name,
    lines: counts.lines,
    records,
    bytes: counts.bytes,
    seconds,
    linesPerSecond: seconds > 0 ? Math.round(counts.lines / seconds) : 0,
    cutLines: counts.oversized,
    patterns: patternReports(statistics, reading.patterns, records, (pattern) =>
      totalOf(patternTimeoutsTotal.name, pattern),
    ),
    unmatched: {
      records: counts.unmatched,
      kinds: unmatched.size,
      rest: unmatched.rest,
      most: unmatched.most(SHOWN_KINDS),
    },
    noNumbers: totalOf(parseErrorsTotal.name),
    otherLabelValues: totalOf(otherValuesTotal.name),
    warnings,
  };
  return {
    describe: () => reading.descriptors,
    samples,
    text: reportText(report),
    report,
  };
}

/** Zero bytes are part of UTF-16, which is known by its mark. */
const isNoText = (chunk: Buffer): boolean =>
  chunk.includes(0) && !/^(?:fffe|feff)/.test(chunk.toString('hex', 0, 2));
