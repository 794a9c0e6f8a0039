import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_VALUE_BYTES, writeValue } from '../../sdk/src/exposition/number.ts';
import { program } from '../support/packages.ts';
import { outputOf } from '../support/run-program.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temp.ts';

// Values are compared with what Go's strconv makes of them, by the hash of each block of lines; only of a
// block that differs the lines are asked for.

const SOURCE = fileURLToPath(new URL('../support/go-numbers/main.go', import.meta.url));
const BLOCK = 100_000;

type Block = Float64Array<ArrayBuffer>;

let folder: TemporaryFolder;
let formatter: string;

beforeAll(async () => {
  folder = await temporaryFolder('go');
  formatter = join(folder.path, 'go-numbers');
  const env = { GO111MODULE: 'off', GOFLAGS: '', CGO_ENABLED: '0' };
  await outputOf(program('go'), ['build', '-o', formatter, SOURCE], { cwd: folder.path, env });
}, 300_000);

afterAll(() => folder[Symbol.asyncDispose]());

/** The lines that Go's program gives for the blocks. */
async function askGo(answer: 'hash' | 'text', blocks: Iterable<Block>): Promise<string[]> {
  const child = spawn(formatter, [answer, String(BLOCK)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const bytes = Readable.from(blocks).map((block: Block) => Buffer.from(block.buffer));
  const [output] = await Promise.all([
    text(child.stdout),
    pipeline(bytes, child.stdin),
    once(child, 'close'),
  ]);
  return output.split('\n').slice(0, -1);
}

const lines = Buffer.alloc(BLOCK * (MAX_VALUE_BYTES + 1));

/** What we write for a block, a line each. It stays valid until the next call. */
function ourLines(block: Block): Buffer {
  let at = 0;
  for (const value of block) {
    at = writeValue(lines, at, value);
    lines[at++] = 0x0a;
  }
  return lines.subarray(0, at);
}

async function expectAsGo(blocks: () => Iterable<Block>): Promise<void> {
  const ours: string[] = [];
  function* written() {
    for (const block of blocks()) {
      ours.push(createHash('sha256').update(ourLines(block)).digest('hex'));
      yield block;
    }
  }
  const theirs = await askGo('hash', written());
  expect(theirs.length).toBe(ours.length);
  expect(ours.length).toBeGreaterThan(0);
  let index = 0;
  for (const block of blocks()) {
    if (ours[index] !== theirs[index]) expect(await differences(block)).toEqual([]);
    index++;
  }
  expect(ours).toEqual(theirs);
}

async function differences(block: Block): Promise<string[]> {
  const ours = ourLines(block).toString('latin1').split('\n');
  const theirs = await askGo('text', [block]);
  const bits = new BigUint64Array(block.buffer);
  return theirs.flatMap((expected, index) => {
    const pattern = bits[index]?.toString(16).padStart(16, '0');
    return ours[index] === expected ? [] : [`0x${pattern}: ${ours[index]} instead of Go's ${expected}`];
  });
}

/** Chris Doty-Humphrey's sfc32: a stream of 32-bit words, the same for the same seed. */
function randomWords(seed: number): () => number {
  let [a, b, c, counter] = [seed, 0, 0, 1];
  const next = () => {
    const word = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word >>> 0;
  };
  for (let warmUp = 0; warmUp < 16; warmUp++) next();
  return next;
}

function* bitPatterns(seed: number, count: number): Iterable<Block> {
  const word = randomWords(seed);
  for (let done = 0; done < count; done += BLOCK) {
    const block = new Float64Array(BLOCK);
    const words = new Uint32Array(block.buffer);
    for (let index = 0; index < words.length; index++) words[index] = word();
    yield block;
  }
}

function* blocksOf(count: number, value: (index: number) => number): Iterable<Block> {
  for (let done = 0; done < count; done += BLOCK) {
    yield Float64Array.from({ length: BLOCK }, (_, index) => value(done + index));
  }
}

/** What gauges and counters hold: of each magnitude up to 2^60, integers, decimals, and all digits there are. */
function* commonValues(seed: number, count: number): Iterable<Block> {
  const word = randomWords(seed);
  const fraction = () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53;
  yield* blocksOf(count, (index) => {
    const value = fraction() * 2 ** (word() % 61);
    const decimals = 10 ** (word() % 7);
    if (index % 3 === 0) return Math.floor(value);
    return index % 3 === 1 ? Math.round(value * decimals) / decimals : value / 2 ** 40;
  });
}

/** Powers of ten and two, sums of two powers of two, each with its neighbours; and numbers that are none. */
function* specialValues(): Iterable<Block> {
  const centres: number[] = [0, Number.POSITIVE_INFINITY, Number.NaN, Number.MAX_SAFE_INTEGER];
  for (let exponent = -323; exponent <= 308; exponent++) {
    for (let digit = 1; digit <= 9; digit++) centres.push(Number(`${digit}e${exponent}`));
  }
  for (let exponent = -1074; exponent <= 1023; exponent++) {
    for (let distance = 0; distance <= 53; distance++) {
      centres.push(2 ** exponent + 2 ** (exponent - distance));
    }
  }
  const bits = new BigInt64Array(centres.length * 14);
  const centreBits = new BigInt64Array(Float64Array.from(centres).buffer);
  let at = 0;
  for (const centre of centreBits) {
    for (let steps = -3n; steps <= 3n; steps++) {
      bits[at++] = centre + steps;
      bits[at++] = (centre + steps) ^ (1n << 63n);
    }
  }
  const values = new Float64Array(bits.buffer);
  for (let start = 0; start < values.length; start += BLOCK) yield values.slice(start, start + BLOCK);
}

/** Stands in the tests' names where they can't run, so that a list of failures says what to do. */
function whatIsMissing(): string {
  try {
    program('go');
    return '';
  } catch (error) {
    return ` (${(error as Error).message})`;
  }
}

const missing = whatIsMissing();

test(`10 million random bit patterns are written as Go writes them${missing}`, async () => {
  await expectAsGo(() => bitPatterns(20_260_101, 10_000_000));
}, 300_000);

test(`5 million common values are written as Go writes them${missing}`, async () => {
  await expectAsGo(() => commonValues(20_260_102, 5_000_000));
}, 300_000);

test(`powers of ten and two and their neighbours are written as Go writes them${missing}`, async () => {
  await expectAsGo(specialValues);
}, 300_000);
