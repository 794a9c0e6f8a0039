import type { ExpositionFormat, ParseOptions, ParseResult } from './family.ts';
import { parseOpenMetrics } from './openmetrics.ts';
import { parseText } from './text.ts';

const EOF_LINE = '# EOF';

/** OpenMetrics has a line `# EOF`, and only a comment could be one in the text format. */
export function detectFormat(input: string | Uint8Array): ExpositionFormat {
  const text = typeof input === 'string' ? input : Buffer.from(input.buffer, input.byteOffset, input.length);
  for (
    let at = text.lastIndexOf(EOF_LINE);
    at >= 0;
    at = at === 0 ? -1 : text.lastIndexOf(EOF_LINE, at - 1)
  ) {
    const before = at === 0 ? '\n' : text.slice(at - 1, at).toString();
    const after = text.slice(at + EOF_LINE.length, at + EOF_LINE.length + 1).toString();
    if (before === '\n' && (after === '\n' || after === '\r' || after === '')) return 'openmetrics';
  }
  return 'text';
}

/** Reads an exposition in the format that is named, or that it has by its looks. */
export function parseExposition(
  input: string | Uint8Array,
  options: ParseOptions & { readonly format?: ExpositionFormat } = {},
): ParseResult {
  const format = options.format ?? detectFormat(input);
  return format === 'openmetrics' ? parseOpenMetrics(input, options) : parseText(input, options);
}
