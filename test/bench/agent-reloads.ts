import { setTimeout as pause } from 'node:timers/promises';
import { connectInspector, holdMeter, INSPECTABLE } from '../support/inspector.ts';
import { waitFor } from '../support/wait.ts';
import { type BenchOptions, median, OURS, quantile, type Result, resultOf } from './harness.ts';
import { type StartedAgent, startAgent } from './started-agent.ts';

const CHANGES = 20;
/** What the change before has brought about is over by then. */
const BETWEEN_MS = 500;
const PATIENCE_MS = 120_000;

/** What it takes until a changed resource, of many, exposes what it should; and what that costs all the others. */
export async function* agentReloads({ quick }: BenchOptions): AsyncGenerator<Result> {
  const count = quick ? 20 : 1000;
  const changes = quick ? 1 : CHANGES;
  const changed = `r${count / 2}`;
  const names = Array.from({ length: count }, (_, index) => `r${index}`);
  const resource = (name: string, value: number) =>
    `  ${name}:\n    plugin: bench\n    every: 60s\n    config: {value: ${value}}\n`;
  const configuration = (value: number) =>
    `resources:\n${names.map((name) => resource(name, name === changed ? value : 1)).join('')}`;

  await using agent = await startAgent(configuration(1), {}, INSPECTABLE);
  await until(agent, `r${count - 1}`, 1);
  using inspector = await connectInspector(agent.process);
  const longestHold = await holdMeter(inspector);
  const lives: number[] = [];
  const holds: number[] = [];
  for (let change = 0; change <= changes; change++) {
    if (!quick) await pause(BETWEEN_MS);
    await longestHold();
    const start = performance.now();
    await agent.configure(configuration(2 + change));
    await until(agent, changed, 2 + change);
    lives.push(performance.now() - start);
    holds.push(await longestHold());
  }
  const about = (name: string) => ({ bench: 'agent', unit: 'ms', case: `reload/${count}/${name}` });
  const only = (values: number[]) => new Map([[OURS, values]]);
  // Nothing of what a reload needs is there yet when the first change comes, as after a long time without one.
  yield resultOf(only(lives.slice(0, 1)), median, about('first-change'));
  yield resultOf(only(lives.slice(1)), median, about('one-changed'));
  yield resultOf(only(holds), quantile(1), about('longest-hold'));
}

/** Waits until a resource exposes a value. */
async function until({ port }: StartedAgent, name: string, value: number): Promise<void> {
  const line = `bench_one{resource="${name}"} ${value}\n`;
  const url = `http://127.0.0.1:${port}/metrics?resource=${name}`;
  await waitFor(async () => (await fetch(url).then((response) => response.text())).includes(line), {
    what: `${name} to be ${value}`,
    timeout: PATIENCE_MS,
    interval: 5,
  });
}
