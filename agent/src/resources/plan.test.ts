import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Planned, plan } from './plan.ts';

const one = (name: string, fingerprint = '1', adjustable = '1'): Planned => ({
  name,
  fingerprint,
  adjustable,
});
const running = (...resources: Planned[]) => new Map(resources.map((resource) => [resource.name, resource]));

describe('plan', () => {
  it('does nothing where nothing changed', () => {
    expect(plan([one('a'), one('b')], running(one('b'), one('a')))).toEqual([]);
  });

  it('closes, opens, replaces and adjusts, each only what changed', () => {
    const actions = plan(
      [one('same'), one('new'), one('code', '2'), one('labels', '1', '2')],
      running(one('same'), one('gone'), one('code'), one('labels')),
    );
    expect(
      actions.map((action) => [action.kind, 'resource' in action ? action.resource.name : action.name]),
    ).toEqual([
      ['close', 'gone'],
      ['open', 'new'],
      ['replace', 'code'],
      ['adjust', 'labels'],
    ]);
  });

  it('leads to what is wanted, from whatever runs', () => {
    const resource = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      fingerprint: fc.constantFrom('1', '2'),
      adjustable: fc.constantFrom('1', '2'),
    });
    const set = fc.uniqueArray(resource, { selector: ({ name }) => name });
    fc.assert(
      fc.property(set, set, (before, wanted) => {
        const state = running(...before);
        for (const action of plan(wanted, running(...before))) {
          if (action.kind === 'close') state.delete(action.name);
          else state.set(action.resource.name, action.resource);
        }
        expect([...state.values()].sort(byName)).toEqual([...wanted].sort(byName));
        expect(plan(wanted, state)).toEqual([]);
      }),
    );
  });
});

const byName = (a: Planned, b: Planned) => (a.name < b.name ? -1 : 1);
