import { expect, it } from 'vitest';
import { hashOfAddress } from './address-hash.ts';

it.each([
  // As blackbox_exporter 0.23.0 exposes them.
  ['127.0.0.1', 3668918509],
  ['::1', 1751717746],
])('the hash of %s is %d', (ip, hash) => {
  expect(hashOfAddress(ip)).toBe(hash);
});

it.each([
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
])('%s is the same address as %s', (one, other) => {
  expect(hashOfAddress(one)).toBe(hashOfAddress(other));
});
