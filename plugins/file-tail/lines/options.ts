import { type ConfigProblem, formatSize, parseSize } from '@dynamic-informer/sdk';
import type { Config } from '../config.ts';
import { KeptRoom } from './kept.ts';
import { compileMultiline, multilineProblems } from './multiline.ts';
import type { LineOptions } from './splitter.ts';

/** Below it even a few ordinary lines would be cut. */
const LEAST_BUFFERED = parseSize('64KiB');

/** What a configuration says of lines. One serves all files of a resource, as they share the room for what is unfinished. */
export function lineOptions({ encoding, multiline, max_line_length, max_buffered }: Config): LineOptions {
  return {
    maxLength: max_line_length,
    encoding: encoding === 'auto' ? undefined : encoding,
    multiline: multiline && compileMultiline(multiline),
    room: new KeptRoom(parseSize(max_buffered)),
  };
}

/** What the schema can't say about the configuration of lines. */
export function* lineProblems({ multiline, max_buffered }: Config): Iterable<ConfigProblem> {
  yield* multilineProblems(multiline);
  if (parseSize(max_buffered) < LEAST_BUFFERED) {
    yield {
      path: ['max_buffered'],
      message: `${max_buffered} is too little to hold a few lines`,
      fix: `use ${formatSize(LEAST_BUFFERED)} or more`,
    };
  }
}
