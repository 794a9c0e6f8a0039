import type { Fault } from '../fault.ts';

const WELL = { outcome: ['ok'] } as const;
const DEAD = ['PLUGIN_HOST_DIED', 'PLUGIN_QUARANTINED'];

const FILL_THE_POOL = `
  const { execFileSync } = await import('node:child_process');
  const { lookup } = await import('node:dns');
  const fifo = directory + '/' + resource + '.fifo';
  if (collects === 1) execFileSync('sh', ['-c', 'test -p "$0" || mkfifo "$0"', fifo]);
  for (let i = 0; i < 64; i++) void readFile(fifo).catch(() => {});
  for (let i = 0; i < 64; i++) lookup('host-' + i + '.invalid', () => {});
`;

/** What changes the process that it runs in. */
export const tampers: readonly Fault[] = [
  {
    name: 'closes stdin, stdout and stderr',
    bad: {
      open: `
        const { closeSync } = await import('node:fs');
        for (const fd of [0, 1, 2]) closeSync(fd);`,
    },
    sees: { codes: DEAD, deaths: ['crash'] },
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
  {
    name: "closes its host's pipe",
    bad: { collect: "(await import('node:fs')).closeSync(3);" },
    hangs: 'collect',
    sees: { codes: DEAD, deaths: ['exit', 'crash', 'timeout'] },
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
  {
    name: "writes to its host's pipe",
    bad: { collect: "(await import('node:fs')).writeSync(3, 'no frame at all');" },
    sees: { codes: DEAD, deaths: ['crash'] },
    shown: '`crash`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'fills the thread pool with hung reads and look-ups, and waits for them',
    bad: { collect: `${FILL_THE_POOL} await readFile(fifo);` },
    hangs: 'collect',
    sees: { outcome: ['timeout'], codes: DEAD, deaths: ['timeout'] },
    shown: '`timeout`, `PLUGIN_HOST_DIED`',
  },
  {
    name: 'fills the thread pool with hung reads and look-ups, and answers',
    bad: { collect: `${FILL_THE_POOL} return healthy();` },
    sees: { outcome: ['ok'], mayDie: true },
    shown: 'alone nothing; with others `host ended`, when one of them waits for a thread',
  },
  {
    name: 'changes Object.prototype and globals',
    bad: {
      open: `
        Object.prototype.toJSON = () => 'forged';
        Object.prototype.resource = 'shared-01';
        Object.defineProperty(Object.prototype, 'value', { set() { throw new Error('set'); }, get: () => -1, configurable: true });
        for (const name of ['map', 'filter', 'join', 'sort', 'push', Symbol.iterator]) {
          const original = Array.prototype[name];
          Array.prototype[name] = function (...given) {
            if (new Error().stack.includes('sdk')) throw new Error('tampered');
            return original.apply(this, given);
          };
        }
        Map.prototype.get = () => undefined;
        String.prototype.replaceAll = () => 'forged';
        Number.prototype.toString = () => '666';
        JSON.stringify = () => '{}';
        Date.now = () => 0;
        globalThis.Buffer = globalThis.Promise = globalThis.Uint8Array = undefined;`,
    },
    sees: { codes: ['PLUGIN_FAILED'] },
    shown: '`PLUGIN_FAILED`, where it changes the first of them: hosts lock them',
  },
  {
    name: 'changes built-ins so that its neighbours compute something else',
    bad: {
      open: `
        const { push } = Array.prototype;
        Array.prototype.push = function (...given) {
          for (const item of given) if (item?.descriptor?.name === 'chaos_depth') item.value = -1;
          return push.apply(this, given);
        };`,
    },
    sees: { codes: ['PLUGIN_FAILED'] },
    shown: '`PLUGIN_FAILED`, where it does that',
  },
  {
    name: 'changes what its process sends',
    bad: {
      open: `
        const { Socket } = await import('node:net');
        const { write } = Socket.prototype;
        Socket.prototype.write = function (chunk, ...rest) {
          const text = chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1') : '';
          if (!text.startsWith('chaos_depth{')) return write.call(this, chunk, ...rest);
          return write.call(this, Buffer.from(text.replace(/[0-9]\\n/g, '6\\n').replace(/ [0-9]/g, ' 6'), 'latin1'), ...rest);
        };`,
    },
    sees: WELL,
    spoils: {
      how: 'code in the same process can change all that is not a built-in of the language',
      surely: true,
    },
    shown: 'nothing: values of its process are wrong; nothing elsewhere',
  },
  {
    name: 'replaces setTimeout',
    bad: {
      open: `
        globalThis.setTimeout = globalThis.setInterval = globalThis.setImmediate = () => { throw new Error('replaced'); };
        globalThis.clearTimeout = () => { throw new Error('replaced'); };`,
    },
    sees: { codes: ['PLUGIN_FAILED'] },
    shown: '`PLUGIN_FAILED`, where it does that',
  },
  {
    name: 'calls what it got from others at the wrong time',
    bad: {
      open: "kept.push(context); process.on('uncaughtException', () => {}); process.removeAllListeners('SIGTERM');",
      collect: `
        context.error(new Error('of this collect'));
        const { error } = context;
        setTimeout(() => { try { error(new Error('of an earlier collect')); } catch {} kept[0].registry.gauge('late' + collects, 'Late.'); }, 5);`,
    },
    sees: { outcome: ['partial'], codes: ['PLUGIN_FAILED'] },
    shown: '`partial`, `PLUGIN_FAILED`',
  },
];
