import { counter, gauge } from '@dynamic-informer/sdk';

/** process-exporter's names, and its meaning of them. */
export const count = gauge('namedprocess_namegroup_num_procs', 'Processes in the group.', ['groupname']);
export const cpuSeconds = counter(
  'namedprocess_namegroup_cpu_seconds_total',
  'CPU seconds that processes of the group used since they are watched.',
  ['groupname', 'mode'],
);
export const memoryBytes = gauge(
  'namedprocess_namegroup_memory_bytes',
  'Memory of the group: resident in RAM, virtual, or swapped out. What processes share counts for each.',
  ['groupname', 'memtype'],
);
export const openFiles = gauge(
  'namedprocess_namegroup_open_filedesc',
  'Open file descriptors of the group.',
  ['groupname'],
);
export const threads = gauge('namedprocess_namegroup_num_threads', 'Threads of the group.', ['groupname']);
export const oldestStart = gauge(
  'namedprocess_namegroup_oldest_start_time_seconds',
  'When the oldest process of the group started, in seconds since 1970; absent without a process.',
  ['groupname'],
);
export const states = gauge(
  'namedprocess_namegroup_states',
  'Processes of the group by state: Running, Sleeping, Waiting (for a disk), Zombie, Other.',
  ['groupname', 'state'],
);

export const PROCESS_METRICS = [count, cpuSeconds, memoryBytes, openFiles, threads, oldestStart, states];
