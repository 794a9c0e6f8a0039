import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Member } from '../contract.ts';
import { Division } from './division.ts';

const member = (plugin: string, resource: string): Member => ({ plugin, resource });
const A = [member('probe', 'a1'), member('probe', 'a2'), member('probe', 'a3')];
const B = [member('queue', 'b1')];

const placesOf = (division: Division, members: readonly Member[]) =>
  Object.fromEntries(members.map((each) => [each.resource, division.placeOf(each)]));

describe('a group', () => {
  it('is whole at first', () => {
    expect(placesOf(new Division('shared'), [...A, ...B])).toEqual({ a1: '', a2: '', a3: '', b1: '' });
  });

  it('is divided by plugin, then in halves', () => {
    const division = new Division('shared');
    expect(division.divide('', [...A, ...B])).toBe(true);
    expect(placesOf(division, [...A, ...B])).toEqual({
      a1: '/probe',
      a2: '/probe',
      a3: '/probe',
      b1: '/queue',
    });
    expect(division.divide('/probe', A)).toBe(true);
    expect(placesOf(division, A)).toEqual({ a1: '/probe/1', a2: '/probe/1', a3: '/probe/2' });
    expect(division.divide('/probe/1', A.slice(0, 2))).toBe(true);
    expect(placesOf(division, A)).toEqual({ a1: '/probe/1/1', a2: '/probe/1/2', a3: '/probe/2' });
    expect(division.divide('/probe/1/1', A.slice(0, 1))).toBe(false);
  });

  it('is divided once for a death of which each of its resources tells', () => {
    const division = new Division('shared');
    expect(division.divide('', [...A, ...B])).toBe(true);
    expect(division.divide('', [...A, ...B])).toBe(false);
  });

  it('takes in a resource that comes later where the fewest are', () => {
    const division = new Division('shared');
    division.divide('', A);
    expect(division.placeOf(member('probe', 'a4'))).toBe('/2');
    expect(division.placeOf(member('probe', 'a4'))).toBe('/2');
  });

  it('lives together again when the culprit is alone', () => {
    const division = new Division('shared');
    division.divide('', [...A, ...B]);
    division.isolate(member('probe', 'a2'));
    expect(placesOf(division, [...A, ...B])).toEqual({ a1: '', a2: '/probe/a2', a3: '', b1: '' });
    division.divide('', [...A, ...B]);
    division.isolate(member('probe', 'a2'));
    expect(division.placeOf(member('queue', 'b1'))).toBe('/queue');
  });

  it('of one plugin does not name it twice', () => {
    const division = new Division('probe');
    division.isolate(member('probe', 'a2'));
    expect(division.placeOf(member('probe', 'a2'))).toBe('/a2');
  });
});

it('whoever the culprit is, it is alone after few deaths, and nobody lives in two places', () => {
  const resources = fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(resources, fc.nat(3), fc.nat(), (numbers, plugins, pick) => {
      const members = numbers.map((n) => member(`p${n % (plugins + 1)}`, `r${n}`));
      const culprit = members[pick % members.length] as Member;
      const division = new Division('shared');
      for (let deaths = 0; ; deaths++) {
        expect(deaths).toBeLessThanOrEqual(1 + Math.ceil(Math.log2(members.length)));
        const place = division.placeOf(culprit);
        const together = members.filter((each) => division.placeOf(each) === place);
        if (together.length === 1) return;
        expect(division.divide(place, together)).toBe(true);
      }
    }),
  );
});
