import { useComputed } from '@preact/signals';
import { now } from '../live/store.ts';
import { absoluteWords, fullWords, relativeWords } from '../text.ts';

/** A time as what has passed since then, or will have; the whole of it on hover. */
export function Ago({ at }: { at: number }) {
  const words = useComputed(() => relativeWords(at, now.value));
  return (
    <time dateTime={new Date(at).toISOString()} title={fullWords(at)} key={at}>
      {words}
    </time>
  );
}

/** A time of day; with the day, and in UTC, on hover. */
export function At({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={fullWords(at)}>
      {absoluteWords(at, now.peek())}
    </time>
  );
}
