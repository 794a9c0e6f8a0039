import { expect, it } from 'vitest';
import { ambiguousLabel, escapeLabelName, escapeMetricName, escapeName, shownNames } from './names.ts';

// The examples of prometheus/common, model/metric_test.go, TestEscapeName.
it.each([
  ['', '', '', ''],
  ['no:escaping_required', 'no:escaping_required', 'no:escaping__required', 'no:escaping_required'],
  [
    'mysystem.prod.west.cpu.load',
    'mysystem_prod_west_cpu_load',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load',
  ],
  [
    'mysystem.prod.west.cpu.load_total',
    'mysystem_prod_west_cpu_load_total',
    'mysystem_dot_prod_dot_west_dot_cpu_dot_load__total',
    'U__mysystem_2e_prod_2e_west_2e_cpu_2e_load__total',
  ],
  ['http.status:sum', 'http_status:sum', 'http_dot_status:sum', 'U__http_2e_status:sum'],
  ['label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
  ['花火', '__', '____', 'U___82b1__706b_'],
])('%s', (name, underscores, dots, values) => {
  expect(escapeName(name, 'underscores')).toBe(underscores);
  expect(escapeName(name, 'dots')).toBe(dots);
  expect(escapeName(name, 'values')).toBe(values);
  expect(escapeName(name, 'allow-utf-8')).toBe(name);
});

it('leaves names of the old form alone in every escaping, as EscapeMetricFamily of prometheus/common does', () => {
  expect(shownNames('no:escaping_required')).toEqual(['no:escaping_required']);
  expect(shownNames('a_b', escapeLabelName)).toEqual(['a_b']);
  expect(shownNames('a.b_c')).toEqual(['a_b_c', 'a_dot_b__c', 'U__a_2e_b__c', 'a.b_c']);
});

it('escapes the colon of a label, which no text format takes there without quotes', () => {
  expect(escapeMetricName('a:b', 'underscores')).toBe('a:b');
  expect(shownNames('a:b', escapeLabelName)).toEqual(['a_b', 'a__b', 'U__a_3a_b', 'a:b']);
});

it.each([
  [['a.b', 'a_b'], 'a.b'],
  [['a_b', 'a.b'], 'a.b'],
  [['a.b', 'a-b'], 'a-b'],
  [['a.b', 'a_dot_b'], 'a.b'],
  [['花火', '日本'], '日本'],
  [['..name..'], '..name..'],
  [['a', 'a'], 'a'],
  [['a.b', 'a.c', 'a'], undefined],
])('of the labels %j, %j is what some scraper could not tell from another', (names, bad) => {
  expect(ambiguousLabel(names)).toBe(bad);
});
