import type { RegistryState } from '@dynamic-informer/sdk';
import { type FileCounts, noCounts } from '../file-counts.ts';
import type { FileRecord } from './records.ts';

/** The version of `Checkpoint`: what another one wrote is not read. */
export const CHECKPOINT_VERSION = 2;

/** Offsets and counters, written as one: neither is ever newer than the other. */
export interface Checkpoint {
  /** The configured globs: a file that new ones match is none that appeared meanwhile. */
  readonly globs: readonly string[];
  /** When the files were last looked at, in ms since 1970: what is new since may have come while nobody looked. */
  readonly lookedAt: number;
  readonly files: readonly FileRecord[];
  readonly paths: readonly (readonly [label: string, counts: FileCounts])[];
  readonly counters: RegistryState;
}

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  return Buffer.from(JSON.stringify(checkpoint));
}

/** What the first version did not know of a file. */
const LATER_FIELDS: Partial<FileRecord> = { birth: '0', size: -1, mtime: '0' };

/**
 * Fields that an older version did not write are filled in, so that an update keeps counters and offsets.
 * @throws if the bytes are not a checkpoint
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const data: unknown = JSON.parse(Buffer.from(bytes).toString());
  if (!isCheckpoint(data)) throw new TypeError('it has another form');
  return {
    ...data,
    lookedAt: data.lookedAt ?? Number.POSITIVE_INFINITY,
    files: data.files.map((record) => ({ ...LATER_FIELDS, ...record })),
    paths: data.paths.map(([label, counts]) => [label, { ...noCounts(), ...counts }] as const),
  };
}

function isCheckpoint(data: unknown): data is Checkpoint {
  const { globs, files, paths, counters } = (data ?? {}) as Partial<Record<keyof Checkpoint, unknown>>;
  return (
    Array.isArray(globs) &&
    Array.isArray(files) &&
    files.every(isFileRecord) &&
    Array.isArray(paths) &&
    paths.every(isPathCounts) &&
    Array.isArray((counters as RegistryState | undefined)?.families)
  );
}

function isPathCounts(data: unknown): boolean {
  const [label, counts] = Array.isArray(data) ? data : [];
  return (
    typeof label === 'string' &&
    typeof counts === 'object' &&
    counts !== null &&
    Object.values(counts).every((count) => isCount(count, Number.MAX_SAFE_INTEGER))
  );
}

function isFileRecord(data: unknown): boolean {
  const { path, label, id, position, head, mark } = (data ?? {}) as Partial<FileRecord>;
  return (
    typeof path === 'string' &&
    typeof label === 'string' &&
    typeof id === 'string' &&
    isCount(position, Number.MAX_SAFE_INTEGER) &&
    isPrint(head) &&
    isPrint(mark)
  );
}

/** More than a fingerprint is ever of: so many bytes are read to compare it. */
const MAX_PRINT_BYTES = 65_536;

const isPrint = (print: FileRecord['head'] | undefined): boolean =>
  typeof print?.hash === 'string' && isCount(print.length, MAX_PRINT_BYTES);

const isCount = (number: unknown, most: number): boolean =>
  Number.isSafeInteger(number) && (number as number) >= 0 && (number as number) <= most;
