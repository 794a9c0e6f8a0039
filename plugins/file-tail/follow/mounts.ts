import { readFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@dynamic-informer/sdk';

const READ_EVERY_MS = 10_000;
/** Whoever holds a file of these open has all of it in memory that a look at it needs: looking can not block. */
const LOCAL = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'tmpfs']);

/** A mounted file system, as far as it matters for what may hang with what. */
export interface Mount {
  /** What hangs together: `MAJOR:MINOR`. */
  readonly device: string;
  /** The device as `stat` gives it, if `stat` gives the same for all of the file system. */
  readonly dev: string;
  /** A look at a file that is open returns at once. */
  readonly local: boolean;
}

const UNKNOWN: Mount = { device: 'unknown', dev: 'unknown', local: false };

/** Where file systems are mounted. Knowing it takes no call to any of them, so it is known of those that hang too. */
export class Mounts {
  #points = new Map<string, Mount>();
  #readAt = Number.NEGATIVE_INFINITY;

  /** Reads the table again, if that was long ago. */
  refresh(after = READ_EVERY_MS): void {
    const now = systemClock.monotonic();
    if (now - this.#readAt < after) return;
    this.#readAt = now;
    try {
      this.#points = parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
    } catch {
      // Not Linux: everything is taken for one file system, which hangs as a whole or not at all.
      this.#points = new Map();
    }
  }

  isPoint(real: string): boolean {
    return this.#points.has(real);
  }

  /** The file system that a path without symbolic links is on. */
  at(real: string): Mount {
    for (let folder = real; ; folder = path.dirname(folder)) {
      const mount = this.#points.get(folder);
      if (mount !== undefined) return mount;
      if (folder === path.dirname(folder)) return UNKNOWN;
    }
  }

  /** The file system of a device as `stat` gives it. */
  ofDevice(dev: string): Mount | undefined {
    return [...this.#points.values()].find((mount) => mount.dev === dev);
  }

  has(device: string): boolean {
    return this.#points.size === 0 || [...this.#points.values()].some((mount) => mount.device === device);
  }
}

/** Reads `/proc/self/mountinfo`; of what is mounted over each other, the last counts. */
export function parseMounts(text: string): Map<string, Mount> {
  const points = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [fields = '', source = ''] = line.split(' - ');
    const [, , device, , point] = fields.split(' ');
    if (device === undefined || point === undefined) continue;
    const [major = 0, minor = 0] = device.split(':').map(Number);
    const type = source.split(' ', 1)[0] ?? '';
    points.set(unescaped(point), { device, dev: String(deviceNumber(major, minor)), local: LOCAL.has(type) });
  }
  return points;
}

const unescaped = (point: string): string =>
  point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** `makedev` of Linux. */
function deviceNumber(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & 0xfffn) << 8n) | ((high & ~0xfffn) << 32n) | (low & 0xffn) | ((low & ~0xffn) << 12n);
}
