import type { PatternConfig } from '../config.ts';
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

const labels = { gen_ai_request_model: 'model', gen_ai_provider_name: 'provider' };

const tokens = (name: string, value: FieldName, help: string): PatternConfig['metrics'][number] => ({
  name: `gen_ai_usage_${name}_tokens_total`,
  type: 'counter',
  help,
  value,
  labels,
});

/** Named and with buckets as OpenTelemetry's conventions for generative AI have it, where they do. */
const metrics: PatternConfig['metrics'] = [
  { name: 'gen_ai_server_requests_total', type: 'counter', help: 'Requests.', labels },
  {
    name: 'gen_ai_server_request_errors_total',
    type: 'counter',
    help: 'Requests that failed, by the kind of the error.',
    labels: { ...labels, error_type: 'error_type' },
    when: { error_type: { present: true } },
  },
  {
    name: 'gen_ai_server_request_duration_seconds',
    type: 'histogram',
    help: 'From the request to the end of the answer.',
    value: 'duration',
    unit: 's',
    labels,
    buckets: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  },
  {
    name: 'gen_ai_server_time_to_first_token_seconds',
    type: 'histogram',
    help: 'From the request to the first token of a streamed answer.',
    value: 'time_to_first_token',
    unit: 's',
    labels,
    buckets: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  tokens('input', 'input_tokens', 'Tokens of the requests.'),
  tokens('output', 'output_tokens', 'Tokens of the answers.'),
  tokens('cache_read_input', 'cached_tokens', 'Tokens of the requests that the provider had in its cache.'),
  tokens('reasoning_output', 'reasoning_tokens', 'Tokens of the answers that went into reasoning.'),
  {
    name: 'gen_ai_gateway_cache_requests_total',
    type: 'counter',
    help: "Requests that were looked for in the gateway's cache, by whether they were there.",
    labels: { ...labels, result: 'cache' },
    when: { cache: { present: true } },
  },
  {
    name: 'gen_ai_usage_cost_usd_total',
    type: 'counter',
    help: 'What the requests cost, in US dollars.',
    value: 'cost',
    labels,
  },
  {
    name: 'gen_ai_server_last_request_timestamp_seconds',
    type: 'gauge',
    help: 'When the last request was, in Unix seconds.',
    value: 'time',
    unit: 'timestamp',
  },
];

export const llmGateway = {
  name: 'llm-gateway',
  description:
    "Requests of an LLM gateway as JSON lines: LiteLLM, Envoy AI Gateway, Portkey, Cloudflare AI Gateway, and what has OpenAI's or OpenTelemetry's names.",
  example:
    '{"start_time":"2025-10-10T13:55:36Z","response_code":200,"duration":1834,"gen_ai.request.model":"gpt-4o-mini","gen_ai.provider.name":"openai","gen_ai.usage.input_tokens":21,"gen_ai.usage.output_tokens":7}',
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
  patterns: [{ name: 'llm-gateway', metrics }],
} as const satisfies Format;
