import type { Extractor } from '../patterns/extractor.ts';
import type { Format } from './format.ts';
import { parseRecord } from './json.ts';
import {
  cacheResult,
  cost,
  duration,
  errorType,
  LlmRecord,
  type ReadText,
  text,
  timeToFirstToken,
} from './llm-record.ts';

const READERS = {
  model: text('model'),
  response_model: text('responseModel'),
  provider: text('provider'),
  operation: text('operation'),
  duration,
  time_to_first_token: timeToFirstToken,
  input_tokens: text('inputTokens'),
  output_tokens: text('outputTokens'),
  cached_tokens: text('cachedTokens'),
  reasoning_tokens: text('reasoningTokens'),
  error_type: errorType,
  cache: cacheResult,
  cost,
  time: text('time'),
} as const satisfies Record<string, ReadText>;

type FieldName = keyof typeof READERS;

const DESCRIPTIONS: Readonly<Record<FieldName, string>> = {
  model: 'The model that was asked for.',
  response_model: 'The model that answered, where the log tells.',
  provider: 'Who serves it: `openai`, `anthropic`, a backend of the gateway.',
  operation: 'What was asked for: `chat`, `embeddings`, `acompletion`.',
  duration: 'From the request to the end of the answer, in seconds.',
  time_to_first_token: 'From the request to the first token of a streamed answer, in seconds.',
  input_tokens: 'Tokens of the request.',
  output_tokens: 'Tokens of the answer.',
  cached_tokens: 'Tokens of the request that the provider had in its cache of prompts.',
  reasoning_tokens: 'Tokens of the answer that went into reasoning.',
  error_type:
    'The kind of the error of a request that failed: its type or class, or else its status code, or `other`.',
  cache: "`hit` or `miss` in the gateway's cache, where that was asked.",
  cost: 'What it cost, in US dollars.',
  time: 'When.',
};

export const llmGateway = {
  name: 'llm-gateway',
  description:
    "Requests of an LLM gateway as JSON lines: LiteLLM, Envoy AI Gateway, Portkey, Cloudflare AI Gateway, and what has OpenAI's or OpenTelemetry's names.",
  fields: Object.entries(DESCRIPTIONS).map(([name, description]) => ({ name, description })),
  extractor(fields): Extractor {
    const readers = fields.map((field): ReadText => READERS[field as FieldName]);
    const found = new LlmRecord();
    const values: (string | undefined)[] = fields.map(() => undefined);
    return {
      exec(line) {
        const record = parseRecord(line);
        if (record === undefined || !found.load(record)) return null;
        for (let at = 0; at < readers.length; at++) values[at] = (readers[at] as ReadText)(found);
        return values;
      },
    };
  },
} as const satisfies Format;
