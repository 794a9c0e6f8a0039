import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { State } from '@dynamic-informer/sdk';
import { readState } from './state-owner.ts';

/** `DIS1`, then the plugin's version of its format as an unsigned 32-bit number, then its bytes. */
const MAGIC = Buffer.from('DIS1');
const HEADER_BYTES = 8;

/** A resource's state in one file, replaced by rename after a flush: it is the old or the new one, never half. */
export function fileState(file: string): State {
  let last: Promise<void> = Promise.resolve();
  const write = async (version: number, bytes: Uint8Array): Promise<void> => {
    const header = Buffer.alloc(HEADER_BYTES);
    MAGIC.copy(header);
    header.writeUInt32LE(version, MAGIC.length);
    await mkdir(dirname(file), { recursive: true, mode: 0o750 });
    const temporary = `${file}.tmp`;
    const handle = await open(temporary, 'w', 0o640);
    try {
      await handle.writev([header, bytes]);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  };
  return {
    async read(version) {
      const bytes = await readState(file);
      if (!bytes) return undefined;
      const ours = bytes.length >= HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC);
      if (!ours || bytes.readUInt32LE(MAGIC.length) !== version) return undefined;
      return bytes.subarray(HEADER_BYTES);
    },
    write(version, bytes) {
      const next = last.then(() => write(version, bytes));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
