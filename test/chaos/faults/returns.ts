import type { Fault } from '../fault.ts';

/** What answers, but with something that no collector should answer. */
export const returns: readonly Fault[] = [
  {
    name: 'throws',
    bad: { collect: "throw new Error('thrown');" },
    sees: { outcome: ['plugin'], codes: ['PLUGIN_FAILED'] },
    shown: '`plugin`, `PLUGIN_FAILED`',
  },
  {
    name: 'throws what is no error',
    bad: {
      collect: 'throw { get message() { throw null; }, get code() { for (;;) return 7; }, toString: null };',
    },
    sees: { outcome: ['plugin'], codes: ['PLUGIN_FAILED'] },
    shown: '`plugin`, `PLUGIN_FAILED`',
  },
  {
    name: 'throws in open',
    bad: { open: "throw new Error('thrown');" },
    sees: { codes: ['PLUGIN_FAILED'] },
    shown: '`PLUGIN_FAILED`',
  },
  {
    name: 'returns proxies and getters that throw',
    bad: {
      collect: `
        const trap = () => { throw new Error('trapped'); };
        const hostile = new Proxy({}, { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap });
        return [
          ...healthy(),
          hostile,
          null,
          { get descriptor() { throw new Error('got'); } },
          { descriptor: depth, get value() { throw new Error('got'); }, labels: { part: 'value' } },
          { descriptor: depth, value: 1, get labels() { throw new Error('got'); } },
          { descriptor: depth, value: 1, labels: hostile },
          { descriptor: hostile, value: 1, labels: {} },
          { descriptor: size, value: hostile, labels: {} },
          { descriptor: depth, value: { valueOf: () => 1 }, labels: { part: 'object' } },
        ];`,
    },
    sees: {
      outcome: ['partial'],
      codes: ['PLUGIN_BAD_SAMPLE', 'PLUGIN_BAD_LABEL', 'PLUGIN_NOT_A_NUMBER', 'PLUGIN_BAD_NAME'],
      also: (page, resource) => {
        const dropped = page.value('informer_samples_dropped_total', { resource, reason: 'invalid' }) ?? 0;
        if (dropped < 9) throw new Error(`${dropped} samples are counted as invalid`);
        if (page.value('chaos_depth', { resource, part: 'p0' }) === undefined)
          throw new Error('its good ones are gone');
      },
    },
    shown: '`partial`; each bad sample costs that sample',
  },
  {
    name: 'returns what changes while it is read',
    bad: {
      collect: `
        let reads = 0;
        return [
          ...healthy(),
          { descriptor: depth, get value() { return ++reads > 1 ? 'text' : 1; }, labels: { part: 'turns' } },
          { descriptor: depth, value: 1, get labels() { return ++reads % 2 ? { part: 'odd' } : null; } },
        ];`,
    },
    sees: { outcome: ['ok', 'partial'] },
    shown: 'nothing but its own series',
  },
  {
    name: "returns samples of another's metric, in another type",
    bad: {
      describe: "gauge('chaos_done_total', 'Stolen.'), counter('chaos_size_count', 'Stolen.')",
      collect: `
        return [gauge('chaos_done_total', 'Stolen.').sample(1), counter('chaos_size_count', 'Stolen.').sample(1)];`,
    },
    sees: {
      outcome: ['partial'],
      codes: ['CONFLICT_FAMILY'],
    },
    shown: '`partial`, `CONFLICT_FAMILY`; who was there first keeps the name',
  },
  {
    name: "returns samples in another's name",
    bad: {
      describe: "gauge('chaos_depth', 'Stolen.', ['part', 'resource'])",
      collect: `
        const stolen = gauge('chaos_depth', 'Stolen.', ['part', 'resource']);
        return [stolen.sample(-1, { part: 'p0', resource: 'shared-01' })];`,
    },
    sees: {
      also: (page, resource) => {
        const own = page.lines('chaos_depth').filter((line) => line.includes(`resource="${resource}"`));
        if (own.length > 0 && !own.every((line) => line.includes('exported_resource="shared-01"'))) {
          throw new Error('its label "resource" is not exported_resource');
        }
      },
    },
    shown: 'its label `resource` is `exported_resource`',
  },
  {
    name: "returns samples of the agent's own metrics",
    bad: {
      describe:
        "depth, done, size, counter('informer_resource_up', 'Stolen.', ['resource', 'plugin']), counter('process_open_fds', 'Stolen.')",
      collect: `
        return [
          ...healthy(),
          counter('informer_resource_up', 'Stolen.', ['resource', 'plugin']).sample(7, { resource: 'shared-01', plugin: 'x' }),
          counter('process_open_fds', 'Stolen.').sample(7),
        ];`,
    },
    sees: {
      outcome: ['partial'],
      codes: ['CONFLICT_FAMILY'],
      also: (page) => {
        if (page.text.includes('Stolen.'))
          throw new Error("the agent's own family has the header of another");
        if (page.lines('informer_resource_up').some((line) => line.endsWith(' 7')))
          throw new Error('it is exposed');
      },
    },
    shown: '`partial`, `CONFLICT_FAMILY`',
  },
];
