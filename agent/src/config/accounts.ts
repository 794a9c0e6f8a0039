import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { HostAccount } from '../contract.ts';

const LOOK_UP_MS = 5_000;

/**
 * Who a name or a number stands for on this machine; `undefined` for a name that is not known. A number that
 * no account has is a user all the same, and its group has that number too.
 */
export function findAccount(user: string | number): HostAccount | undefined {
  const text = String(user);
  const account = parse(localLine(text) ?? directoryLine(text));
  if (account || !/^\d+$/.test(text)) return account;
  return { name: text, uid: Number(text), gid: Number(text), home: undefined };
}

/** `name:password:uid:gid:comment:home:shell`, of passwd(5). */
function localLine(user: string): string | undefined {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  return (
    lines.find((line) => line.startsWith(`${user}:`)) ?? lines.find((line) => line.split(':')[2] === user)
  );
}

/** Of accounts that are kept elsewhere than in the file: LDAP, systemd, … */
function directoryLine(user: string): string | undefined {
  const options = { encoding: 'utf8', timeout: LOOK_UP_MS } as const;
  return spawnSync('getent', ['passwd', '--', user], options).stdout?.split('\n')[0];
}

function parse(line: string | undefined): HostAccount | undefined {
  const [name, , uid, gid, , home] = line?.split(':') ?? [];
  if (!name || uid === undefined || gid === undefined || home === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home };
}
