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
});
