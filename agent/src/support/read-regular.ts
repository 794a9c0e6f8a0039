import { constants, open } from 'node:fs/promises';

/** What is left of a file that is larger. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * A file's text, of a large one the end.
 * @throws if it is none that can be read to its end, such as a pipe, which would be waited for
 */
export async function readRegular(file: string, maxBytes = MAX_BYTES): Promise<string> {
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat();
  if (!stats.isFile()) throw new Error(`${file} is no regular file`);
  // Files of /proc say that they are empty.
  if (stats.size <= maxBytes) return (await handle.readFile('utf8')).slice(0, maxBytes);
  const bytes = Buffer.alloc(maxBytes);
  const { bytesRead } = await handle.read(bytes, 0, maxBytes, stats.size - maxBytes);
  return bytes.toString('utf8', 0, bytesRead);
}
