import { expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';

/** A plugin that floods the agent in one way or another, and one that is well. */
const FLOODER = `
import { closeSync, writeSync } from 'node:fs';
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const value = gauge('flood_value', 'Is always 1.', ['name']);

function frame(head, length) {
  const json = Buffer.from(JSON.stringify(head));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(length ?? 4 + json.length, 0);
  lengths.writeUInt32LE(json.length, 4);
  return Buffer.concat([lengths, json]);
}

/** The pipe does not wait: what does not fit is tried again. */
function writeAll(bytes) {
  let from = 0;
  while (from < bytes.length) {
    try {
      from += writeSync(3, bytes, from);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const cyclic = { text: 'x'.repeat(1e8) };
cyclic.self = cyclic;

export default definePlugin({
  name: 'flooder',
  config: Type.Object({ mode: Type.Optional(Type.String({ description: 'How.' })) }),
  open({ mode }, { logger }) {
    const flood = {
      log: () => { for (let i = 0; i < 50_000; i++) logger.info('flood', { i }); },
      print: () => { for (let i = 0; i < 50_000; i++) console.log('flood ' + i); },
      both: () => { for (let i = 0; i < 60; i++) { logger.info('logged'); console.log('printed'); } },
      'one-line': () => { for (let i = 0; i < 64; i++) process.stdout.write('x'.repeat(1 << 20)); },
      'print-for-ever': () => { for (;;) console.log('for ever'); },
      terminal: () => { console.log('\\u001b[31mred\\u001b[0m \\u0007bell'); },
      fields: () => { logger.warn('large', { cyclic, big: 1n, get bad() { throw new Error('no'); } }); },
      spoof: () => { logger.warn('spoof', { resource: 'another', host: 'another' }); },
      'log-frames': () => { for (;;) writeAll(frame({ kind: 'log', level: 'info', resource: 'x', message: 'm', fields: {} })); },
      'reply-frames': () => { for (;;) writeAll(frame({ kind: 'reply', id: 4_000_000 })); },
      'large-heads': () => { for (;;) writeAll(frame({ kind: 'log', message: 'x'.repeat(1e6) })); },
      announce: () => { setTimeout(() => writeAll(frame({ kind: 'log' }, 64 * 1024 * 1024)), 500); },
      'close-pipe': () => { closeSync(3); },
      'close-stdout': () => { closeSync(1); },
      families: () => Array.from({ length: 1_000 }, (_, i) =>
        gauge('flood_' + i + '_value', 'A help text that makes a large head. '.repeat(40)).sample(i)),
    }[mode];
    return {
      unchecked: true,
      collect: () => flood?.() ?? [value.sample(1, { name: 'a' })],
    };
  },
});
`;
const plugins = {
  'flooder.ts': FLOODER,
  'well.ts': FLOODER.replace("name: 'flooder'", "name: 'well'"),
};
const start = (mode: string, { every = 'scrape', timeout = '2s', settings = '{}' } = {}) =>
  startAgent({
    plugins,
    config: `plugins: {flooder: ${settings}}
resources:
  good: {plugin: well}
  bad: {plugin: flooder, every: ${every}, timeout: ${timeout}, config: {mode: ${mode}}}
`,
  });

type Run = Awaited<ReturnType<typeof start>>;

/** For collects that happen once. */
const ONCE = { every: '1h', timeout: '60s' };

const dropped = async (run: Run) =>
  (await run.scrape()).value('informer_log_lines_dropped_total', { host: 'flooder' }) ?? 0;
const said = (run: Run, message: string) => run.logs.filter((line) => line.message === message);

async function expectOthersWell(run: Run): Promise<void> {
  const page = await run.scrape('?resource=good');
  expect(page.value('flood_value', { resource: 'good' })).toBe(1);
  expect(page.value('informer_resource_up', { resource: 'good' })).toBe(1);
}

it.each([
  ['log', 'flood', 'bad'],
  ['print', 'the host printed: flood', undefined],
])('a flood of lines (%s) is cut, counted, and said once', async (mode, text, resource) => {
  await using run = await start(mode, ONCE);
  await run.until('every line that was left out to be counted', async () => {
    const shown = run.logs.filter(({ message }) => message.startsWith(text)).length;
    return (await dropped(run)) + shown >= 50_000;
  });
  const shown = run.logs.filter(({ message }) => message.startsWith(text)).length;
  expect((await dropped(run)) + shown).toBe(50_000);
  expect((await run.scrape()).value('flood_value', { resource: 'bad' })).toBe(1);
  // A burst of 100, and 20 a second for as long as it took.
  expect(shown).toBeGreaterThanOrEqual(100);
  const [line, ...more] = said(run, 'log lines are held back');
  expect(more).toEqual([]);
  expect(line?.fields).toMatchObject({
    host: 'flooder',
    code: 'LIMIT_LOG',
    fix: expect.stringContaining('plugins.NAME.log_lines'),
    ...(resource && { resource }),
  });
  await expectOthersWell(run);
});

it('what is logged and what is printed share a budget, which can be raised', async () => {
  await using tight = await start('both', ONCE);
  await tight.until('lines to be held back', () => dropped(tight));
  await using wide = await start('both', { ...ONCE, settings: '{log_lines: 100}' });
  const count = (message: string) => () => said(wide, message).length === 60;
  await wide.until('all lines that were logged', count('logged'));
  await wide.until('all lines that were printed', count('the host printed: printed'));
  expect(await dropped(wide)).toBe(0);
});

it('a line without an end is shown in its beginning', async () => {
  await using run = await start('one-line');
  expect((await run.scrape()).value('flood_value', { resource: 'bad' })).toBe(1);
  const printed = () => run.logs.filter(({ message }) => message.startsWith('the host printed: x'));
  await run.until('the line', () => printed().length > 0);
  expect(printed()[0]?.message).toHaveLength('the host printed: '.length + 4096 + '…'.length);
  expect(printed()).toHaveLength(1);
});

it('who prints for ever is ended, and holds up nobody', async () => {
  await using run = await start('print-for-ever');
  await Promise.all([run.scrape(), expectOthersWell(run)]);
  // At its deadline; or before that for its memory, where the machine is too busy to take what it prints.
  const reason = expect.stringMatching(/^(timeout|memory)$/);
  expect(said(run, 'host ended')[0]?.fields).toMatchObject({ host: 'flooder', reason });
  // The host is gone, and so is the matter.
  expect(said(run, 'log lines are no longer held back')[0]?.fields.left_out).toBeGreaterThan(0);
});

it('what a terminal would obey is not passed on', async () => {
  await using run = await start('terminal');
  await run.scrape();
  await run.until('the line', () => said(run, 'the host printed: red \ufffdbell').length > 0);
});

it('fields that are huge, end in themselves or throw are cut in the host', async () => {
  await using run = await start('fields');
  await run.scrape();
  const [line] = said(run, 'large');
  expect(line?.fields).toMatchObject({
    resource: 'bad',
    host: 'flooder',
    cyclic: { text: `${'x'.repeat(1000)}…`, self: '(circular)' },
    big: '1',
    bad: '(can not be read)',
  });
});

it('a plugin can not log in the name of another', async () => {
  await using run = await start('spoof');
  await run.scrape();
  expect(said(run, 'spoof')[0]?.fields).toEqual({ resource: 'bad', host: 'flooder' });
});

it.each([
  ['log-frames', 'It sent more than the 2000 messages a second that it may send unasked.'],
  ['reply-frames', 'It sent more than the 2000 messages a second that it may send unasked.'],
  ['large-heads', 'It sent more than the 2000 messages a second that it may send unasked.'],
  ['announce', 'It sent a frame of 67108864 bytes, where 4 to 262144 are allowed.'],
  ['close-pipe', 'It closed its pipe to the agent.'],
  ['close-stdout', 'It closed its stdout.'],
])('a host that tampers with how it is reached (%s) is ended with the reason', async (mode, error) => {
  await using run = await start(mode);
  await run.scrape();
  await run.until('the host to be ended', () => said(run, 'host ended').length > 0);
  expect(said(run, 'host ended')[0]?.fields).toMatchObject({ host: 'flooder', reason: 'crash', error });
  await expectOthersWell(run);
});

it('more families than a host may send are left out, and end nobody', async () => {
  await using run = await start('families', ONCE);
  await run.until('the collect to end', () => run.status('bad').errors.length > 0);
  expect(run.status('bad').errors[0]?.message).toMatch(
    /is left out: names, helps and buckets of a resource's metrics have more than \d+ bytes/,
  );
  expect(said(run, 'host ended')).toEqual([]);
  await expectOthersWell(run);
});
