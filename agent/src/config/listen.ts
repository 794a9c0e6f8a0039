import { configError } from '@dynamic-informer/sdk';
import type { ListenAddress } from './types.ts';

/**
 * Reads `host:port`, `[ipv6]:port`, `:port` (every interface) or `unix:/path`.
 * @throws a config error
 */
export function parseListenAddress(text: string): ListenAddress {
  const [, path] = /^unix:(\/.+)$/.exec(text) ?? [];
  if (path !== undefined) {
    checkSocketPath(path);
    return { kind: 'unix', path };
  }
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

/** What the kernel has room for, with the zero at the end. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;

/** @throws a config error if the path is too long for a unix socket */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH) return;
  throw configError(
    `the path of the unix socket ${path} has ${bytes} bytes, and ${MAX_SOCKET_PATH} are possible`,
    {
      code: 'CONFIG_BAD_ADDRESS',
      fix: 'choose a shorter folder',
    },
  );
}

/** Writes an address as `parseListenAddress` reads it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}
