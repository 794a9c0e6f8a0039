import { EventEmitter } from 'node:events';
import { openSync } from 'node:fs';
import {
  type CollectContext,
  configError,
  counter,
  definePlugin,
  gauge,
  type OpenContext,
  pluginError,
  type Sample,
  Type,
} from '../../index.ts';

/** Each a way to break the contract, and nothing else of it. */
export type Fault =
  | 'none'
  /** No fault: nothing is kept alive by what passes by itself. */
  | 'sets timeouts that pass'
  | 'describes anew'
  | 'collects undescribed'
  | 'collects another type'
  | 'collects other labels'
  | 'fails'
  | 'collects nothing'
  | 'breaks lint'
  | 'ignores an early abort'
  | 'ignores a late abort'
  | 'leaks a timer'
  | 'leaks an interval'
  | 'leaks a file'
  | 'leaks memory'
  | 'leaks when open fails'
  | 'shares values'
  | 'adds a global'
  | 'changes a prototype'
  | 'listens to process'
  | 'changes the environment';

const asked = counter('things_asked_total', 'How often the things were counted.');
const things = gauge('things', 'Things that are there.', ['kind']);
const other = gauge('things_other', 'Things that nobody announced.');
const badlyNamed = counter('things_seen', 'Things that were ever seen.');

// What no plugin may have: state of the module.
let collectors = 0;
let askedOfAll = 0;
const kept: unknown[] = [];
const listener = () => undefined;
const everlasting = new EventEmitter().setMaxListeners(0);

/** A plugin without a network target that keeps to the contract but for one thing. */
export function localPlugin(fault: Fault) {
  return definePlugin({
    name: 'local',
    config: Type.Object({ kinds: Type.Array(Type.String(), { description: 'Kinds of things.' }) }),
    async open(config, context) {
      await begin(fault, context);
      const number = ++collectors;
      let count = 0;
      const described = gauge('things', 'Things that are there.', ['kind']);
      const help = fault === 'describes anew' ? `How often collector ${number} was asked.` : asked.help;
      return {
        describe: () => [
          counter(asked.name, help),
          described,
          ...(fault === 'breaks lint' ? [badlyNamed] : []),
        ],
        async collect(turn) {
          await wait(fault, turn);
          count++;
          askedOfAll++;
          if (fault === 'fails') throw configError('It is never right.');
          if (fault === 'collects nothing') return [];
          const total = asked.sample(fault === 'shares values' ? askedOfAll : count);
          return [total, ...config.kinds.map((kind) => things.sample(1, { kind })), ...strange(fault)];
        },
        close: () => void process.off('SIGUSR2', listener),
      };
    },
  });
}

async function begin(fault: Fault, context: OpenContext): Promise<void> {
  switch (fault) {
    case 'leaks a timer':
      setTimeout(() => undefined, 60_000);
      break;
    case 'leaks an interval':
      setInterval(() => undefined, 60_000).unref();
      break;
    case 'leaks a file':
      openSync(import.meta.filename, 'r');
      break;
    case 'leaks memory':
      kept.push(new Array(20_000).fill(context.resource));
      everlasting.on('never', () => context.logger.info('never'));
      break;
    case 'leaks when open fails':
      if (!context.signal.aborted) break;
      setTimeout(() => undefined, 60_000);
      throw pluginError('It was aborted.');
    case 'adds a global':
      Object.assign(globalThis, { thingsOfLocal: 1 });
      break;
    case 'changes a prototype':
      Object.assign(Array.prototype, { last: () => undefined });
      break;
    case 'listens to process':
      process.on('SIGUSR2', listener);
      break;
    case 'changes the environment':
      process.env.THINGS = 'many';
  }
}

/** A moment; far beyond the grace when an abort is ignored. */
async function wait(fault: Fault, { signal, clock }: CollectContext): Promise<void> {
  if (fault === 'sets timeouts that pass') {
    const late = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
    await clock.sleep(1, late);
  }
  if (fault === 'ignores a late abort') {
    signal.throwIfAborted();
    await clock.sleep(5);
    if (signal.aborted) await clock.sleep(600);
  }
  if (fault === 'ignores an early abort') {
    const begun = signal.aborted ? undefined : signal;
    await clock.sleep(begun ? 5 : 600, begun);
  }
}

function strange(fault: Fault): Sample[] {
  switch (fault) {
    case 'collects undescribed':
      return [other.sample(1)];
    case 'collects another type':
      return [counter(things.name, things.help, ['kind']).sample(1, { kind: 'of another type' })];
    case 'collects other labels':
      return [gauge(things.name, things.help, ['sort']).sample(1, { sort: 'other' })];
    case 'breaks lint':
      return [badlyNamed.sample(1)];
    default:
      return [];
  }
}

/** Takes back what the faults did to the process. */
export function mendProcess(): void {
  Reflect.deleteProperty(globalThis, 'thingsOfLocal');
  Reflect.deleteProperty(Array.prototype, 'last');
  process.off('SIGUSR2', listener);
  delete process.env.THINGS;
  kept.length = 0;
  everlasting.removeAllListeners();
}
