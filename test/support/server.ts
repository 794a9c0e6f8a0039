/** What every started server has besides its ports. */
export interface RunningServer extends AsyncDisposable {
  /** Ends its processes and removes its files. */
  stop(): Promise<void>;
}

/** Hands over what the stack holds to the one who started the server. */
export function running<T extends object>(stack: AsyncDisposableStack, parts: T): T & RunningServer {
  const owned = stack.move();
  const stop = () => owned.disposeAsync();
  return { ...parts, stop, [Symbol.asyncDispose]: stop };
}
