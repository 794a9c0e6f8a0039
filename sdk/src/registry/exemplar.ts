import { pluginError } from '../errors.ts';
import { isLegacyLabelName } from '../exposition/names.ts';
import type { Exemplar } from '../metric/sample.ts';

/** OpenMetrics 1.0.0, "Exemplars": names and values together. */
const MAX_CHARACTERS = 128;

/** @throws a plugin error if the labels are no names with strings, or longer than OpenMetrics allows */
export function exemplarOf(labels: Readonly<Record<string, string>>, value: number): Exemplar {
  let characters = 0;
  for (const [name, text] of Object.entries<unknown>(labels)) {
    if (!isLegacyLabelName(name) || typeof text !== 'string') {
      throw pluginError(`An exemplar has a label ${JSON.stringify(name)} that can not be used.`, {
        code: 'PLUGIN_BAD_EXEMPLAR',
        fix: 'Give it a name of letters, digits and "_", and a string.',
      });
    }
    characters += [...name].length + [...text].length;
  }
  if (characters > MAX_CHARACTERS) {
    throw pluginError(`An exemplar's labels have ${characters} characters together.`, {
      code: 'PLUGIN_BAD_EXEMPLAR',
      fix: `Keep their names and values within ${MAX_CHARACTERS} characters; a trace's number is enough.`,
    });
  }
  return { labels: { ...labels }, value, timestamp: Date.now() };
}
