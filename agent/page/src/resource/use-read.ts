import { useEffect, useState } from 'preact/hooks';
import { problemWords } from '../changes.ts';

export interface ReadState<T> {
  /** The last that was read; it stays while it is read again. */
  readonly value: T | undefined;
  /** Why it could not be read, in words; empty if it could. */
  readonly problem: string;
  readonly isReading: boolean;
}

/** Reads something at once, and again whenever `version` changes. */
export function useRead<T>(read: (signal: AbortSignal) => Promise<T>, version: string): ReadState<T> {
  const [state, setState] = useState<ReadState<T>>({ value: undefined, problem: '', isReading: true });
  useEffect(() => {
    const end = new AbortController();
    setState((last) => ({ ...last, isReading: true }));
    read(end.signal).then(
      (value) => setState({ value, problem: '', isReading: false }),
      (error: unknown) => {
        if (!end.signal.aborted)
          setState((last) => ({ ...last, problem: problemWords(error), isReading: false }));
      },
    );
    return () => end.abort();
  }, [version]);
  return state;
}
