import { counter, definePlugin, gauge, type State, Type } from '../../index.ts';

/** How a plugin that counts handles its state wrongly. */
export type StateFault =
  | 'none'
  | 'forgets'
  | 'forgets when closed'
  | 'trusts its state'
  | 'trusts the shape of its state'
  | 'counts on in a pause'
  | 'stops for good'
  | 'falls at a resume';

const VERSION = 1;
const events = counter('events_total', 'Events that came.', ['kind']);

const listening = gauge('events_listening', 'Whether events are listened to.');

/** Where events come from: what a test makes happen. */
export class Events extends EventTarget {
  happen(kind: string): void {
    this.dispatchEvent(new Event(kind));
  }
}

/** A plugin that counts events through restarts, and keeps to the contract but for one thing. */
export function statefulPlugin(fault: StateFault, source: Events) {
  return definePlugin({
    name: 'stateful',
    config: Type.Object({}),
    metrics: [events, listening],
    async open(_config, { state }) {
      const counts = await read(state, fault);
      let counting = true;
      const count = ({ type }: Event) => {
        if (!counting && fault !== 'counts on in a pause') return;
        counts.set(type, (counts.get(type) ?? 0) + 1);
      };
      const write = () => {
        const kept = fault === 'forgets' ? [] : [...counts];
        return state.write(VERSION, Buffer.from(JSON.stringify(kept)));
      };
      source.addEventListener('came', count);
      return {
        collect: () => [
          listening.sample(1),
          ...[...counts].map(([kind, number]) => events.sample(number, { kind })),
        ],
        async pause() {
          counting = false;
          await write();
        },
        resume() {
          counting = fault !== 'stops for good';
          if (fault === 'falls at a resume') counts.set('came', 0);
        },
        async close() {
          source.removeEventListener('came', count);
          if (counting && fault !== 'forgets when closed') await write();
        },
      };
    },
  });
}

async function read(state: State, fault: StateFault): Promise<Map<string, number>> {
  const bytes = await state.read(VERSION);
  if (bytes === undefined) return new Map();
  const parsed = parse(bytes, fault);
  if (fault === 'trusts the shape of its state') {
    return new Map((parsed as [string, number][]).map(([kind, count]) => [kind, count]));
  }
  return new Map((Array.isArray(parsed) ? parsed : []).filter(isEntry));
}

function parse(bytes: Uint8Array, fault: StateFault): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    if (fault === 'trusts its state') throw error;
    return [];
  }
}

const isEntry = (entry: unknown): entry is [string, number] =>
  Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number' && entry[1] >= 0;
