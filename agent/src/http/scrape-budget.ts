/** How long Prometheus waits unless it is told otherwise. */
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * How long collects of one scrape may take: what the scraper waits, less an offset for rendering and the
 * way back, which is at most half of it.
 */
export function scrapeBudgetMs(header: string | string[] | undefined, offsetMs: number): number {
  const seconds = Number(header);
  const timeout = seconds > 0 && Number.isFinite(seconds) ? seconds * 1000 : DEFAULT_TIMEOUT_MS;
  return timeout - Math.min(offsetMs, timeout / 2);
}
