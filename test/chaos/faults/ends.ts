import type { Fault, Sight } from '../fault.ts';

const ended = (...deaths: NonNullable<Sight['deaths']>): Sight => ({
  codes: ['PLUGIN_HOST_DIED', 'PLUGIN_QUARANTINED'],
  deaths,
});

/** What ends the process that it runs in. */
export const ends: readonly Fault[] = [
  {
    name: 'process.exit',
    bad: { collect: 'process.exit(3);' },
    sees: ended('exit'),
    shown: '`exit`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'process.abort',
    bad: { collect: 'process.abort();' },
    sees: ended('crash'),
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'SIGSEGV, sent',
    bad: { collect: "process.kill(process.pid, 'SIGSEGV');" },
    sees: ended('crash'),
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'SIGSEGV, by native code that writes where it must not',
    // Node's own way to native memory, so that no compiler is needed.
    bad: { collect: "(await import('node:ffi')).setInt32(8n, 0, 1);" },
    sees: ended('crash'),
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'stops its own process',
    bad: { collect: "process.kill(process.pid, 'SIGSTOP');" },
    hangs: 'collect',
    sees: ended('timeout'),
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'rejects later',
    bad: { collect: "setImmediate(() => Promise.reject(new Error('rejected later')));" },
    sees: ended('exit', 'crash'),
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'throws from a timer',
    bad: { collect: "setTimeout(() => { throw new Error('thrown from a timer'); }, 5);" },
    sees: ended('exit', 'crash'),
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
];
