import { expect, it } from 'vitest';
import { toErrorInfo } from './index.ts';
import { type HostileWay, startHostile } from './testing/index.ts';

it.each<[HostileWay, message: RegExp]>([
  ['refuses', /^fetch failed: connect ECONNREFUSED /],
  ['resets', /^fetch failed: .*ECONNRESET/],
  ['closes', /^fetch failed: other side closed$/],
  ['garbage', /^fetch failed: Response does not match the HTTP\/1\.1 protocol/],
  ['half', /^terminated: other side closed$/],
])(
  'a fetch from a server that fails in the way "%s" is a target error that says why',
  async (way, message) => {
    await using server = await startHostile(way);
    const thrown: unknown = await fetch(server.target.url)
      .then((response) => response.text())
      .catch((error: unknown) => error);
    expect(toErrorInfo(thrown)).toEqual({
      code: 'TARGET_FAILED',
      class: 'target',
      message: expect.stringMatching(message),
    });
  },
);
