import { configError } from '@dynamic-informer/sdk';
import type { ListenAddress } from './types.ts';

/**
 * Reads `host:port`, `[ipv6]:port`, `:port` (every interface) or `unix:/path`.
 * @throws a config error
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, path] = /^unix:(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) return { kind: 'unix', path };
  const [, ipv6, name, digits] =
    /^(?:\[([0-9A-Fa-f:.]+(?:%\w+)?)\]|([A-Za-z0-9._-]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw configError(`${JSON.stringify(text)} is not an address to listen on`, {
      code: 'CONFIG_BAD_ADDRESS',
      fix: 'write host:port, [ipv6]:port or unix:/path, such as 127.0.0.1:19115',
    });
  }
  return { kind: 'tcp', host: ipv6 ?? (name || '::'), port };
}

/** Writes an address as `parseListenAddress` reads it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
