import { Bytes } from './bytes.ts';
import { escapeLabelValue, labelText } from './escape.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const FIRST_BEYOND_ASCII = 0x80;

/**
 * Writes the label blocks of one series after another. Neighbours share most of their labels, because they
 * are sorted: only from the first label that differs on is anything written.
 */
export class LabelBytes {
  #bytes = new Bytes(512);
  #names: readonly string[] = [];
  /** What stands before each value: `method="`, and with a comma from the second on. */
  #heads: string[] = [];
  readonly #values: string[] = [];
  /** Behind each label. */
  readonly #ends: number[] = [];

  /** Valid until the next `write`, which may also replace it. */
  get bytes(): Bytes {
    return this.#bytes;
  }

  /** Writes `a="1",b="2"` and gives its length. */
  write(names: readonly string[], values: readonly string[]): number {
    let same = 0;
    if (names === this.#names) {
      while (same < names.length && values[same] === this.#values[same]) same++;
    } else {
      this.#names = names;
      this.#heads = names.map((name, i) => `${i === 0 ? '' : ','}${labelText(name)}="`);
      this.#values.length = names.length;
      this.#ends.length = names.length;
    }
    let end = same === 0 ? 0 : (this.#ends[same - 1] as number);
    for (let i = same; i < names.length; i++) {
      const value = values[i] as string;
      end = this.#text(end, this.#heads[i] as string);
      end = this.#text(end, value, true);
      this.#bytes.array[end++] = QUOTE;
      this.#values[i] = value;
      this.#ends[i] = end;
    }
    return end;
  }

  /** Writes text, escaped if it is a value, and leaves room for a quote behind it. */
  #text(start: number, text: string, isValue = false): number {
    this.#reserve(start, text.length);
    const { array } = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const isSpecial = isValue && (code === QUOTE || code === BACKSLASH || code === NEWLINE);
      if (code >= FIRST_BEYOND_ASCII || isSpecial)
        return this.#anyText(start, isValue ? escapeLabelValue(text) : text);
      array[start + i] = code;
    }
    return start + text.length;
  }

  #anyText(start: number, text: string): number {
    this.#reserve(start, Buffer.byteLength(text));
    const { array } = this.#bytes;
    return start + Buffer.from(array.buffer, array.byteOffset, array.byteLength).write(text, start);
  }

  #reserve(start: number, more: number): void {
    const needed = start + more + 1;
    if (needed <= this.#bytes.capacity) return;
    const larger = new Bytes(2 * needed);
    larger.array.set(this.#bytes.array);
    this.#bytes = larger;
  }
}
