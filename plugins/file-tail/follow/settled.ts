/**
 * Waits until all of this has ended, but no longer than so many milliseconds. What has not ended goes on, and whoever has
 * begun it hears of its end.
 */
export async function settled(work: readonly Promise<unknown>[], ms: number): Promise<void> {
  if (work.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([Promise.allSettled(work), over]);
  } finally {
    clearTimeout(timer);
  }
}
