import { resolve } from 'node:path';
import { configError, definePlugin, type Sample, targetError } from '@dynamic-informer/sdk';
import { problemsOf, processConfig } from './config.ts';
import { Finder, type Group } from './find.ts';
import { KeptTotals } from './kept-totals.ts';
import {
  count,
  cpuSeconds,
  memoryBytes,
  oldestStart,
  openFiles,
  PROCESS_METRICS,
  states,
  threads,
} from './metrics.ts';
import { MEMTYPES, type Proc, Procfs, startSeconds } from './procfs.ts';

const STATES: Readonly<Record<string, string>> = { R: 'Running', S: 'Sleeping', D: 'Waiting', Z: 'Zombie' };
const STATE_NAMES = [...Object.values(STATES), 'Other'];

export default definePlugin({
  name: 'process',
  description: 'Processes by command line or pid file, named as process-exporter names them.',
  config: processConfig,
  metrics: PROCESS_METRICS,
  validate: problemsOf,
  async open(config, context) {
    const { directory } = context;
    if (process.platform !== 'linux') {
      throw configError(`Processes can not be read on ${process.platform}.`, {
        code: 'PROCESS_PLATFORM_UNKNOWN',
        fix: 'Take this resource out; it reads the procfs of Linux.',
      });
    }
    const procfs = new Procfs(resolve(directory, config.procfs));
    const groups = config.processes.map(
      ({ name, scope, match, pid_file }): Group => ({
        name,
        scope,
        pattern: match === undefined ? undefined : new RegExp(match, 'u'),
        pidFile: pid_file === undefined ? undefined : resolve(directory, pid_file),
      }),
    );
    const finder = new Finder(procfs);
    const totals = await KeptTotals.open(context.state, config.processes, context.logger);
    return {
      async collect({ signal, clock, error }) {
        const bootTime = await procfs.bootTime();
        const found = await finder.find(groups, signal);
        const samples: Sample[] = [];
        const startOf = (proc: Proc) => startSeconds(proc, bootTime);
        for (const [i, group] of config.processes.entries()) {
          const groupname = group.name;
          const processes = found[i];
          if (!Array.isArray(processes)) {
            error(processes);
            continue;
          }
          const cpu = totals.add(group, processes, clock.now() / 1000, startOf);
          samples.push(
            count.sample(processes.length, { groupname }),
            cpuSeconds.sample(cpu.user, { groupname, mode: 'user' }),
            cpuSeconds.sample(cpu.system, { groupname, mode: 'system' }),
            threads.sample(
              sum(processes, (proc) => proc.threads),
              { groupname },
            ),
            ...statesOf(processes, groupname),
          );
          const oldest = Math.min(...processes.map(startOf));
          if (processes.length > 0) samples.push(oldestStart.sample(oldest, { groupname }));
          samples.push(...(await memoryOf(procfs, processes, groupname, signal)));
          samples.push(...(await filesOf(procfs, processes, groupname, error)));
        }
        return samples;
      },
      pause: () => totals.handOver(),
      resume: () => totals.takeBack(),
      close: () => totals.handOver(),
    };
  },
});

const sum = <T>(items: readonly T[], amount: (item: T) => number) =>
  items.reduce((total, item) => total + amount(item), 0);

function statesOf(processes: readonly Proc[], groupname: string): Sample[] {
  const byState = Map.groupBy(processes, ({ state }) => STATES[state] ?? 'Other');
  return STATE_NAMES.map((state) => states.sample(byState.get(state)?.length ?? 0, { groupname, state }));
}

async function memoryOf(
  procfs: Procfs,
  processes: readonly Proc[],
  groupname: string,
  signal: AbortSignal,
): Promise<Sample[]> {
  const memories = await Promise.all(processes.map(({ pid }) => procfs.memory(pid, signal)));
  return MEMTYPES.map((memtype) =>
    memoryBytes.sample(
      sum(memories, (memory) => memory?.[memtype] ?? 0),
      { groupname, memtype },
    ),
  );
}

async function filesOf(
  procfs: Procfs,
  processes: readonly Proc[],
  groupname: string,
  error: (error: unknown) => void,
): Promise<Sample[]> {
  const counts = await Promise.all(processes.map(({ pid }) => procfs.openFiles(pid)));
  if (counts.includes('denied')) {
    // A sum without them would be a wrong number that looks right.
    error(
      targetError(`The open files of processes in "${groupname}" can not be counted: permission denied.`, {
        code: 'PROCESS_FILES_DENIED',
        fix: "Run the agent as the processes' user, or give it the capability CAP_SYS_PTRACE.",
      }),
    );
    return [];
  }
  return [
    openFiles.sample(
      sum(counts, (value) => (typeof value === 'number' ? value : 0)),
      { groupname },
    ),
  ];
}
