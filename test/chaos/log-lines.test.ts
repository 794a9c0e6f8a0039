import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Exposition } from '../support/agent.ts';
import { killIfThere, processesIn } from '../support/left-behind.ts';
import { freePort } from '../support/ports.ts';
import { type RunningProcess, startProcess } from '../support/process.ts';
import { INFORMER, startInformer } from '../support/program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';
import { admin } from './page.ts';
import { pick, report } from './report.ts';

const KILLS = pick({ short: 8, long: 100 });
const CHANGES = pick({ short: 5, long: 60 });
const ROTATE_MS = 1_500;
/** More rotated files than are written while an agent starts on a busy machine: what is removed unread is lost. */
const KEPT = 60;
const LONGEST_LIFE_MS = 1_500;
const PATIENCE_MS = 120_000;
const WRITER = fileURLToPath(new URL('./numbered-writer.ts', import.meta.url));

/** `turn` changes what else is counted, and so the resource. */
const resources = (turn = 0) => `resources:
  log:
    plugin: file-tail
    config:
      files: ['logs/app.log*']
      patterns:
        - match: '^line (?<number>\\d+) of many$'
          metrics:
            - {name: lines_total, type: counter}
            - {name: numbers_total, type: counter, value: number}
        - match: '${turn} of many'
          metrics: [{name: turn_${turn}_total, type: counter}]
`;

interface Counted {
  readonly lines: number;
  readonly sum: number;
  readonly unmatched: number;
}

/** What is exposed; undefined while nobody answers, or the resource is not there yet. */
async function countedBy(url: string): Promise<Counted | undefined> {
  const response = await fetch(`${url}/metrics`).catch(() => undefined);
  const page = response?.ok ? new Exposition(await response.text().catch(() => '')) : undefined;
  const lines = page?.value('lines_total', { resource: 'log' });
  const sum = page?.value('numbers_total', { resource: 'log' });
  if (lines === undefined || sum === undefined) return undefined;
  const unmatched = page
    ?.lines('file_tail_unmatched_lines_total')
    .reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
  return { lines, sum, unmatched: unmatched ?? 0 };
}

/** A writer in a process of its own, which knows nothing of its readers. */
async function startWriter(file: string) {
  const child = spawn(process.execPath, [WRITER, file, String(ROTATE_MS), String(KEPT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  await once(child.stdout, 'data');
  return {
    /** How many lines it has written, once it has ended. */
    async stop(): Promise<number> {
      child.kill('SIGTERM');
      await once(child, 'close');
      return Number(output.trim().split('\n').at(-1));
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

/** Kills the agent, whose hosts go with it, or the host alone. */
async function kill(agent: RunningProcess, folder: string, whom: 'agent' | 'host'): Promise<void> {
  const hosts = processesIn(folder).filter((pid) => pid !== agent.pid);
  if (whom === 'host') for (const pid of hosts) killIfThere(pid);
  else {
    agent.signal('SIGKILL');
    await agent.exited;
    await waitFor(() => processesIn(folder).length === 0, { what: 'the hosts to go with their agent' });
  }
}

/** In the end each line was counted once, and nothing that was `seen` on the way was ever taken back. */
async function expectAll(url: string, written: number, seen: number[]): Promise<void> {
  const isComplete = async () => {
    const counted = await countedBy(url);
    if (counted) seen.push(counted.lines);
    return counted !== undefined && counted.lines >= written;
  };
  await waitFor(isComplete, { what: `all ${written} lines`, timeout: PATIENCE_MS }).catch(() => {});
  expect(await countedBy(url)).toEqual({ lines: written, sum: (written * (written + 1)) / 2, unmatched: 0 });
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
}

it(
  `${KILLS} kills of agent and host at random moments: each line of a log that is rotated meanwhile counts once`,
  async (test) => {
    await using folder = await temporaryFolder('kills');
    const address = `127.0.0.1:${await freePort()}`;
    const url = `http://${address}`;
    await writeFile(
      join(folder.path, 'informer.yaml'),
      `web: {listen: ['${address}']}\nstate_dir: state\n${resources()}`,
    );
    await mkdir(join(folder.path, 'logs'));
    using writer = await startWriter(join(folder.path, 'logs', 'app.log'));
    const start = () =>
      startProcess({
        command: process.execPath,
        args: [INFORMER, 'run'],
        cwd: folder.path,
        ready: () => true,
      });

    const seen: number[] = [];
    let agent = await start();
    await using _last = { [Symbol.asyncDispose]: () => agent.stop() };
    for (let kills = 0; kills < KILLS; kills++) {
      // Some die while they start, some in the middle of what they read.
      const end = performance.now() + Math.random() * LONGEST_LIFE_MS;
      if (kills % 4 !== 0) {
        await waitFor(() => countedBy(url), { what: 'what is counted', timeout: PATIENCE_MS });
      }
      do {
        const counted = await countedBy(url);
        if (counted) seen.push(counted.lines);
        await pause(20);
      } while (performance.now() < end);
      const whom = kills % 3 === 2 ? 'host' : 'agent';
      await kill(agent, folder.path, whom);
      if (whom === 'agent') agent = await start();
    }

    const written = await writer.stop();
    await expectAll(url, written, seen);
    report(test, { case: `${written} lines, rotated by rename`, scrapes: seen.length, kills: KILLS });
  },
  PATIENCE_MS + KILLS * 30_000,
);

it(
  `${CHANGES} reloads, restarts and pauses of a resource: each line of a log that is rotated meanwhile counts once`,
  async (test) => {
    await using run = await startInformer({ config: resources(), files: { 'logs/app.log': '' } });
    using writer = await startWriter(join(run.folder, 'logs', 'app.log'));
    const seen: number[] = [];
    const look = async () => {
      const counted = await countedBy(run.url);
      if (counted) seen.push(counted.lines);
    };
    for (let change = 1; change <= CHANGES; change++) {
      await look();
      if (change % 3 === 0) await admin(run.folder, 'POST', '/api/v1/resources/log/restart');
      else if (change % 3 === 1) {
        await run.configure(resources(change));
        await admin(run.folder, 'POST', '/-/reload');
      } else {
        await admin(run.folder, 'POST', '/api/v1/resources/log/disable');
        // Long enough for a rotation that nobody sees.
        await pause(ROTATE_MS);
        await admin(run.folder, 'POST', '/api/v1/resources/log/enable');
      }
      await look();
    }
    const written = await writer.stop();
    await expectAll(run.url, written, seen);
    report(test, { case: `${CHANGES} changes, ${written} lines`, scrapes: seen.length });
  },
  PATIENCE_MS + CHANGES * 30_000,
);
