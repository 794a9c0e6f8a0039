import { describe, expect, it } from 'vitest';
import { Type } from '../schema/schema.ts';
import { needsMarkdown } from './markdown.ts';
import { checkNeeds, needsOf } from './needs.ts';

const schema = Type.Object({
  url: Type.String(),
  tls: Type.Optional(Type.Object({ ca_file: Type.Optional(Type.String()) })),
  queues: Type.Array(Type.Object({ file: Type.String() })),
});
const nothing = { hosts: [], paths: [], programs: [] };

describe('what a plugin needs', () => {
  it('is lists of texts; a list that is left out is empty, and no declaration is not an empty one', () => {
    expect(needsOf({ hosts: ['${config.url}'] })).toEqual({ ...nothing, hosts: ['${config.url}'] });
    expect(needsOf({})).toEqual(nothing);
    expect(needsOf(undefined)).toBeUndefined();
  });

  it.each([
    ['no mapping', ['/proc'], 'informer.needs is no mapping.', 'Write {"hosts": [], '],
    ['nothing at all', null, 'informer.needs is no mapping.', 'Write {"hosts": [], '],
    ['another key', { host: [] }, 'informer.needs has an unknown key "host".', 'did you mean "hosts"?'],
    ['no list', { paths: '/proc' }, 'informer.needs.paths is no list.', 'Write a list of texts.'],
    ['no text', { paths: ['/a', 7] }, 'informer.needs.paths[1] is no text.', 'Write a literal'],
    ['an empty text', { hosts: [' '] }, 'informer.needs.hosts[0] is no text.', 'Write a literal'],
    ['two lines', { hosts: ['a\nb'] }, 'informer.needs.hosts[0] is not short.', 'Write one line'],
    ['a long text', { hosts: ['a'.repeat(201)] }, 'informer.needs.hosts[0] is not short.', 'Write one line'],
    [
      'a variable of the environment',
      { paths: ['${HOME}/x'] },
      'informer.needs.paths[0] refers to ${HOME}, which is no key of a configuration.',
      'Write ${config.KEY}.',
    ],
  ])('is refused as %s', (_what, declared, message, fix) => {
    const refusal = { code: 'PLUGIN_BAD_MANIFEST', message, fix: expect.stringContaining(fix) };
    expect(() => needsOf(declared)).toThrow(expect.objectContaining(refusal));
  });

  it('refers to keys that the configuration has, as its tables name them', () => {
    const texts = ['${config.tls.ca_file}', '${config.queues[].file} and ${config.url}', '/etc/hosts'];
    expect(() => checkNeeds({ ...nothing, paths: texts }, schema)).not.toThrow();
    expect(() => checkNeeds({ ...nothing, hosts: ['to ${config.urls}'] }, schema)).toThrow(
      expect.objectContaining({
        code: 'PLUGIN_BAD_MANIFEST',
        message: 'informer.needs.hosts[0] refers to "urls", which is no key of the configuration.',
        fix: 'did you mean "url"?',
      }),
    );
  });

  it('is a table that says that nothing enforces it', () => {
    const needs = { ...nothing, hosts: ['${config.url}, of Redis'], paths: ['/proc/*/stat'] };
    expect(needsMarkdown(needs)).toBe(
      [
        '| needs | which                     |',
        '| ----- | ------------------------- |',
        '| hosts | `${config.url}`, of Redis |',
        '| paths | `/proc/*/stat`            |',
        '',
        'Declared, not enforced: `${config.KEY}` is what the configuration says there, and the plugin can do whatever its user can.',
      ].join('\n'),
    );
  });

  it('is said in words where it is nothing, or not declared', () => {
    expect(needsMarkdown(nothing)).toBe('The plugin says that it needs no host, no path and no program.');
    expect(needsMarkdown(undefined)).toBe('The plugin does not say what it needs.');
  });
});
