import { BlockList, isIP } from 'node:net';
import { configError } from '@dynamic-informer/sdk';

/** Addresses whose first bits are the same. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8` or a single address. IPv4 that is mapped into IPv6 is IPv4.
 * @throws a config error
 */
export function parseNetwork(text: string): Network {
  const [, address = '', digits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const prefix = digits === undefined ? most : Number(digits);
  if (version === 0 || prefix > most) {
    throw configError(`${JSON.stringify(text)} is not a network`, {
      code: 'CONFIG_BAD_NETWORK',
      fix: 'write an address and how many of its bits count, such as 10.0.0.0/8 or fd00::/8',
    });
  }
  const plain = plainAddress(address);
  if (plain !== address && prefix >= 96) return { address: plain, prefix: prefix - 96, family: 'ipv4' };
  return { address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' };
}

/** An address as sockets tell it, without the zone, and IPv4 without the IPv6 around it. */
export function plainAddress(address: string): string {
  const plain = address.replace(/%.*$/, '');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
}

/** A set of networks that can be asked for an address. */
export class Networks {
  readonly #list = new BlockList();

  constructor(networks: readonly Network[]) {
    for (const { address, prefix, family } of networks) this.#list.addSubnet(address, prefix, family);
  }

  /** `address` as `plainAddress` gives it. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}
