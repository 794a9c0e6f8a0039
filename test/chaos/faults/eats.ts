import type { Exposition } from '../../support/agent.ts';
import type { Fault } from '../fault.ts';

const MEMORY = ['PLUGIN_HOST_DIED', 'LIMIT_MEMORY', 'PLUGIN_QUARANTINED'];

function wasDropped(page: Exposition, resource: string): void {
  const dropped = page.value('informer_samples_dropped_total', { resource, reason: 'limit' }) ?? 0;
  if (dropped === 0) throw new Error('no sample is counted as dropped by a limit');
}

/** Whether lines of the log were held back, of whichever host. */
function linesWereDropped(page: Exposition): void {
  const counts = page.lines('informer_log_lines_dropped_total').map((line) => Number(line.split(' ').pop()));
  if (!counts.some((count) => count > 0)) throw new Error('no log line is counted as dropped');
}

/** What takes more than its share. */
export const eats: readonly Fault[] = [
  {
    name: 'leaks heap',
    bad: {
      collect: "for (let i = 0; i < 60_000; i++) kept.push({ text: 'leak ' + collects, at: [i, collects] });",
    },
    sees: { codes: MEMORY, deaths: ['memory'] },
    shown: '`memory`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'leaks Buffers',
    bad: { collect: 'kept.push(Buffer.alloc(8 * 1024 * 1024, collects));' },
    sees: { codes: MEMORY, deaths: ['memory'] },
    shown: '`memory`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'a million series',
    bad: {
      describe: "depth, done, size, gauge('bad_series', 'Far too many.', ['id'])",
      collect: `
        const many = gauge('bad_series', 'Far too many.', ['id']);
        return (function* () {
          yield* healthy();
          for (let i = 0; i < 1_000_000; i++) yield many.sample(i, { id: 'i' + i });
        })();`,
    },
    settings: { every: '2s', timeout: '20s' },
    // A million of them take so long that who shares the process may run into a timeout.
    sees: { outcome: ['limit'], codes: ['LIMIT_SERIES'], mayDie: true, also: wasDropped },
    shown: '`limit`, `LIMIT_SERIES` with the name of the label',
  },
  {
    name: '100 MB of label text',
    bad: {
      describe: "depth, done, size, gauge('bad_text', 'Far too long.', ['text'])",
      collect: `
        const long = gauge('bad_text', 'Far too long.', ['text']);
        return (function* () {
          yield* healthy();
          for (let i = 0; i < 10_000; i++) yield long.sample(i, { text: i + 'x'.repeat(10_000) });
        })();`,
    },
    // Their hosts have 64 MiB, and 16 MiB of exposition take 60.
    settings: { every: '2s', timeout: '20s', max_bytes: '1MiB' },
    sees: { outcome: ['limit'], codes: ['LIMIT_BYTES'], mayDie: true, also: wasDropped },
    shown: '`limit`, `LIMIT_BYTES` with the name of the label',
  },
  {
    name: 'a label that explodes over time',
    bad: {
      open: `
        const requests = context.registry.counter('bad_requests_total', 'Requests.', ['method', 'request']);
        kept.push(requests);`,
      collect: `
        for (let i = 0; i < 100; i++) kept[0].with({ method: 'GET', request: 'r' + collects + '-' + i }).inc();`,
    },
    settings: { max_series: '1000' },
    sees: {
      outcome: ['limit'],
      codes: ['LIMIT_SERIES'],
      also: (page, resource, log) => {
        wasDropped(page, resource);
        const line = log.find(({ code, resource: of }) => code === 'LIMIT_SERIES' && of === resource);
        if (!String(line?.error).includes('"request"'))
          throw new Error(`the label is not named: ${line?.error}`);
        if (page.value('chaos_done_total', { resource }) === undefined) {
          throw new Error('what was exposed before has lost its place');
        }
        const first = page.value('bad_requests_total', { resource, request: 'r1-0' });
        if (first !== 1) throw new Error('the oldest series has lost its place');
      },
    },
    shown: '`limit`, `LIMIT_SERIES` with the name of the label; what was there before stays',
  },
  {
    name: 'labels of a megabyte',
    bad: {
      describe: "depth, done, size, gauge('bad_text', 'Far too long.', ['text'])",
      collect: `
        const long = gauge('bad_text', 'Far too long.', ['text']);
        return (function* () {
          yield* healthy();
          for (let i = 0; i < 100; i++) yield long.sample(i, { text: i + 'x'.repeat(1024 * 1024) });
        })();`,
    },
    settings: { every: '2s', timeout: '20s' },
    sees: { outcome: ['partial'], codes: ['PLUGIN_BAD_LABEL'] },
    shown: '`partial`, `PLUGIN_BAD_LABEL`',
  },
  {
    name: 'floods the log',
    bad: {
      open: `
        setInterval(() => { for (let i = 0; i < 500; i++) logger.warn('flood', { i }); }, 10);`,
    },
    sees: { outcome: ['ok'], also: linesWereDropped },
    shown: '`LIMIT_LOG` in the log, `informer_log_lines_dropped_total`',
  },
  {
    name: 'prints to stdout and stderr',
    bad: {
      open: `
        setInterval(() => {
          for (let i = 0; i < 200; i++) console.log('printed', i), console.error('printed', i);
        }, 10);`,
      collect: "process.stdout.write('\\u0000\\u001b[2J half a line');",
    },
    sees: {
      outcome: ['ok'],
      also: (page, _resource, log) => {
        linesWereDropped(page);
        if (!log.some(({ msg }) => String(msg).startsWith('the host printed: printed'))) {
          throw new Error('what it printed is not in the log');
        }
      },
    },
    shown: '`the host printed: …`, `informer_log_lines_dropped_total`',
  },
];
