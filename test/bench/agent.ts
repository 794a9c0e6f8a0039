import { setTimeout as pause } from 'node:timers/promises';
import { agentCollects } from './agent-collects.ts';
import { agentReloads } from './agent-reloads.ts';
import { collectOverhead } from './collect-overhead.ts';
import { type Bench, median, OURS, type Result, resultOf } from './harness.ts';
import { cpuMilliseconds, hasProc, MEMORY_FIELDS, memoryOf, processTree } from './processes.ts';
import { startAgent } from './started-agent.ts';

const RESOURCES = 20;
const STARTS = 7;
const IDLE_MS = 10_000;
const QUICK_IDLE_MS = 200;

/** The whole agent, its hosts included, with resources that do next to nothing. */
export const agent: Bench = {
  name: 'agent',
  async *run(options) {
    const { quick } = options;
    const names = Array.from({ length: RESOURCES }, (_, index) => `r${index}`);
    const resources = `resources:\n${names.map((name) => `  ${name}: {plugin: bench}\n`).join('')}`;

    const starts: { answeredMs: number; readyMs: number }[] = [];
    for (let i = 0; i < (quick ? 1 : STARTS); i++) {
      await using started = await startAgent(resources);
      starts.push(started);
    }
    const answered = only(starts.map(({ answeredMs }) => answeredMs));
    yield resultOf(answered, median, about('start/metrics', 'ms'));
    const ready = only(starts.map(({ readyMs }) => readyMs));
    yield resultOf(ready, median, about('start/ready', 'ms'));

    yield* agentCollects(options);
    yield* agentReloads(options);
    if (!hasProc) return;
    yield* idleCases(resources, quick ? QUICK_IDLE_MS : IDLE_MS);
    yield* collectOverhead(options);
  },
};

const only = (values: number[]) => new Map([[OURS, values]]);
const about = (name: string, unit: string) => ({ bench: 'agent', case: name, unit });

async function* idleCases(resources: string, idleMs: number): AsyncGenerator<Result> {
  await using running = await startAgent(resources);
  await fetch(`http://127.0.0.1:${running.port}/metrics`).then((response) => response.arrayBuffer());
  const tree = processTree(running.pid);
  const before = cpuMilliseconds(tree);
  const start = performance.now();
  await pause(idleMs);
  const share = (cpuMilliseconds(tree) - before) / (performance.now() - start);
  yield resultOf(only([share * 100]), median, about('idle-cpu', '% of a core'));

  const memory = tree.map(memoryOf);
  for (const [name, field] of MEMORY_FIELDS) {
    const total = memory.reduce((sum, each) => sum + each[field], 0);
    yield resultOf(only([total]), median, about(name, 'MiB'));
  }
}
