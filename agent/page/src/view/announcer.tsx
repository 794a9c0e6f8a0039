import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { notice } from '../changes.ts';
import { agent, connection, isLoaded, rows } from '../live/store.ts';
import { newsOf } from '../model/news.ts';
import type { Rows } from '../model/rows.ts';

/** Changes that come soon after one another are one sentence. */
const QUIET_MS = 2_000;
/** A connection that is back by then was never worth a word. */
const BROKEN_MS = 5_000;

const spoken = signal('');

/** What a screen reader says by itself: what broke or is well again, and whether the page is live. No collects. */
export function Announcer() {
  useEffect(() => {
    let told: Rows | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = rows.subscribe((current) => {
      if (!isLoaded.peek()) return;
      if (told === undefined) {
        told = current;
        return;
      }
      timer ??= setTimeout(() => {
        timer = undefined;
        const news = told ? newsOf(told, rows.peek()) : '';
        told = rows.peek();
        if (news !== '') spoken.value = news;
      }, QUIET_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
  const { kind } = connection.value;
  useEffect(() => {
    if (kind !== 'broken') return;
    const timer = setTimeout(() => {
      spoken.value = 'The page is not live.';
    }, BROKEN_MS);
    return () => {
      clearTimeout(timer);
      if (spoken.value === 'The page is not live.') spoken.value = 'The page is live again.';
    };
  }, [kind]);
  const reload = agent.value?.lastReload;
  useEffect(() => {
    if (reload?.result.successful && told !== undefined && told !== reload.at)
      spoken.value = 'The configuration was loaded.';
    if (reload) told = reload.at;
  }, [reload?.at]);
  return (
    <div class="unseen" role="status">
      {spoken}
    </div>
  );
}

/** When the last reload was that somebody has heard of. */
let told: number | undefined;

const DONE_MS = 8_000;

/** What came of the last thing that somebody did: goes by itself when it was done, stays when it failed. */
export function NoticeBar() {
  const { value: shown } = notice;
  useEffect(() => {
    if (shown?.kind !== 'done') return;
    const timer = setTimeout(() => {
      notice.value = undefined;
    }, DONE_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <div class="notice-place" role="status">
      {shown && (
        <div class={`notice ${shown.kind}`} key={shown.count}>
          <span>{shown.text}</span>
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss this message"
            onClick={() => {
              notice.value = undefined;
            }}
          >
            ✕
          </button>
        </div>
      )}
    </div>
  );
}
