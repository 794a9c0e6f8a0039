// A contestant whose memory is looked at: see conversation.ts. Round 0 fills a registry with gauges and
// keeps none of their children, round 1 renders it; the answer is bytes for each series.
import { Registry } from '@dynamic-informer/sdk';
import { answerQuestions } from './conversation.ts';
import { OURS } from './harness.ts';
import type { MemorySetting } from './memory.ts';
import { gaugeValue, LABELS, labelValues } from './mix-a.ts';
import { clientPackage, type RenderFormat, rendererOf } from './registries.ts';

const { library, series } = JSON.parse(process.argv[2] ?? '') as MemorySetting & { library: string };
const NAME = 'shop_load_ratio';
const HELP = 'Load.';
const { fill, render } = library === OURS ? ours() : client(library);
const before = heapBytes();

await answerQuestions(async ({ round }) => {
  if (round === 0) fill();
  else await render('text');
  return (heapBytes() - before) / series;
});

function heapBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

interface Filled {
  fill(): void;
  render(format: RenderFormat): Promise<unknown>;
}

function ours(): Filled {
  const registry = new Registry();
  const family = registry.gauge(NAME, HELP, LABELS);
  return {
    fill() {
      for (let i = 0; i < series; i++) {
        const [method, route, zone] = labelValues(i);
        family.with({ method, route, zone }).set(gaugeValue(i, 0));
      }
    },
    render: async (format) => (await rendererOf(registry)(format)).done?.(),
  };
}

function client(name: string): Filled {
  const { Registry: ClientRegistry, Gauge } = clientPackage(name);
  const registry = new ClientRegistry();
  const family = new Gauge({ name: NAME, help: HELP, labelNames: LABELS, registers: [registry] });
  return {
    fill() {
      for (let i = 0; i < series; i++) family.labels(...labelValues(i)).set(gaugeValue(i, 0));
    },
    render: async () => Buffer.from(await registry.metrics()),
  };
}
