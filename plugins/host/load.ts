import { gauge } from '@dynamic-informer/sdk';
import type { Part } from './part.ts';

export const LOADS = [
  gauge('node_load1', 'Tasks that run or wait, averaged over 1 minute.'),
  gauge('node_load5', 'Tasks that run or wait, averaged over 5 minutes.'),
  gauge('node_load15', 'Tasks that run or wait, averaged over 15 minutes.'),
] as const;

export const load: Part = {
  metrics: LOADS,
  open:
    () =>
    async ({ proc }) => {
      const averages = (await proc('loadavg')).split(' ').map(Number);
      return LOADS.map((family, i) => family.sample(averages[i] ?? Number.NaN));
    },
};
