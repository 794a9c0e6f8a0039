/** Files above this are told apart by their size and by when they were written: nobody writes that much code. */
export const MOST_HASHED_BYTES = 16 * 1024 * 1024;

/** What stands for a file that is too large to be hashed, the same in the agent and in hosts. */
export const digestOfLarge = ({
  size,
  mtimeNs,
}: {
  readonly size: bigint;
  readonly mtimeNs: bigint;
}): string => `${size}:written ${mtimeNs}`;
