import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HALF_ANSWER, type NetworkFault, networkPlugin } from './failing/network.ts';
import { failuresOf } from './failing/run.ts';
import { testPlugin } from './index.ts';

let server: Server;
beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('MANY 42\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

const checksOf = (fault: NetworkFault) =>
  testPlugin(networkPlugin(fault), {
    folder: `${import.meta.dirname}/none`,
    config: () => ({ url: `many://127.0.0.1:${(server.address() as AddressInfo).port}` }),
    configFor: ({ host, port }) => ({ url: `many://${host}:${port}` }),
    halfAnswer: HALF_ANSWER,
  });

describe('a plugin with a target that keeps to the contract', () => {
  for (const check of checksOf('none')) it(check.name, { timeout: check.timeout }, check.run);
});

const SECRET = 'shows no secret in logs, errors, labels, help or exposition';
const failsWhen = (words: string) => `fails as a target does when its target ${words}`;
const pluginError = (words: string) =>
  new RegExp(`^collect\\(\\) from a target that ${words} gave a plugin error`);

it.each<[NetworkFault, check: string, message: RegExp]>([
  ['refuses', failsWhen('refuses the connection'), pluginError('refuses the connection')],
  ['resets', failsWhen('resets the connection'), pluginError('resets the connection')],
  ['closes', failsWhen('closes the connection at once'), pluginError('closes the connection at once')],
  ['hangs', failsWhen('accepts and never answers'), pluginError('accepts and never answers')],
  ['garbage', failsWhen('answers garbage'), /PLUGIN_FAILED: garbage: this can't be\. Throw targetError/],
  [
    'half',
    failsWhen('closes in the middle of its answer'),
    pluginError('closes in the middle of its answer'),
  ],
  [
    'stalls',
    failsWhen('falls silent in the middle of its answer'),
    pluginError('falls silent in the middle of its answer'),
  ],
  [
    'leaks a failed connection',
    'leaves nothing behind when its target fails',
    /^Left behind after 20 rounds with a target that closes in the middle of its answer: .*TCPSocketWrap/,
  ],
  [
    'needs a target to describe',
    'describes the same metrics each time, with its target and without',
    /^The metric "many_things" was described differently without its target: /,
  ],
  [
    'shows its password in the log',
    SECRET,
    /^The secret at config\.login\.password stands in the log: .*<secret>/,
  ],
  [
    'shows its password in an error',
    SECRET,
    /^The secret at config\.login\.password stands in an error of collect/,
  ],
  [
    'shows its URL',
    SECRET,
    /^The secret at the password in config\.url stands in an error of collect\(\): .*<secret>/,
  ],
  ['quotes the answer', SECRET, /^The secret at config\.login\.password stands in an error of collect\(\): /],
])('one that has the fault "%s" fails at that alone', async (fault, check, message) => {
  expect(await failuresOf(checksOf(fault))).toEqual({ [check]: expect.stringMatching(message) });
});

it('one that takes a failed target for an empty one fails with every way but silence', async () => {
  const failures = await failuresOf(checksOf('says ok'));
  expect(Object.keys(failures)).toEqual(
    [
      'refuses the connection',
      'resets the connection',
      'closes the connection at once',
      'answers garbage',
      'closes in the middle of its answer',
    ].map(failsWhen),
  );
  for (const message of Object.values(failures)) {
    expect(message).toMatch(
      /^A target that .* gave the outcome "ok"\. Throw a targetError, or say with showsFailure/,
    );
  }
});

it('one that does not say whether it has a target fails at that alone', async () => {
  const options = { folder: `${import.meta.dirname}/none`, config: () => ({ url: 'many://127.0.0.1:1' }) };
  const [check] = testPlugin(networkPlugin('none'), options as never).filter(({ name }) =>
    name.startsWith('says whether'),
  );
  await expect(check?.run()).rejects.toThrow(
    /^The suite does not know how to point the plugin at a server\. Give/,
  );
});
