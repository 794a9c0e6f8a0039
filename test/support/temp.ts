import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** A new empty folder that is removed, with everything in it, on disposal. */
export async function temporaryFolder(name = 'test'): Promise<TemporaryFolder> {
  // Unix socket paths end at 107 bytes, so the name stays short.
  const path = await mkdtemp(join(tmpdir(), `di-${name}-`));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
