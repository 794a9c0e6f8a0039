// The agent in a process whose main thread is looked at: see conversation.ts. `round` answers with the
// milliseconds of CPU that a collect costs that thread, `hold` with the longest time for which it was held.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, type AgentOptions, processHosts, Redactor } from '@dynamic-informer/agent';
import { makeLogger } from '@dynamic-informer/sdk';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';
import type { CollectSetting } from './agent-collects.ts';
import { BENCH_PLUGIN } from './bench-plugin.ts';
import { answerQuestions } from './conversation.ts';
import { longestHold } from './longest-hold.ts';

const { series, changed, everyMs, collects } = JSON.parse(process.argv[2] ?? '') as CollectSetting;
let collected = 0;

await using folder = await temporaryFolder('collects');
await using _agent = await startAgent(folder.path);
await waitFor(() => collected > 0, { what: 'a collect', timeout: 60_000 });

await answerQuestions(async ({ do: what }) => {
  if (what === 'hold') return longestHold(() => pause(collects * everyMs));
  // From the middle between two collects.
  const seen = collected;
  await waitFor(() => collected > seen, { what: 'a collect', interval: 1 });
  await pause(everyMs / 2);
  // Who makes garbage pays for it; what is there from before is nobody's.
  globalThis.gc?.();
  const before = collected;
  const start = process.threadCpuUsage();
  await pause(collects * everyMs);
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000 / (collected - before);
});

async function startAgent(path: string): Promise<AsyncDisposable> {
  const settings = {
    plugin: 'bench',
    every: `${everyMs}ms`,
    timeout: '60s',
    max_series: 200_000,
    max_bytes: '32MiB',
    config: { series, ...(changed === 'all' && { changed }) },
  };
  const config = {
    web: { listen: [`unix:${join(path, 'web.sock')}`] },
    state_dir: 'state',
    limits: { series: 200_000 },
    plugins: { bench: { path: './bench.mjs', memory: '1GiB', nice: 0 } },
    resources: { mix: settings },
  };
  await writeFile(join(path, 'bench.mjs'), BENCH_PLUGIN);
  await writeFile(join(path, 'informer.yaml'), JSON.stringify(config));
  const log = makeLogger((level, message) => {
    if (level === 'error') process.stderr.write(`${message}\n`);
  });
  const agent = new Agent({
    configFile: join(path, 'informer.yaml'),
    log,
    redactor: new Redactor(),
    startHost: counting(processHosts(log)),
  });
  const { successful, errors } = await agent.start();
  if (!successful) throw new Error(errors.join('\n'));
  return { [Symbol.asyncDispose]: () => agent.stop() };
}

/** Counts what comes back from collects. */
function counting(start: AgentOptions['startHost']): AgentOptions['startHost'] {
  return async (group, onDeath) => {
    const host = await start(group, onDeath);
    const collect = host.collect.bind(host);
    host.collect = async (...given) => {
      const reply = await collect(...given);
      if (reply.outcome !== 'ok') throw new Error(`A collect ended as ${reply.outcome}.`);
      collected++;
      return reply;
    };
    return host;
  };
}
