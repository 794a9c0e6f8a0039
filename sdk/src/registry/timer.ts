/** Gives a function that observes the seconds since now, and returns them; each call of it observes anew. */
export function startTimer(observer: { observe(seconds: number): void }): () => number {
  const start = performance.now();
  return () => {
    const seconds = (performance.now() - start) / 1000;
    observer.observe(seconds);
    return seconds;
  };
}
