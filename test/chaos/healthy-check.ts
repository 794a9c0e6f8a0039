import type { Exposition } from '../support/agent.ts';
import { healthySeries } from './plugin-source.ts';

/** How a healthy resource stands in one scrape. */
export interface Standing {
  /** `late` has no series at all, and the page says so. */
  readonly state: 'complete' | 'late' | 'wrong';
  /** What is wrong with it. */
  readonly problem?: string;
}

/** Holds what a page shows of each resource against what is known of it. */
export function standings(page: Exposition, resources: readonly string[]): Map<string, Standing> {
  const shown = seriesByResource(page.text);
  return new Map(
    resources.map((resource) => [resource, standing(page, resource, shown.get(resource) ?? new Map())]),
  );
}

function standing(page: Exposition, resource: string, shown: ReadonlyMap<string, string>): Standing {
  if (shown.size === 0) {
    const says =
      page.value('informer_resource_late', { resource }) === 1 ||
      page.value('informer_resource_up', { resource }) === 0;
    if (says) return { state: 'late' };
    return { state: 'wrong', problem: `${resource} has no series, and nothing says why` };
  }
  const known = healthySeries(resource);
  const missing = [...known.keys()].filter((key) => !shown.has(key));
  const differing = [...shown].filter(([key, value]) => value !== String(known.get(key)));
  if (missing.length === 0 && differing.length === 0) return { state: 'complete' };
  const problem = [
    `${resource}:`,
    ...(missing.length > 0 ? [`${missing.length} series are missing, ${missing[0]} for one`] : []),
    ...differing
      .slice(0, 3)
      .map(([key, value]) => `${key} is ${value}, not ${known.get(key) ?? 'known at all'}`),
  ].join(' ');
  return { state: 'wrong', problem };
}

/** Values by series, without the label `resource`, of everything but the agent's own metrics. */
function seriesByResource(text: string): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith('informer_')) continue;
    const resource = /[{,]resource="([^"\\]*)"/.exec(line)?.[1];
    if (resource === undefined) continue;
    const end = line.lastIndexOf(' ');
    const name = /^[^{ ]*/.exec(line)?.[0];
    const labels = [...line.slice(0, end).matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)]
      .filter(([, label]) => label !== 'resource')
      .map(([pair]) => pair)
      .sort();
    const series = found.get(resource) ?? new Map<string, string>();
    found.set(resource, series.set(`${name}{${labels.join()}}`, line.slice(end + 1)));
  }
  return found;
}

/** What makes a page unusable as a whole for a scraper: a header that comes twice, a line that is none. */
export function pageProblems(text: string): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const line of text.split('\n')) {
    if (line.startsWith('# TYPE ') || line.startsWith('# HELP ')) {
      const [, kind, name] = line.split(' ', 3);
      if (seen.has(`${kind} ${name}`)) problems.push(`${kind} of ${name} comes twice`);
      seen.add(`${kind} ${name}`);
    } else if (line !== '' && !/^[A-Za-z_:][\w:]*(?:\{.*\})? [^ ]+$/.test(line)) {
      problems.push(`${JSON.stringify(line.slice(0, 200))} is no line of an exposition`);
    }
  }
  if (!text.endsWith('\n')) problems.push('the page ends within a line');
  return problems;
}
