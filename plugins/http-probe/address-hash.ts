import { isIPv4 } from 'node:net';

/** blackbox_exporter's hash of an address: 32-bit FNV-1a over its 4 or 16 bytes. */
export function hashOfAddress(ip: string): number {
  let hash = 0x811c9dc5;
  for (const byte of bytesOf(ip)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function bytesOf(ip: string): number[] {
  if (isIPv4(ip)) return ip.split('.').map(Number);
  // A URL writes every IPv6 address in the one canonical way, in hexadecimal groups only.
  const canonical = new URL(`http://[${ip.replace(/%.*/, '')}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = canonical.split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  const groups = [...before, ...zeros, ...after];
  const bytes = groups.flatMap((group) => [group >> 8, group & 0xff]);
  // Go holds a mapped IPv4 address for the same as the plain one.
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return mapped ? bytes.slice(12) : bytes;
}

const groupsOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
