/** How long after its abort a call may go on, as in a host. */
const GRACE_MS = 250;
/** The grace is counted in slices, so that a machine that stalls for longer than one gives the call more time. */
const SLICE_MS = 25;

/** A call of a plugin that goes on beyond its grace; the agent would kill its host. */
export class Overdue extends Error {
  override readonly name = 'Overdue';
  constructor(what: string) {
    super(`${what} went on ${GRACE_MS} ms beyond its deadline; the agent would kill its host.`);
  }
}

/**
 * Calls `run` with a signal that aborts after `timeoutMs`, or when `earlier` does. What it does within the grace
 * after that counts.
 * @throws Overdue when it has not settled by then
 */
export async function withDeadline<T>(
  what: string,
  timeoutMs: number,
  earlier: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const overdue = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const countGrace = (slices: number): void => {
    timer = setTimeout(() => {
      if (slices > 1) countGrace(slices - 1);
      else overdue.reject(new Overdue(what));
    }, SLICE_MS);
  };
  const stop = (reason: unknown) => {
    if (abort.signal.aborted) return;
    clearTimeout(timer);
    abort.abort(reason);
    countGrace(GRACE_MS / SLICE_MS);
  };
  const stopEarlier = () => stop(earlier?.reason);
  timer = setTimeout(() => stop(new DOMException('The deadline has passed.', 'TimeoutError')), timeoutMs);
  if (earlier?.aborted) stopEarlier();
  else earlier?.addEventListener('abort', stopEarlier, { once: true });
  try {
    return await Promise.race([run(abort.signal), overdue.promise]);
  } finally {
    clearTimeout(timer);
    earlier?.removeEventListener('abort', stopEarlier);
  }
}
