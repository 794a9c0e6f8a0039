import { type Breath, breathe } from '../breathe.ts';

const LENGTH_DELIMITED = 2;
/** `MetricFamily.metric` and `Metric.label`: github.com/prometheus/client_model, metrics.proto. */
const METRIC = (4 << 3) | LENGTH_DELIMITED;
const LABEL = (1 << 3) | LENGTH_DELIMITED;
const NAME = (1 << 3) | LENGTH_DELIMITED;
const VALUE = (2 << 3) | LENGTH_DELIMITED;

/** How much is checked between two looks at the clock. */
const BYTES_AT_A_TIME = 64 * 1024;

class Malformed extends Error {}

/**
 * Whether bytes are a family's metrics in protobuf, each with the resource's label and with labels that ascend.
 * @returns what is wrong, or how many metrics there are
 */
export async function checkMessages(
  bytes: Uint8Array,
  resource: string,
  pause: Breath = breathe(),
): Promise<string | number> {
  const reader = new Reader(bytes);
  let looked = 0;
  let count = 0;
  try {
    while (!reader.isAtEnd) {
      if (reader.uint() !== METRIC) return 'a message is no metric';
      if (!hasLabel(reader.message(), resource))
        return 'a metric lacks the label "resource", or its labels do not ascend';
      count++;
      if (count % 256 !== 0 && reader.position - looked < BYTES_AT_A_TIME) continue;
      looked = reader.position;
      if (pause.isDue()) await pause.now();
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return 'a message can not be read';
  }
  return count;
}

function hasLabel(metric: Reader, resource: string): boolean {
  let previous = '';
  let found = false;
  while (!metric.isAtEnd) {
    const tag = metric.uint();
    if (tag !== LABEL) {
      metric.skip(tag);
      continue;
    }
    const pair = metric.message();
    if (pair.uint() !== NAME) return false;
    const name = pair.string();
    if (pair.uint() !== VALUE) return false;
    const value = pair.string();
    // A stateset's own label, the last, need not be in order.
    if (name === previous || !pair.isAtEnd) return false;
    if (name === 'resource') {
      if (found || value !== resource) return false;
      found = true;
    }
    previous = name;
  }
  return found;
}

class Reader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #position: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.byteLength) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = start;
    this.#end = end;
  }

  get position(): number {
    return this.#position;
  }

  get isAtEnd(): boolean {
    return this.#position === this.#end;
  }

  uint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      if (this.#position >= this.#end) throw new Malformed();
      const byte = this.#bytes[this.#position++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new Malformed();
  }

  message(): Reader {
    const start = this.#behindLength();
    return new Reader(this.#bytes, start, this.#position);
  }

  string(): string {
    const start = this.#behindLength();
    return this.#bytes.toString('utf8', start, this.#position);
  }

  /** Moves over a delimited field and gives where it begins. */
  #behindLength(): number {
    const length = this.uint();
    const start = this.#position;
    this.#move(length);
    return start;
  }

  skip(tag: number): void {
    const kind = tag % 8;
    if (kind === 0) this.uint();
    else if (kind === 1) this.#move(8);
    else if (kind === LENGTH_DELIMITED) this.#behindLength();
    else if (kind === 5) this.#move(4);
    else throw new Malformed();
  }

  #move(bytes: number): void {
    if (bytes > this.#end - this.#position) throw new Malformed();
    this.#position += bytes;
  }
}
