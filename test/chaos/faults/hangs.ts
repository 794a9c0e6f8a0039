import type { Fault, Sight } from '../fault.ts';

const KILLED: Sight = {
  outcome: ['timeout'],
  codes: ['PLUGIN_HOST_DIED', 'PLUGIN_QUARANTINED'],
  deaths: ['timeout'],
};
/** A collector that has never opened has no collects. */
const NEVER_OPENED: Sight = { codes: ['PLUGIN_HOST_DIED', 'PLUGIN_QUARANTINED'], deaths: ['timeout'] };

/** What does not come to an end. */
export const hangs: readonly Fault[] = [
  {
    name: 'never resolves',
    bad: { collect: 'await new Promise(() => {});' },
    hangs: 'collect',
    sees: KILLED,
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'never resolves, for longer than the scraper waits',
    bad: { collect: 'await new Promise(() => {});' },
    settings: { timeout: '10m' },
    scrapeTimeoutSeconds: 2,
    sees: {
      also: (page, resource) => {
        if (page.value('informer_resource_late', { resource }) !== 1) throw new Error('it is not late');
      },
    },
    shown: '`informer_resource_late` 1',
  },
  {
    name: 'ignores the abort and answers later',
    bad: { collect: 'await new Promise((resolve) => setTimeout(resolve, 10_000));' },
    hangs: 'collect',
    sees: KILLED,
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'answers after its deadline',
    bad: { collect: "await new Promise((resolve) => context.signal.addEventListener('abort', resolve));" },
    hangs: 'collect',
    sees: {
      outcome: ['timeout'],
      codes: ['TARGET_TIMEOUT'],
      mayDie: true,
      also: (page, resource) => {
        if (page.value('chaos_done_total', { resource }) === undefined)
          throw new Error('its series are not kept');
        if (page.value('informer_resource_up', { resource }) !== 0) throw new Error('it is up');
      },
    },
    shown: '`timeout`, `TARGET_TIMEOUT`; what it returned is kept',
  },
  {
    name: 'while (true)',
    bad: { collect: 'while (true);' },
    hangs: 'collect',
    sees: KILLED,
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'spins after it has waited for something',
    bad: { collect: "await readFile(directory + '/informer.yaml'); while (true);" },
    hangs: 'collect',
    sees: KILLED,
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'spins in the iterator that it returns',
    bad: { collect: 'return (function* () { while (true); })();' },
    hangs: 'collect',
    sees: KILLED,
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'never resolves in open',
    bad: { open: 'await new Promise(() => {});' },
    hangs: 'open',
    sees: NEVER_OPENED,
    shown: '`PLUGIN_HOST_DIED`',
  },
  {
    name: 'spins in open',
    bad: { open: 'while (true);' },
    hangs: 'open',
    sees: NEVER_OPENED,
    shown: '`PLUGIN_HOST_DIED`',
  },
  {
    name: 'spins in close',
    bad: { close: 'while (true);' },
    replaced: true,
    sees: {
      deaths: ['timeout'],
      also: (_page, resource, log) => {
        const named = log.some((line) => line.msg === 'host ended' && line.resource === resource);
        if (!named) throw new Error('no line "host ended" names it');
      },
    },
    shown: '`host ended` with its name',
  },
  {
    name: 'blocks on a FIFO',
    bad: {
      open: `
        const { execFileSync } = await import('node:child_process');
        execFileSync('sh', ['-c', 'test -p "$0" || mkfifo "$0"', directory + '/' + resource + '.fifo']);`,
      collect: `
        const { openSync } = await import('node:fs');
        openSync(directory + '/' + resource + '.fifo', 'r');`,
    },
    hangs: 'collect',
    sees: KILLED,
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
];
