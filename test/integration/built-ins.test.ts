import { describe, expect, it } from 'vitest';
import { startAgent } from '../support/agent.ts';
import { ACME } from '../support/plugins.ts';

/** A plugin that changes what all code of its process uses, and one that changes what a process sends. */
const TAMPER = `
import { definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const metric = gauge('tampered', 'Is there.');
const evil = { value: 666, writable: true, enumerable: true, configurable: true };
const ways = {
  pollution: () => { Object.prototype.queue = 'evil'; },
  merged: () => { ({}).__proto__.polluted = 'evil'; },
  'a getter "value"': () => Object.defineProperty(Object.prototype, 'value', { get: () => 666, set() {} }),
  'a getter "labels"': () => Object.defineProperty(Object.prototype, 'labels', { get: () => ({ queue: 'evil' }) }),
  'a method "then"': () => { Object.prototype.then = () => {}; },
  'an index of arrays': () => Object.defineProperty(Array.prototype, 0, { set() {}, get: () => 666 }),
  'Array.prototype.map': () => { Array.prototype.map = () => []; },
  'Array.prototype.push': () => { Array.prototype.push = () => 0; },
  'iterators': () => { Array.prototype[Symbol.iterator] = function* () {}; },
  'next': () => { Reflect.getPrototypeOf([][Symbol.iterator]()).next = () => ({ done: true }); },
  'Map.prototype.get': () => { Map.prototype.get = () => undefined; },
  'Set.prototype.has': () => { Set.prototype.has = () => true; },
  'JSON.stringify': () => { JSON.stringify = () => '{}'; },
  'JSON.parse': () => { JSON.parse = () => ({}); },
  'String.prototype.replace': () => { String.prototype.replace = () => 'evil'; },
  'RegExp.prototype.test': () => { RegExp.prototype.test = () => false; },
  'RegExp.prototype.exec': () => { RegExp.prototype.exec = () => null; },
  'Promise.prototype.then': () => { Promise.prototype.then = () => {}; },
  'Object.entries': () => { Object.entries = () => []; },
  'Array.isArray': () => { Array.isArray = () => false; },
  'Date.now': () => { Date.now = () => 0; },
  'setTimeout': () => { globalThis.setTimeout = (f) => f(); },
  'clearTimeout': () => { globalThis.clearTimeout = () => {}; },
  'Buffer': () => { globalThis.Buffer = { from: () => new Uint8Array(0) }; },
  'Buffer.from': () => { Buffer.from = () => new Uint8Array(0); },
  'TextEncoder': () => { globalThis.TextEncoder = class { encode() { return new Uint8Array(0); } }; },
  'structuredClone': () => { globalThis.structuredClone = () => 666; },
  'Map': () => { globalThis.Map = class extends Map { get() {} }; },
  'a property of globalThis': () => Object.defineProperty(globalThis, 'JSON', evil),
  'what the pipe is written with': () => {
    const { prototype } = process.getBuiltinModule('node:net').Socket;
    const { write } = prototype;
    prototype.write = function (chunk, ...rest) {
      const text = chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1') : chunk;
      if (typeof text !== 'string' || !text.includes('queue_messages{')) return write.call(this, chunk, ...rest);
      return write.call(this, Buffer.from(text.replace(/\\} 1\\n/g, '} 7\\n'), 'latin1'), ...rest);
    };
  },
};

export default definePlugin({
  name: 'tamper',
  config: Type.Object({ way: Type.String({ description: 'What to change.' }) }),
  metrics: [metric],
  open({ way }) {
    ways[way]();
    return { collect: () => [metric.sample(1)] };
  },
});
`;

const WAYS = [...TAMPER.matchAll(/^ {2}(?:'([^']+)'|(\w+)): \(\) =>/gm)]
  .map(([, quoted, plain]) => quoted ?? plain ?? '')
  .filter((way) => way !== 'what the pipe is written with');

const plugins = { 'acme.ts': ACME, 'tamper.ts': TAMPER };
const config = (host: string, way: string) => `plugins:
  acme: {path: plugins/acme.ts, host: ${host}}
  tamper: {path: plugins/tamper.ts, host: ${host}}
resources:
  bad: {plugin: tamper, config: {way: ${JSON.stringify(way)}}}
  good: {plugin: acme, timeout: 2s, config: {queues: [a, bcd]}}
  slow: {plugin: acme, timeout: 300ms, config: {mode: slow}}
`;

describe('a plugin that changes the built-ins of its process', () => {
  it.each(WAYS)('%s: another one in the same process does not notice', async (way) => {
    await using run = await startAgent({ plugins, config: config('shared', way) });
    for (let scrape = 0; scrape < 2; scrape++) {
      const page = await run.scrape();
      expect(page.value('queue_messages', { resource: 'good', queue: 'a' })).toBe(1);
      expect(page.value('queue_messages', { resource: 'good', queue: 'bcd' })).toBe(3);
      expect(page.value('acme_collects_total', { resource: 'good' })).toBe(scrape + 1);
      expect(page.value('informer_resource_up', { resource: 'good' })).toBe(1);
      // Deadlines are still kept.
      expect(page.value('informer_collects_total', { resource: 'slow', outcome: 'timeout' })).toBe(
        scrape + 1,
      );
    }
    // It fails where it does that, and says where.
    expect(run.status('bad').state).toBe('failed');
    expect(run.status('bad').errors[0]?.message).toMatch(
      /^Cannot (add|assign to|define|redefine) |object is not extensible/,
    );
  });
});

describe('a plugin that changes what its process sends', () => {
  const way = 'what the pipe is written with';

  it('falsifies others in a shared host: there it has to be trusted', async () => {
    await using run = await startAgent({ plugins, config: config('shared', way) });
    await run.scrape();
    const page = await run.scrape();
    expect(page.value('queue_messages', { resource: 'good', queue: 'a' })).toBe(7);
  });

  it('falsifies nobody else in a host of its own, which is where a plugin runs that is not built in', async () => {
    await using run = await startAgent({
      plugins,
      config: config('shared', way).replace(/^plugins:\n(?: {2}.*\n)*/m, ''),
    });
    await run.scrape();
    const page = await run.scrape();
    expect(page.value('queue_messages', { resource: 'good', queue: 'a' })).toBe(1);
    expect(page.value('tampered', { resource: 'bad' })).toBe(1);
  });
});
