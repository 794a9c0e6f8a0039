import { type JsonRecord, RecordReader, textOf } from './record-reader.ts';

/** Where usage stands: in the record itself, in an object as OpenAI and Anthropic answer with, or in OpenTelemetry's attributes. */
const USAGE = ['', 'usage.', 'gen_ai.usage.', 'response.usage.', 'metadata.usage_object.'];
const usage = (...names: readonly string[]): string[] =>
  USAGE.flatMap((prefix) => names.map((name) => prefix + name));

/** What LiteLLM, Envoy AI Gateway, Portkey, Cloudflare AI Gateway, OpenAI and OpenTelemetry call the things that are looked for. */
const PATHS = {
  model: [
    ...['gen_ai.request.model', 'model', 'ai_model', 'request_model', 'model_name', 'request.model'],
    ...['gen_ai.response.model', 'response_model', 'response.model'],
  ],
  responseModel: ['gen_ai.response.model', 'response_model', 'response.model'],
  provider: [
    ...['gen_ai.provider.name', 'provider', 'custom_llm_provider', 'ai_org', 'provider_name'],
    ...['gen_ai.system', 'llm_provider', 'backend_name', 'error_information.llm_provider'],
  ],
  operation: ['gen_ai.operation.name', 'call_type', 'operation', 'request_type'],
  /** These three are LiteLLM's, in Unix seconds or RFC 3339. */
  start: ['startTime'],
  firstToken: ['completionStartTime'],
  end: ['endTime'],
  durationSeconds: [
    ...['gen_ai.server.request.duration', 'gen_ai.client.operation.duration', 'duration_seconds'],
    ...['duration_s', 'latency_seconds', 'latency_s', 'response_time_seconds'],
  ],
  durationMilliseconds: [
    ...['duration_ms', 'latency_ms', 'response_time_ms', 'total_latency_ms', 'delay_ms'],
    ...['duration', 'latency', 'response_time'],
  ],
  firstTokenSeconds: [
    ...['gen_ai.server.time_to_first_token', 'gen_ai.client.operation.time_to_first_chunk'],
    ...['time_to_first_token_seconds', 'ttft_seconds', 'ttft_s'],
  ],
  firstTokenMilliseconds: [
    ...['time_to_first_token_ms', 'ttft_ms', 'first_token_latency_ms', 'time_to_first_token', 'ttft'],
  ],
  inputTokens: [
    ...usage('prompt_tokens', 'input_tokens'),
    ...['tokens_in', 'req_units', 'llm_input_token', 'usageMetadata.promptTokenCount'],
  ],
  outputTokens: [
    ...usage('completion_tokens', 'output_tokens'),
    ...['tokens_out', 'res_units', 'llm_output_token', 'usageMetadata.candidatesTokenCount'],
  ],
  cachedTokens: [
    ...usage('prompt_tokens_details.cached_tokens', 'input_tokens_details.cached_tokens'),
    ...usage('cache_read_input_tokens', 'cache_read.input_tokens', 'cached_tokens'),
    ...['cached_input_tokens', 'llm_cached_input_token', 'usageMetadata.cachedContentTokenCount'],
  ],
  reasoningTokens: [
    ...usage('completion_tokens_details.reasoning_tokens', 'output_tokens_details.reasoning_tokens'),
    ...usage('reasoning.output_tokens', 'reasoning_tokens'),
    'usageMetadata.thoughtsTokenCount',
  ],
  status: [
    ...['status_code', 'response_status_code', 'response_code', 'http.response.status_code'],
    ...['response_status', 'error_information.error_code', 'http_status', 'status'],
  ],
  success: ['success', 'is_success'],
  error: ['error'],
  errorType: [
    ...['error.type', 'error_information.error_class', 'error_type', 'llm_error_type', 'error_class'],
    ...['error.code', 'error_code', 'llm_error_code', 'error'],
  ],
  cache: ['cache_hit', 'cache_status', 'cached', 'cf-aig-cache-status', 'cache.status'],
  cost: [
    ...['response_cost', 'cost_usd', 'total_cost_usd', 'total_cost', 'usage.cost', 'gen_ai.usage.cost'],
    'cost',
  ],
  /** Portkey's names for model and provider. */
  portkey: ['ai_model', 'ai_org'],
  time: [...['timestamp', 'time', 'start_time', 'startTime', 'created_at', '@timestamp', 'ts', 'created']],
} as const satisfies Record<string, readonly string[]>;

