import { gauge } from '@dynamic-informer/sdk';
import type { Part } from './part.ts';

/** Fields of /proc/meminfo in kibibytes that somebody looks at when a machine is short of memory. */
const FIELDS: Readonly<Record<string, string>> = {
  MemTotal: 'Memory that the kernel can use.',
  MemFree: 'Memory that nothing uses.',
  MemAvailable: 'Memory that new programs can get without swapping, as the kernel estimates it.',
  Buffers: 'Block device caches.',
  Cached: 'Page cache and shared memory.',
  SwapCached: 'Memory that is in swap as well.',
  SwapTotal: 'Swap space.',
  SwapFree: 'Swap space that nothing uses.',
  Active: 'Memory used lately.',
  Inactive: 'Memory not used lately, which is taken first.',
  'Active(anon)': "Programs' own memory used lately.",
  'Inactive(anon)': "Programs' own memory not used lately.",
  'Active(file)': 'Page cache used lately.',
  'Inactive(file)': 'Page cache not used lately.',
  Mlocked: 'Memory that is locked in place.',
  Dirty: 'Page cache that waits to be written.',
  Writeback: 'Page cache that is being written.',
  AnonPages: "Programs' own memory.",
  Mapped: 'Files mapped into memory.',
  Shmem: 'Shared memory and tmpfs.',
  Slab: "The kernel's own data.",
  SReclaimable: "The kernel's own data that it can give back.",
  SUnreclaim: "The kernel's own data that it can't give back.",
  KernelStack: 'Stacks of tasks in the kernel.',
  PageTables: 'Page tables.',
  CommitLimit: 'Memory that may be promised, where overcommit is limited.',
  Committed_AS: 'Memory that is promised.',
  AnonHugePages: "Programs' own memory in huge pages.",
};

const FAMILIES = new Map(
  Object.entries(FIELDS).map(([field, help]) => {
    const name = field.replace('(', '_').replace(')', '');
    return [field, gauge(`node_memory_${name}_bytes`, `${help} (${field} of /proc/meminfo.)`)];
  }),
);

export const memory: Part = {
  metrics: [...FAMILIES.values()],
  open:
    () =>
    async ({ proc }) =>
      (await proc('meminfo')).split('\n').flatMap((line) => {
        const [, field = '', value] = /^(\S+):\s+(\d+) kB$/.exec(line) ?? [];
        const family = FAMILIES.get(field);
        return family ? [family.sample(Number(value) * 1024)] : [];
      }),
};
