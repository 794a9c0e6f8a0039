import { untyped } from '@dynamic-informer/sdk';
import type { Part } from './part.ts';

/** node_exporter exposes them without a type, so we do. */
const FAMILIES = new Map(
  Object.entries({
    oom_kill: 'Processes that the kernel killed for want of memory.',
    pgfault: 'Page faults.',
    pgmajfault: 'Page faults that had to read a disk.',
    pgpgin: 'Kibibytes read from disks.',
    pgpgout: 'Kibibytes written to disks.',
    pswpin: 'Pages read from swap.',
    pswpout: 'Pages written to swap.',
  }).map(([field, help]) => [field, untyped(`node_vmstat_${field}`, help)]),
);

export const vmstat: Part = {
  metrics: [...FAMILIES.values()],
  open:
    () =>
    async ({ proc }) =>
      (await proc('vmstat')).split('\n').flatMap((line) => {
        const [field = '', value] = line.split(' ', 2);
        const family = FAMILIES.get(field);
        return family ? [family.sample(Number(value))] : [];
      }),
};
