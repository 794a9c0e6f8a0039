import { expect, it } from 'vitest';
import { Networks, parseNetwork, plainAddress } from './networks.ts';

const has = (networks: string[], address: string) =>
  new Networks(networks.map(parseNetwork)).has(plainAddress(address));

it.each([
  [['10.0.0.0/8'], '10.255.0.1', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
  [['::ffff:10.0.0.0/104'], '10.1.2.3', true],
  [['10.0.0.1'], '10.0.0.1', true],
  [['10.0.0.1'], '10.0.0.2', false],
  [['::1/128'], '::1', true],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['fd00::/8'], '10.0.0.1', false],
  [['0.0.0.0/0'], '::1', false],
  [['0.0.0.0/0', '::/0'], '2001:db8::1', true],
  [['0.0.0.0/0'], '', false],
])('%j has %s: %s', (networks, address, expected) => {
  expect(has(networks, address)).toBe(expected);
});

it.each(['', 'x', '10.0.0.0/33', '::/129', '10.0.0/8', '10.0.0.0/', '10.0.0.0/8/8', 'localhost'])(
  'refuses %j',
  (text) => {
    expect(() => parseNetwork(text)).toThrow('is not a network');
  },
);
