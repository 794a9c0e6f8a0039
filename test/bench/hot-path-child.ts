// A contestant that does one thing many times: see conversation.ts and the cases in hot-path.ts.
import { gauge, Registry } from '@dynamic-informer/sdk';
import { Gatherer } from '@dynamic-informer/sdk/host';
import { answerQuestions } from './conversation.ts';
import { millisecondsOf, OURS } from './harness.ts';
import type { HotPathCase, HotPathSetting } from './hot-path.ts';
import { gaugeValue, LABELS, labelValues } from './mix-a.ts';
import { observation } from './mix-h.ts';
import { clientPackage } from './registries.ts';

const HOT_SERIES = 1_024;
const NANOSECONDS = 1e6;

const {
  library,
  case: name,
  series: operations,
} = JSON.parse(process.argv[2] ?? '') as HotPathSetting & {
  library: string;
};
const labelSets = Array.from({ length: HOT_SERIES }, (_, series) => labelValues(series));
const observed = Array.from({ length: HOT_SERIES }, (_, series) => observation(series, 0, 0));
const work = (library === OURS ? ourWork() : clientWork(library))[name]();

await answerQuestions(async () => {
  // What the last round left is not this round's to clean up.
  globalThis.gc?.();
  return ((await millisecondsOf(work)) * NANOSECONDS) / operations;
});

type Works = Readonly<Record<HotPathCase, () => () => void>>;

// Each loop stands by itself: one that took what it does as an argument would measure the call as well. It
// goes over many children, as with one the compiler could keep the value in a register.

function ourWork(): Works {
  const registry = new Registry();
  const counters = registry.counter('hot_requests_total', 'Requests.', LABELS);
  const lookUp = () => () => {
    for (let i = 0; i < operations; i++) {
      const [method, route, zone] = labelSets[i % HOT_SERIES] as [string, string, string];
      counters.with({ method, route, zone }).inc();
    }
  };
  return {
    'counter/inc/kept': () => {
      const kept = labelSets.map(([method, route, zone]) => counters.with({ method, route, zone }));
      return () => {
        for (let i = 0; i < operations; i++) (kept[i % HOT_SERIES] as (typeof kept)[0]).inc();
      };
    },
    'counter/inc/look-up': lookUp,
    'counter/inc/labels-object': lookUp,
    'histogram/observe/kept': () => {
      const durations = registry.histogram('hot_duration_seconds', 'Durations.', LABELS);
      const kept = labelSets.map(([method, route, zone]) => durations.with({ method, route, zone }));
      return () => {
        for (let i = 0; i < operations; i++) {
          (kept[i % HOT_SERIES] as (typeof kept)[0]).observe(observed[i % HOT_SERIES] as number);
        }
      };
    },
    'const-samples': () => {
      const load = gauge('hot_load_ratio', 'Load.', LABELS);
      const sets = Array.from({ length: operations }, (_, series) => labelValues(series));
      const gatherer = new Gatherer([load]);
      function* samples() {
        for (const [series, [method, route, zone]] of sets.entries()) {
          yield load.sample(gaugeValue(series, 0), { method, route, zone });
        }
      }
      return () => {
        const { series } = gatherer.gather(samples());
        if (series !== operations) throw new Error(`${series} series were gathered, not ${operations}.`);
      };
    },
  };
}

function clientWork(packageName: string): Works {
  const client = clientPackage(packageName);
  const registers = [new client.Registry()];
  const counters = new client.Counter({
    name: 'hot_requests_total',
    help: 'Requests.',
    labelNames: LABELS,
    registers,
  });
  return {
    'counter/inc/kept': () => {
      const kept = labelSets.map((values) => counters.labels(...values));
      return () => {
        for (let i = 0; i < operations; i++) (kept[i % HOT_SERIES] as (typeof kept)[0]).inc();
      };
    },
    'counter/inc/look-up': () => () => {
      for (let i = 0; i < operations; i++) {
        const [method, route, zone] = labelSets[i % HOT_SERIES] as [string, string, string];
        counters.labels(method, route, zone).inc();
      }
    },
    'counter/inc/labels-object': () => () => {
      for (let i = 0; i < operations; i++) {
        const [method, route, zone] = labelSets[i % HOT_SERIES] as [string, string, string];
        counters.inc({ method, route, zone });
      }
    },
    'histogram/observe/kept': () => {
      const about = { name: 'hot_duration_seconds', help: 'Durations.', labelNames: LABELS, registers };
      const durations = new client.Histogram(about);
      const kept = labelSets.map((values) => durations.labels(...values));
      return () => {
        for (let i = 0; i < operations; i++) {
          (kept[i % HOT_SERIES] as (typeof kept)[0]).observe(observed[i % HOT_SERIES] as number);
        }
      };
    },
    'const-samples': () => {
      throw new Error(`${packageName} has no samples that are made anew at each collect.`);
    },
  };
}
