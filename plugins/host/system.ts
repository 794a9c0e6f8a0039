import { type Counter, counter, type Gauge, gauge } from '@dynamic-informer/sdk';
import type { Part } from './part.ts';

export const bootTime = gauge('node_boot_time_seconds', 'When the host booted, in seconds since 1970.');

/** By the first word of a line of /proc/stat. */
const FAMILIES = new Map<string, Counter<never> | Gauge<never>>([
  ['btime', bootTime],
  ['ctxt', counter('node_context_switches_total', 'Context switches.')],
  ['intr', counter('node_intr_total', 'Interrupts served.')],
  ['processes', counter('node_forks_total', 'Processes and threads created.')],
  ['procs_running', gauge('node_procs_running', 'Tasks that run or could run.')],
  ['procs_blocked', gauge('node_procs_blocked', 'Tasks that wait for input or output.')],
]);

export const system: Part = {
  metrics: [...FAMILIES.values()],
  open:
    () =>
    async ({ proc }) =>
      (await proc('stat')).split('\n').flatMap((line) => {
        const [word = '', value] = line.split(' ', 2);
        const family = FAMILIES.get(word);
        return family ? [family.sample(Number(value))] : [];
      }),
};
