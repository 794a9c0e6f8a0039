import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FrameRoom } from './frame-room.ts';
import { encodeFrame, type Frame, FrameReader, MAX_FRAME_BYTES } from './frames.ts';
import { GRACE_MS, HostPipe } from './pipe.ts';
import type { Request } from './protocol.ts';

const COLLECT = { method: 'collect', timeoutMs: 60_000 } as const;
const PATIENT = { headBytes: MAX_FRAME_BYTES, frameBytes: () => MAX_FRAME_BYTES };

/** Both ends; what the agent's end tells of is kept. */
const connect = (room = new FrameRoom(2 ** 28)) => {
  const [near, far] = duplexPair();
  const told: string[] = [];
  const pipe = new HostPipe(near, room, {
    said: ({ kind }) => told.push(kind),
    overdue: ({ method }) => told.push(`${method} is overdue`),
    broken: (message) => told.push(message),
    ended: () => told.push('ended'),
  });
  return { pipe, far, told };
};

const send = (far: Duplex, head: unknown, body = new Uint8Array(0)) =>
  far.write(Buffer.concat(encodeFrame(head, [body])));

describe('HostPipe', () => {
  it('asks in one write what is asked in one turn, and gives each its answer', async () => {
    const { pipe, far } = connect();
    const answers = Promise.all(['a', 'b', 'c'].map((id) => pipe.request([id], COLLECT)));
    const [chunk] = (await once(far, 'data')) as [Buffer];
    const requests: Request[] = [];
    new FrameReader(({ head }: Frame) => requests.push(head as Request), PATIENT).push(chunk);
    expect(requests.map(({ args }) => args)).toEqual([['a'], ['b'], ['c']]);
    for (const { id, args } of requests.toReversed()) {
      send(far, { kind: 'reply', id, value: args[0] }, Buffer.from(`body of ${args[0]}`));
    }
    const values = (await answers).map(({ value, body }) => [value, body.toString()]);
    expect(values).toEqual([
      ['a', 'body of a'],
      ['b', 'body of b'],
      ['c', 'body of c'],
    ]);
    pipe.close(new Error('over'));
  });

  it('rejects what is pending when the host is gone', async () => {
    const { pipe } = connect();
    const answer = pipe.request([], COLLECT);
    pipe.close(new Error('it is gone'));
    await expect(answer).rejects.toThrow('it is gone');
  });

  it('does not call overdue what was answered while it was the agent that was held up', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const near = connectTo((server.address() as AddressInfo).port, '127.0.0.1');
    const [far] = (await once(server, 'connection')) as [Duplex];
    const told: string[] = [];
    const pipe = new HostPipe(near, new FrameRoom(2 ** 28), {
      said: () => undefined,
      overdue: () => told.push('overdue'),
      broken: (message) => told.push(message),
      ended: () => undefined,
    });
    const answer = pipe.request([], { method: 'collect', timeoutMs: 1 });
    await once(far, 'data');
    send(far, { kind: 'reply', id: 1, value: 7 });
    const end = performance.now() + 2 * GRACE_MS;
    while (performance.now() < end);
    expect((await answer).value).toBe(7);
    expect(told).toEqual([]);
    pipe.close(new Error('over'));
    server.close();
  });

  it('takes a large frame from who was asked only', async () => {
    const asked = connect();
    const answer = asked.pipe.request([], COLLECT);
    send(asked.far, { kind: 'reply', id: 1 }, new Uint8Array(2 ** 20));
    expect((await answer).body).toHaveLength(2 ** 20);
    send(asked.far, { kind: 'log' }, new Uint8Array(2 ** 20));
    const refusal = /^It sent a frame of \d+ bytes, where 4 to 262144 are allowed\.$/;
    await expect.poll(() => asked.told).toEqual([expect.stringMatching(refusal)]);
  });

  it('does not wait for a host that reads nothing with more than a bounded number of bytes', async () => {
    const { pipe, told } = connect();
    const large = 'x'.repeat(MAX_FRAME_BYTES / 2);
    const answers = Array.from({ length: 3 }, () => pipe.request([large], COLLECT));
    await new Promise(setImmediate);
    expect(told).toEqual(['It does not read what it is asked.']);
    pipe.close(new Error('over'));
    for (const answer of answers) await expect(answer).rejects.toThrow('over');
  });

  it('refuses to ask what no host would read', async () => {
    const { pipe } = connect();
    await expect(pipe.request(['x'.repeat(MAX_FRAME_BYTES)], COLLECT)).rejects.toMatchObject({
      code: 'CONFIG_BAD_VALUE',
    });
  });

  it('says when the host closes its end', async () => {
    const { far, told } = connect();
    far.end();
    far.resume();
    await expect.poll(() => told).toEqual(['ended']);
  });
});
