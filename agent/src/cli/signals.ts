interface Signals {
  /** Resolves with the first signal that asks the process to end; a second one ends it at once. */
  readonly ended: Promise<string>;
  onReload(callback: () => void): void;
}

/** Listens from the start on, so that no signal meets Node.js' default, which is to die on the spot. */
export function listenToSignals(): Signals {
  const { promise, resolve } = Promise.withResolvers<string>();
  let asked = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A terminal's Ctrl-C can arrive twice: once by itself, once passed on by npm.
      if (++asked > 2) process.exit(1);
      resolve(signal);
    });
  }
  let reload: () => void = () => undefined;
  process.on('SIGHUP', () => reload());
  return {
    ended: promise,
    onReload: (callback) => {
      reload = callback;
    },
  };
}
