import type { CollectHistory } from '../api/types.ts';
import { durationWords, plural } from '../text.ts';

const WIDTH = 96;
const HEIGHT = 22;
/** Places for as many collects as are remembered, so that a young history does not look like an old one. */
const PLACES = 60;

const isFailed = (outcome: string): boolean => outcome !== 'ok' && outcome !== 'partial';

/** The last durations, against the longest of them; a bar from top to bottom is a collect that failed. */
export function Sparkline({ history }: { history: CollectHistory }) {
  const { seconds, outcome } = history;
  if (seconds.length === 0) return null;
  const longest = Math.max(...seconds, Number.MIN_VALUE);
  const step = WIDTH / PLACES;
  const offset = WIDTH - seconds.length * step;
  let line = '';
  let failed = '';
  seconds.forEach((value, i) => {
    const x = (offset + (i + 0.5) * step).toFixed(1);
    const y = (HEIGHT - 2 - (value / longest) * (HEIGHT - 5)).toFixed(1);
    line += `${line === '' ? 'M' : 'L'}${x} ${y}`;
    if (isFailed(outcome[i] ?? '')) failed += `M${x} 0V${HEIGHT}`;
  });
  const failures = outcome.filter(isFailed).length;
  const label = `The last ${plural(seconds.length, 'collect')}: at most ${durationWords(longest)}, ${failures === 0 ? 'none' : failures} failed`;
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      {failed !== '' && <path class="failed" d={failed} />}
      <path class="line" d={seconds.length === 1 ? `${line}h.01` : line} />
    </svg>
  );
}
