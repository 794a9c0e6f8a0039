/** How long the event loop may be held at one time. */
const SLICE_MS = 1;

/** Tells long work when to let others run, and lets them. */
export type Breath = ReturnType<typeof breathe>;

export function breathe(): { isDue(): boolean; now(): Promise<void> } {
  let start = performance.now();
  return {
    isDue: () => performance.now() - start >= SLICE_MS,
    async now() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      start = performance.now();
    },
  };
}
