import { type Counter, counter, type Gauge, gauge, type Sample } from '@dynamic-informer/sdk';
import { matcher } from './config.ts';
import type { Part } from './part.ts';

interface Column {
  readonly family: Counter<'device'> | Gauge<'device'>;
  /** What one unit of the column is in the family's unit. */
  readonly scale: number;
}

/** /proc/diskstats counts in sectors of 512 bytes, whatever the device's own sectors are. */
const SECTOR_BYTES = 512;
const MILLISECOND = 0.001;

const total = (name: string, help: string, scale = 1): Column => ({
  family: counter(`node_disk_${name}_total`, help, ['device']),
  scale,
});

/** In the order of the columns of /proc/diskstats; older kernels have fewer. */
const COLUMNS: readonly Column[] = [
  total('reads_completed', 'Reads completed.'),
  total('reads_merged', 'Reads merged into others.'),
  total('read_bytes', 'Bytes read.', SECTOR_BYTES),
  total('read_time_seconds', 'Seconds that reads took, added up.', MILLISECOND),
  total('writes_completed', 'Writes completed.'),
  total('writes_merged', 'Writes merged into others.'),
  total('written_bytes', 'Bytes written.', SECTOR_BYTES),
  total('write_time_seconds', 'Seconds that writes took, added up.', MILLISECOND),
  { family: gauge('node_disk_io_now', 'Reads and writes in progress.', ['device']), scale: 1 },
  total('io_time_seconds', 'Seconds in which something was in progress.', MILLISECOND),
  total('io_time_weighted_seconds', 'Seconds in progress, times what was in progress.', MILLISECOND),
  total('discards_completed', 'Discards completed.'),
  total('discards_merged', 'Discards merged into others.'),
  total('discarded_sectors', 'Sectors discarded.'),
  total('discard_time_seconds', 'Seconds that discards took, added up.', MILLISECOND),
  total('flush_requests', 'Flushes completed.'),
  total('flush_requests_time_seconds', 'Seconds that flushes took, added up.', MILLISECOND),
];

export const disk: Part = {
  metrics: COLUMNS.map(({ family }) => family),
  open(config) {
    const excludes = matcher(config.disk.exclude_devices);
    return async ({ proc }) => {
      const samples: Sample[] = [];
      for (const line of (await proc('diskstats')).split('\n')) {
        const [, , device, ...values] = line.trim().split(/\s+/);
        if (!device || excludes(device)) continue;
        COLUMNS.forEach(({ family, scale }, i) => {
          const value = values[i];
          if (value === undefined) return;
          // Dividing rounds once; multiplying by 0.001 would show 47.910000000000004.
          const scaled = scale === MILLISECOND ? Number(value) / 1000 : Number(value) * scale;
          samples.push(family.sample(scaled, { device }));
        });
      }
      return samples;
    };
  },
};
