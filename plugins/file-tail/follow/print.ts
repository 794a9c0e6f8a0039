import { hash } from 'node:crypto';
import { type BigIntStats, statSync } from 'node:fs';
import { copyOf } from '../lines/kept.ts';

/** The first or last bytes of what was read, to tell a file from another that has its number or its name. */
export interface Print {
  readonly length: number;
  readonly hash: string;
}

/** How much of a file's beginning its fingerprint covers; less if less has been read. */
export const HEAD_BYTES = 1024;
/** How much before the offset is compared at each read: a few lines, as one of another content can end like it. */
export const MARK_BYTES = 512;

export const NO_PRINT: Print = { length: 0, hash: '' };
export const EMPTY = Buffer.alloc(0);

export const printOf = (bytes: Buffer): Print =>
  bytes.length === 0 ? NO_PRINT : { length: bytes.length, hash: hash('sha1', bytes, 'base64') };

/** A copy of the bytes before `end`. */
export const lastBytes = (bytes: Buffer, end: number): Buffer =>
  copyOf(bytes.subarray(Math.max(0, end - MARK_BYTES), end));

/**
 * Where the kernel does not tell when a file was made, Node gives the time of its last change in that place. Where it
 * does, it gives 0 for file systems that have no such time, as that of the processes.
 */
const BIRTHS_ARE_TRUE =
  process.platform !== 'linux' ||
  statSync('/proc/self/stat', { bigint: true, throwIfNoEntry: false })?.birthtimeNs === 0n;

/** When the file was made, in ns since 1970; 0 where that is not known. */
export const birthOf = ({ birthtimeNs, ctimeNs }: BigIntStats): bigint =>
  birthtimeNs > 0n && (BIRTHS_ARE_TRUE || birthtimeNs !== ctimeNs) ? birthtimeNs : 0n;

/** Two known times of birth are two files, also if the number is the same. */
export const bornApart = (one: bigint, other: bigint): boolean => one > 0n && other > 0n && one !== other;
