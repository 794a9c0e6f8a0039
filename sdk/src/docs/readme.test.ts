import { describe, expect, it } from 'vitest';
import { gauge } from '../metric/descriptor.ts';
import { Type } from '../schema/schema.ts';
import { updateReadme } from './readme.ts';

const plugin = {
  config: Type.Object({ url: Type.String({ description: 'Where.' }) }),
  metrics: [gauge('acme_items', 'Items.')],
};
const begin = (part: string) => `<!-- BEGIN GENERATED: ${part} -->`;
const END = '<!-- END GENERATED -->';
const empty = `# acme\n\n${begin('configuration')}\n${END}\n\nProse.\n\n${begin('metrics')}\n${END}\n\nMore.\n`;

describe("a README's tables", () => {
  it('are written between their markers, and nothing else is touched', () => {
    const { text, stale } = updateReadme(empty, plugin);
    expect(stale).toEqual(['configuration', 'metrics']);
    expect(text).toBe(`# acme

${begin('configuration')}

| key   | type   | default  | description |
| ----- | ------ | -------- | ----------- |
| \`url\` | string | required | Where.      |

${END}

Prose.

${begin('metrics')}

| metric       | type  | labels | description |
| ------------ | ----- | ------ | ----------- |
| \`acme_items\` | gauge |        | Items.      |

${END}

More.
`);
  });

  it('are left as they are when they say what the code says, and name what does not', () => {
    const { text } = updateReadme(empty, plugin);
    expect(updateReadme(text, plugin)).toEqual({ text, stale: [] });
    expect(updateReadme(text, { ...plugin, metrics: [] }).stale).toEqual(['metrics']);
  });

  it('say what the plugin needs where it declares that, and then the place for it must be there', () => {
    const needs = { hosts: ['${config.url}'], paths: [], programs: [] };
    const readme = `${empty}\n${begin('needs')}\n${END}\n`;
    expect(updateReadme(readme, { ...plugin, needs }).text).toContain('| hosts | `${config.url}` |');
    expect(updateReadme(readme, plugin).text).toContain('The plugin does not say what it needs.');
    expect(() => updateReadme(empty, { ...plugin, needs })).toThrow(`There is no line ${begin('needs')}`);
  });

  it.each([
    ['both', '# acme\n', begin('configuration')],
    ['one', `${begin('configuration')}\n${END}\n`, begin('metrics')],
    ['the end of one', `${begin('configuration')}\n${begin('metrics')}\n${END}\n`, END],
  ])('are refused a README without the markers of %s', (_, readme, missing) => {
    expect(() => updateReadme(readme, plugin)).toThrow(`There is no line ${missing}`);
  });
});
