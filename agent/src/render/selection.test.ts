import { describe, expect, it } from 'vitest';
import { selectResources } from './selection.ts';

const resources = [
  { name: 'shop', plugin: 'http-probe' },
  { name: 'blog', plugin: 'http-probe' },
  { name: 'jobs', plugin: 'queue-depth' },
];

describe('selectResources', () => {
  it.each([
    [{}, ['shop', 'blog', 'jobs'], false],
    [{ resource: 'shop' }, ['shop'], true],
    [{ resource: ['shop', 'jobs'] }, ['shop', 'jobs'], true],
    [{ 'collect[]': 'jobs' }, ['jobs'], true],
    [{ plugin: 'http-probe' }, ['shop', 'blog'], true],
    [{ plugin: 'http-probe', 'exclude[]': 'blog' }, ['shop'], true],
    [{ 'exclude[]': ['blog', 'shop'] }, ['jobs'], false],
    [{ other: 'x' }, ['shop', 'blog', 'jobs'], false],
  ])('%j', (query, names, narrowed) => {
    expect(selectResources(query, resources)).toEqual({ names: new Set(names), narrowed });
  });

  it.each([
    [{ resource: 'shopp' }, 'There is no resource "shopp".'],
    [{ 'exclude[]': 'x' }, 'There is no resource "x".'],
    [{ plugin: 'sql' }, 'There is no plugin in use named "sql".'],
  ])('refuses %j', (query, message) => {
    expect(() => selectResources(query, resources)).toThrow(message);
  });
});
