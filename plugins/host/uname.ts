import { machine } from 'node:os';
import { info } from '@dynamic-informer/sdk';
import type { Part } from './part.ts';

export const unameInfo = info('node_uname_info', 'What the system call uname says.', [
  'sysname',
  'release',
  'version',
  'machine',
  'nodename',
  'domainname',
]);

export const uname: Part = {
  metrics: [unameInfo],
  open:
    () =>
    async ({ proc }) => {
      const [sysname, release, version, nodename, domainname] = await Promise.all(
        ['ostype', 'osrelease', 'version', 'hostname', 'domainname'].map(async (name) =>
          (await proc(`sys/kernel/${name}`)).trim(),
        ),
      );
      return [
        unameInfo.sample({
          sysname: sysname ?? '',
          release: release ?? '',
          version: version ?? '',
          machine: machine(),
          nodename: nodename ?? '',
          domainname: domainname ?? '',
        }),
      ];
    },
};
