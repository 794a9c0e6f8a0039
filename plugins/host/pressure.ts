import { type Counter, counter, type Sample } from '@dynamic-informer/sdk';
import { isMissing, type Part } from './part.ts';

/** By file of /proc/pressure, then by the line's first word. */
const FAMILIES: Readonly<Record<string, Readonly<Record<string, Counter<never>>>>> = {
  cpu: {
    some: counter('node_pressure_cpu_waiting_seconds_total', 'Seconds in which some task waited for a CPU.'),
  },
  io: {
    some: counter('node_pressure_io_waiting_seconds_total', 'Seconds in which some task waited for a disk.'),
    full: counter('node_pressure_io_stalled_seconds_total', 'Seconds in which all tasks waited for a disk.'),
  },
  memory: {
    some: counter(
      'node_pressure_memory_waiting_seconds_total',
      'Seconds in which some task waited for memory.',
    ),
    full: counter(
      'node_pressure_memory_stalled_seconds_total',
      'Seconds in which all tasks waited for memory.',
    ),
  },
  irq: {
    full: counter(
      'node_pressure_irq_stalled_seconds_total',
      'Seconds in which interrupts held up all tasks.',
    ),
  },
};

export const pressure: Part = {
  metrics: Object.values(FAMILIES).flatMap((families) => Object.values(families)),
  open:
    () =>
    async ({ proc }) => {
      const samples: Sample[] = [];
      for (const [file, families] of Object.entries(FAMILIES)) {
        let text: string;
        try {
          text = await proc(`pressure/${file}`);
        } catch (error) {
          // A kernel without this accounting, or with it switched off.
          if (isMissing(error)) continue;
          throw error;
        }
        for (const line of text.split('\n')) {
          const [, word = '', microseconds] = /^(\w+) .*\btotal=(\d+)/.exec(line) ?? [];
          const family = families[word];
          if (family) samples.push(family.sample(Number(microseconds) / 1e6));
        }
      }
      return samples;
    },
};
