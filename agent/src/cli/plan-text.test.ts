import { expect, it } from 'vitest';
import type { ChangePlan } from '../plan/change-plan.ts';
import { planLines } from './plan-text.ts';

const SUMMARY = {
  open: 0,
  replace: 1,
  adjust: 0,
  close: 0,
  unchanged: 3,
  seriesAdded: 2,
  seriesRemoved: 0,
  seriesUnknown: 0,
  problems: 0,
};
const EMPTY: ChangePlan = {
  at: 0,
  configFile: '/etc/informer/informer.yaml',
  running: true,
  summary: SUMMARY,
  settings: [],
  hosts: { started: [], ended: [] },
  changes: [],
  overridden: [],
  problems: [],
};
const wide = { width: Number.POSITIVE_INFINITY, folder: '/etc/informer' };
const plain = (_style: string, text: string) => text;

it('fits 80 columns: values are cut, what is wrong is wrapped', () => {
  const url = `https://shop.example/${'health/'.repeat(20)}`;
  const plan: ChangePlan = {
    ...EMPTY,
    changes: [
      {
        kind: 'replace',
        resource: 'shop',
        plugin: 'http-probe',
        reasons: [{ path: 'config.targets[1]', from: url, to: `${url}x` }, { path: 'plugin code' }],
        moreReasons: 3,
        series: {
          before: 2,
          after: 4,
          added: 2,
          removed: 0,
          families: ['a', 'b', 'c', 'd'].map((letter) => ({ name: `probe_${letter}`, added: 1, removed: 0 })),
          moreFamilies: 2,
          samples: { added: [`probe_success{resource="shop",target="${url}"}`], removed: [] },
        },
        problem: {
          code: 'TARGET_UNREACHABLE',
          class: 'target',
          message: `Nobody answers there, ${'nobody '.repeat(20)}at all.`,
          fix: 'Start the server.',
        },
      },
    ],
    settings: [{ path: 'web.listen[0]', from: '127.0.0.1:1', to: '127.0.0.1:2' }],
    hosts: { started: ['shared', 'acme'], ended: ['shared'] },
    overridden: [
      {
        resource: 'quiet',
        configured: true,
        enabled: false,
        at: 0,
        by: 'kim',
        reason: 'noisy',
        until: 3_600_000,
      },
    ],
  };
  const lines = planLines(plan, { ...wide, width: 80, paint: plain });
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines.map((line) => line.slice(0, 60))).toEqual(
    [
      'informer.yaml, against the agent that runs',
      '',
      '-/+ shop',
      `      config.targets[1]: ${url}`.slice(0, 60),
      '      plugin code',
      '      and 3 more',
      '      series 2 -> 4 (+2): probe_a +1, probe_b +1, probe_c +1, 3',
      `        + probe_success{resource="shop",target="${url}`.slice(0, 60),
      '      TARGET_UNREACHABLE: Nobody answers there, nobody nobody',
      '      nobody nobody nobody nobody nobody nobody nobody nobody',
      '      nobody nobody nobody nobody nobody nobody at all. Start',
      '',
      '  ~ web.listen[0]: 127.0.0.1:1 -> 127.0.0.1:2',
      '    hosts started: acme',
      '    hosts replaced: shared',
      '    quiet stays disabled, though configured as enabled: swi',
      '    until 1970-01-01T01:00:00Z',
      '',
      '0 to open, 1 to replace, 0 to adjust, 0 to close; 2 series c',
    ].map((line) => expect.stringContaining(line.slice(0, 50))),
  );
});

it('obeys nothing that stands in names and values, and colours signs only', () => {
  const plan: ChangePlan = {
    ...EMPTY,
    changes: [
      {
        kind: 'adjust',
        resource: 'a',
        plugin: 'acme',
        reasons: [{ path: 'labels.x', to: '\u001b[2Jgone\nnext' }],
      },
    ],
  };
  const lines = planLines(plan, { ...wide, paint: (style, text) => `<${style}>${text}</>` });
  expect(lines[2]).toBe('<cyan>  ~</> a  labels.x: + \ufffd[2Jgone\ufffdnext');
});
