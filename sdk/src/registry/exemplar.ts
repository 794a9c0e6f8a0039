import { pluginError } from '../errors.ts';
import type { Exemplar } from '../metric/sample.ts';

/** OpenMetrics 1.0.0, "Exemplars": names and values together. */
const MAX_CHARACTERS = 128;

/** @throws a plugin error if the labels are longer than OpenMetrics allows */
export function exemplarOf(labels: Readonly<Record<string, string>>, value: number): Exemplar {
  let characters = 0;
  for (const [name, text] of Object.entries(labels)) characters += [...name].length + [...text].length;
  if (characters > MAX_CHARACTERS) {
    throw pluginError(`An exemplar's labels have ${characters} characters together.`, {
      code: 'PLUGIN_BAD_EXEMPLAR',
      fix: `Keep their names and values within ${MAX_CHARACTERS} characters; a trace's number is enough.`,
    });
  }
  return { labels: { ...labels }, value, timestamp: Date.now() };
}
