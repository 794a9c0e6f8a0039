import { closest, distance } from 'fastest-levenshtein';

/** The known word that a misspelt one most likely stands for, if any is near enough. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 100) return undefined;
  const normal = (text: string) => text.toLowerCase().replaceAll('-', '_');
  const best = closest(normal(word), known.map(normal));
  const found = known.find((candidate) => normal(candidate) === best);
  const isSwap = [...normal(word)].sort().join() === [...best].sort().join();
  const allowed = Math.max(1, Math.floor(Math.max(word.length, best.length) / 3));
  if (distance(normal(word), best) <= (isSwap ? 2 : allowed)) return found;
  // "redis" for "redis-queue": a whole word of one of them, and of no other.
  const parts = known.filter((candidate) => normal(candidate).split('_').includes(normal(word)));
  return parts.length === 1 ? parts[0] : undefined;
}

/** What to do about a word that is not one of the known: the nearest one, or all of them. */
export function fixForUnknown(word: string, known: readonly string[], what: string): string {
  const near = suggestion(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length === 0 ? 'remove it' : `${what}: ${known.join(', ')}`;
}
