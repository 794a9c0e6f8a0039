import { counter, gauge, type Sample } from '@dynamic-informer/sdk';
import { matcher } from './config.ts';
import { isMissing, type Part } from './part.ts';

const family = (direction: 'receive' | 'transmit', what: string, help: string) =>
  counter(`node_network_${direction}_${what}_total`, help, ['device']);

/** In the order of the columns of /proc/net/dev. */
const COLUMNS = [
  family('receive', 'bytes', 'Bytes received.'),
  family('receive', 'packets', 'Packets received.'),
  family('receive', 'errs', 'Packets received with errors.'),
  family('receive', 'drop', 'Packets received and dropped.'),
  family('receive', 'fifo', 'Packets lost because the receive buffer was full.'),
  family('receive', 'frame', 'Packets received with framing errors.'),
  family('receive', 'compressed', 'Compressed packets received.'),
  family('receive', 'multicast', 'Multicast packets received.'),
  family('transmit', 'bytes', 'Bytes sent.'),
  family('transmit', 'packets', 'Packets sent.'),
  family('transmit', 'errs', 'Packets that could not be sent for errors.'),
  family('transmit', 'drop', 'Packets dropped instead of sent.'),
  family('transmit', 'fifo', 'Packets lost because the send buffer was full.'),
  family('transmit', 'colls', 'Collisions while sending.'),
  family('transmit', 'carrier', 'Losses of the carrier while sending.'),
  family('transmit', 'compressed', 'Compressed packets sent.'),
] as const;
const up = gauge('node_network_up', 'Whether the device is operational (operstate "up").', ['device']);

export const network: Part = {
  metrics: [...COLUMNS, up],
  open(config) {
    const excludes = matcher(config.network.exclude_devices);
    return async ({ proc, sys, error }) => {
      const samples: Sample[] = [];
      for (const line of (await proc('net/dev')).split('\n')) {
        const [, device, columns] = /^\s*(\S+):\s*(\d.*)$/.exec(line) ?? [];
        if (!device || !columns || excludes(device)) continue;
        const values = columns.trim().split(/\s+/).map(Number);
        COLUMNS.forEach((column, i) => {
          const value = values[i];
          if (value !== undefined) samples.push(column.sample(value, { device }));
        });
        try {
          const state = (await sys(`class/net/${device}/operstate`)).trim();
          samples.push(up.sample(state === 'up' ? 1 : 0, { device }));
        } catch (failure) {
          // Without sysfs, or when the device has just gone, nothing is known of its state.
          if (!isMissing(failure)) error(failure);
        }
      }
      return samples;
    };
  },
};
