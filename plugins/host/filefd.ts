import { gauge } from '@dynamic-informer/sdk';
import type { Part } from './part.ts';

const allocated = gauge('node_filefd_allocated', 'File handles in use on the whole host.');
const maximum = gauge('node_filefd_maximum', 'File handles that the host allows.');

export const filefd: Part = {
  metrics: [allocated, maximum],
  open:
    () =>
    async ({ proc }) => {
      const [inUse, , limit] = (await proc('sys/fs/file-nr')).trim().split(/\s+/);
      // Where there is no limit the kernel writes 2^63-1, which as a float is 2^63: what node_exporter shows too.
      return [allocated.sample(Number(inUse)), maximum.sample(Number(limit))];
    },
};
