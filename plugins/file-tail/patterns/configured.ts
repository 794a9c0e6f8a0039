import type { ConfigProblem } from '@dynamic-informer/sdk';
import type { Config, MetricConfig, PatternConfig } from '../config.ts';
import { formatOf } from '../formats/format.ts';
import { type Compilation, compilePatterns, type Source } from './compile.ts';
import { readPatternFiles } from './pattern-files.ts';
import type { Report } from './report.ts';
import { epochIn } from './zone.ts';

/** Compiles what a configuration and its files of patterns say about lines, and says everything that is wrong with that. */
export async function compileConfig(
  config: Pick<Config, 'ready_metrics' | 'patterns' | 'pattern_files' | 'else' | 'timezone'> &
    Partial<Pick<Config, 'format'>>,
  directory: string,
  now: () => number,
): Promise<{ compilation: Compilation; problems: ConfigProblem[] }> {
  const problems: ConfigProblem[] = [];
  const at =
    (...prefix: (string | number)[]): Report =>
    (path, message, fix, severity = 'error') =>
      problems.push({ path: [...prefix, ...path], message, fix, severity });
  const format = config.format && formatOf(config.format);
  const ready = (config.ready_metrics && format?.patterns) || [];
  const patterns = config.patterns.map(
    (pattern, index): Source<PatternConfig> => ({
      config: pattern,
      place: `patterns[${index}]`,
      report: at('patterns', index),
    }),
  );
  patterns.push(...(await readPatternFiles(config.pattern_files, directory, at('pattern_files'))));
  const ofFormat = (pattern: PatternConfig): Source<PatternConfig> => ({
    config: pattern,
    place: 'format',
    report: at('format'),
  });
  const otherwise: Source<readonly MetricConfig[]> = {
    config: config.else,
    place: 'else',
    report: at('else'),
  };
  const zone = isZone(config.timezone, at('timezone')) ? config.timezone : undefined;
  const compilation = compilePatterns([...ready.map(ofFormat), ...patterns], {
    format,
    zone,
    now,
    otherwise,
  });
  return { compilation, problems };
}

function isZone(zone: string | undefined, report: Report): boolean {
  try {
    epochIn(zone);
    return true;
  } catch {
    report([], `there is no time zone "${zone}"`, 'write one such as UTC or Europe/Berlin');
    return false;
  }
}
