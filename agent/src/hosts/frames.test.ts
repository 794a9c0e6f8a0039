import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, type Frame, FrameReader, MAX_FRAME_BYTES } from './frames.ts';

const read = (bytes: Buffer, cuts: readonly number[]): Frame[] => {
  const frames: Frame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  let from = 0;
  for (const cut of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    reader.push(bytes.subarray(from, cut));
    from = cut;
  }
  return frames;
};

describe('FrameReader', () => {
  it('gives back what was written, however the pipe cuts it', () => {
    const frame = fc.record({ head: fc.jsonValue(), body: fc.uint8Array({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat()), (frames, cuts) => {
        const bytes = Buffer.concat(frames.flatMap(({ head, body }) => encodeFrame(head, [body])));
        const received = read(bytes, cuts);
        expect(received.map(({ head }) => head)).toEqual(
          frames.map(({ head }) => JSON.parse(JSON.stringify(head))),
        );
        expect(received.map(({ body }) => [...body])).toEqual(frames.map(({ body }) => [...body]));
      }),
    );
  });

  it.each([
    ['a frame over the cap', [MAX_FRAME_BYTES + 1, 0], 'a frame of 67108865 bytes'],
    ['a frame too short for its head', [3, 0], 'a frame of 3 bytes'],
    ['a head longer than its frame', [8, 100], 'a head of 100 bytes in a frame of 8'],
    ['a head that is not JSON', [8, 4], 'a head that is not JSON'],
  ])('refuses %s', (_name, [length = 0, head = 0], message) => {
    const bytes = Buffer.alloc(12, 'x');
    bytes.writeUInt32LE(length, 0);
    bytes.writeUInt32LE(head, 4);
    expect(() => new FrameReader(() => undefined).push(bytes)).toThrow(message);
  });

  it('does not wait for bytes of a frame that is too long', () => {
    const reader = new FrameReader(() => undefined);
    expect(() => reader.push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow('a frame of 4294967295 bytes');
  });

  it('takes memory as bytes arrive, not as they are announced', () => {
    const reader = new FrameReader(() => undefined);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(MAX_FRAME_BYTES);
    reader.push(length);
    expect(reader.heldBytes).toBeLessThanOrEqual(64 * 1024);
    reader.push(Buffer.alloc(1024 * 1024));
    expect(reader.heldBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
  });

  it('gives back a large frame whole, and holds nothing afterwards', () => {
    const body = Buffer.alloc(3_000_001, 'ab');
    const frames: Frame[] = [];
    const reader = new FrameReader((frame) => frames.push(frame));
    const bytes = Buffer.concat(encodeFrame({ id: 1 }, [body]));
    for (let i = 0; i < bytes.length; i += 65_536) reader.push(bytes.subarray(i, i + 65_536));
    expect(frames).toHaveLength(1);
    expect(Buffer.compare(frames[0]?.body ?? Buffer.alloc(0), body)).toBe(0);
    expect(reader.heldBytes).toBe(0);
  });

  it('refuses what is more than its caps', () => {
    const caps = { headBytes: 10, frameBytes: () => 100 };
    const push = (head: unknown, body: number) =>
      new FrameReader(() => undefined, caps).push(Buffer.concat(encodeFrame(head, [Buffer.alloc(body)])));
    expect(() => push('1234567', 50)).not.toThrow();
    expect(() => push('123456789', 50)).toThrow('a head of 11 bytes');
    expect(() => push('1', 100)).toThrow('where 4 to 100 are allowed');
  });
});

describe('encodeFrame', () => {
  it('refuses to make a frame that nobody would take', () => {
    expect(() => encodeFrame('x'.repeat(2 ** 20))).toThrow('a head of 1048578 bytes');
    expect(() => encodeFrame(1, [new Uint8Array(MAX_FRAME_BYTES)])).toThrow('a frame of 67108869 bytes');
  });
});
