/** The longest time in milliseconds, while the work is done, for which nothing else got a turn of the event loop. */
export async function longestHold(work: () => Promise<unknown>): Promise<number> {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  let longest = 0;
  let done = false;
  const watch = async () => {
    let last = performance.now();
    while (!done) {
      await turn();
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }
  };
  const watching = watch();
  await work();
  // The turn after the work sees how long its last part held.
  await turn();
  done = true;
  await watching;
  return longest;
}
