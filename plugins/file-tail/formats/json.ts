import type { Extractor } from '../patterns/extractor.ts';
import type { Format } from './format.ts';
import { type JsonRecord, RecordReader, textOf } from './record-reader.ts';
import { namesOf, recordMetrics } from './usual-names.ts';

const OPENING = 123;

/** The object that a line holds; undefined if it does not hold one and nothing else. */
export function parseRecord(line: string): JsonRecord | undefined {
  // An error costs more than reading a line does, and the usual stranger has no brace.
  if (line.charCodeAt(0) !== OPENING && line.trimStart().charCodeAt(0) !== OPENING) return undefined;
  try {
    return JSON.parse(line) as JsonRecord;
  } catch {
    return undefined;
  }
}

export const json = {
  name: 'json',
  description: 'JSON lines: an object in each.',
  example:
    '{"level":"error","time":"2025-10-10T13:55:36Z","msg":"failed","req":{"method":"GET","took":0.012}}',
  fields: undefined,
  extractor(fields): Extractor {
    const reader = new RecordReader(fields.map(namesOf));
    const texts: (string | undefined)[] = fields.map(() => undefined);
    return {
      exec(line) {
        const record = parseRecord(line);
        if (record === undefined) return null;
        const values = reader.read(record);
        for (let at = 0; at < texts.length; at++) texts[at] = textOf(values[at]);
        return texts;
      },
    };
  },
  patterns: [{ name: 'json', metrics: recordMetrics }],
} as const satisfies Format;