type Name = keyof typeof PATHS;
const NAMES = Object.keys(PATHS) as Name[];
const AT = Object.fromEntries(NAMES.map((name, at) => [name, at])) as Readonly<Record<Name, number>>;
/** Envoy writes a dash for what it does not know, LiteLLM an empty text. */
const NONE: ReadonlySet<unknown> = new Set([null, '', '-']);

/** What a record has to say, by name. */
export class LlmRecord {
  readonly #reader = new RecordReader(Object.values(PATHS), NONE);
  #values: readonly unknown[] = [];

  /** Takes another record. @returns whether it tells of a request: gateways write other things into the same log */
  load(record: JsonRecord): boolean {
    this.#values = this.#reader.read(record);
    return this.get('model') !== undefined || this.get('provider') !== undefined;
  }

  get(name: Name): unknown {
    return this.#values[AT[name]];
  }
}

/** Reads one field of a record; undefined if the record does not tell. */
export type ReadText = (record: LlmRecord) => string | undefined;

export const text =
  (name: Name): ReadText =>
  (record) =>
    textOf(record.get(name));

/** A number, or a text that is one, divided by `divisor`; another text as it is, since it may carry its unit. */
function divided(value: unknown, divisor: number): string | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? String(number / divisor) : textOf(value);
}

/** The time from one to the other, if both are there; to the microsecond, as more is the noise of floating point. */
function between(start: unknown, end: unknown): string | undefined {
  if (start === undefined || end === undefined) return undefined;
  const took = unixSeconds(end) - unixSeconds(start);
  return took >= 0 ? String(Math.round(took * 1e6) / 1e6) : undefined;
}

const unixSeconds = (value: unknown): number =>
  typeof value === 'string' ? Date.parse(value) / 1000 : Number(value);

/** LiteLLM's `response_time` is that of the first token where the answer was streamed, so its two times come first. */
export const duration: ReadText = (record) =>
  between(record.get('start'), record.get('end')) ??
  textOf(record.get('durationSeconds')) ??
  divided(record.get('durationMilliseconds'), 1000);

/** LiteLLM writes the time of the end as that of the first token where nothing was streamed. */
export const timeToFirstToken: ReadText = (record) => {
  const first = record.get('firstToken');
  return (
    (first === record.get('end') ? undefined : between(record.get('start'), first)) ??
    textOf(record.get('firstTokenSeconds')) ??
    divided(record.get('firstTokenMilliseconds'), 1000)
  );
};

/** Portkey's are cents. */
export const cost: ReadText = (record) =>
  record.get('portkey') === undefined ? textOf(record.get('cost')) : divided(record.get('cost'), 100);

export const cacheResult: ReadText = (record) => {
  const value = record.get('cache');
  if (typeof value === 'boolean') return value ? 'hit' : 'miss';
  const result = textOf(value)?.toLowerCase();
  if (result === 'true' || result === 'hit' || result?.endsWith(' hit')) return 'hit';
  return result === 'false' || result === 'miss' ? 'miss' : undefined;
};

const FAILED = /^(?:fail|error)/i;
const NO_SUCCESS: ReadonlySet<unknown> = new Set([false, 0, 'false', '0']);
const NO_ERROR: ReadonlySet<unknown> = new Set([undefined, false, 0, 'false', '0']);
/** What is short and has no spaces is a kind of error; anything else is a message, of which there is no end. */
const KIND = /^[A-Za-z_][\w.:-]{0,63}$|^\d{1,4}$/;

export const errorType: ReadText = (record) => {
  const status = record.get('status');
  const code = status === undefined ? Number.NaN : Number(status);
  const failed =
    code >= 400 ||
    // Envoy's code of a request whose client went away.
    code === 0 ||
    (typeof status === 'string' && FAILED.test(status)) ||
    NO_SUCCESS.has(record.get('success')) ||
    !NO_ERROR.has(record.get('error')) ||
    !NO_ERROR.has(record.get('errorType'));
  if (!failed) return undefined;
  const kind = textOf(record.get('errorType'));
  if (kind !== undefined && KIND.test(kind)) return kind;
  return code >= 400 ? String(code) : 'other';
};
