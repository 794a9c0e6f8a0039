import { expect, it } from 'vitest';
import { parseMounts } from './mounts.ts';

const TABLE = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
42 27 0:39 / /mnt/my\\040logs rw,nosuid - nfs4 server:/logs rw
43 27 8:17 /sub /srv rw - xfs /dev/sdb1 rw
44 43 259:300000 / /srv rw - xfs /dev/nvme9 rw
`;

it('says of each mount point what hangs together, and whether that can hang', () => {
  expect(Object.fromEntries(parseMounts(TABLE))).toEqual({
    '/proc': { device: '0:21', dev: '21', local: false },
    '/': { device: '254:0', dev: '65024', local: true },
    '/mnt/my logs': { device: '0:39', dev: '39', local: false },
    // What is mounted over something hides it.
    '/srv': { device: '259:300000', dev: '1227949024', local: true },
  });
});
