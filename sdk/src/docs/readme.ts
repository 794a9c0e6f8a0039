import { pluginError } from '../errors.ts';
import { configurationMarkdown, metricsMarkdown, needsMarkdown } from './markdown.ts';
import type { DescribedMetric } from './metrics.ts';
import { checkNeeds, type Needs } from './needs.ts';

/** What the tables are made of: a plugin, with what its package.json says that it needs. */
export interface Documented {
  readonly config: unknown;
  readonly metrics?: readonly DescribedMetric[];
  readonly needs?: Needs | undefined;
}

/** A part of a README that is generated. */
type PartName = 'configuration' | 'metrics' | 'needs';

const PARTS: Readonly<Record<PartName, (plugin: Documented) => string>> = {
  configuration: ({ config }) => configurationMarkdown(config),
  metrics: ({ metrics = [] }) => metricsMarkdown(metrics),
  needs: ({ needs }) => needsMarkdown(needs),
};

const END = '<!-- END GENERATED -->';
const begin = (name: PartName) => `<!-- BEGIN GENERATED: ${name} -->`;

/** What `updateReadme` gives. */
export interface UpdatedReadme {
  /** The README with what stands between the markers made anew; the rest is as it was. */
  readonly text: string;
  /** The parts that were not what the code says. */
  readonly stale: readonly PartName[];
}

/** Whether a README has a part that is generated. */
export const hasGeneratedParts = (readme: string): boolean => readme.includes('<!-- BEGIN GENERATED:');

/**
 * A plugin that says what it needs has to have a place for that in its README; for another it can be missing.
 * @throws a plugin error that names the marker that is missing, or the need that refers to no key
 */
export function updateReadme(readme: string, plugin: Documented): UpdatedReadme {
  if (plugin.needs) checkNeeds(plugin.needs, plugin.config);
  let text = readme;
  const stale: PartName[] = [];
  for (const name of Object.keys(PARTS) as PartName[]) {
    if (name === 'needs' && !plugin.needs && !text.includes(begin(name))) continue;
    const from = text.indexOf(begin(name));
    const to = from < 0 ? -1 : text.indexOf(END, from);
    const next = from < 0 ? -1 : text.indexOf('<!-- BEGIN GENERATED:', from + 1);
    if (to < 0 || (next >= 0 && next < to)) {
      const missing = from < 0 ? begin(name) : `${END} behind ${begin(name)}`;
      throw pluginError(`There is no line ${missing}.`, {
        code: 'README_NO_MARKER',
        fix: `Write ${begin(name)} and ${END} around the place of the table.`,
      });
    }
    const updated = `${text.slice(0, from)}${begin(name)}\n\n${PARTS[name](plugin)}\n\n${text.slice(to)}`;
    if (updated !== text) stale.push(name);
    text = updated;
  }
  return { text, stale };
}

/** What a check says of a README whose tables are not what the code says. */
export function staleError(stale: readonly string[]): Error {
  return pluginError(`What is generated there (${stale.join(', ')}) is not what the code says.`, {
    code: 'README_STALE',
    fix: 'Run "npm run docs".',
  });
}
