import { type ErrorInfo, formatSize, InformerError } from '@dynamic-informer/sdk';
import type { HostDeath, HostGroup } from '../contract.ts';
import type { CountedMemory } from './memory-budget.ts';

// What is said of hosts that are over their budgets: who, how much of what, and what to do about it.

/** A mean of CPU time: shares of a core over the last seconds. */
export interface MeanCpu {
  readonly share: number;
  readonly seconds: number;
}

export function memoryDeath(
  { name, memoryBytes }: Pick<HostGroup, 'name' | 'memoryBytes'>,
  { bytes, kind }: CountedMemory,
  /** What showed it, in a sentence, if it was not seen in the numbers alone. */
  what?: string,
): HostDeath {
  const used = `The host "${name}" ${kind} ${mebibytes(bytes)} of memory; its budget is ${formatSize(memoryBytes)}.`;
  return {
    reason: 'memory',
    message: what === undefined ? used : `${used} ${what}`,
    fix: memoryFix(name),
  };
}

/** Of a host that died by itself; what it used was read a second before at most, when it may have been little. */
export function ranOut(
  { name, memoryBytes }: Pick<HostGroup, 'name' | 'memoryBytes'>,
  { bytes, kind }: CountedMemory,
  message: string,
): HostDeath {
  return {
    reason: 'memory',
    message: `The host "${name}" ran out of memory; its budget is ${formatSize(memoryBytes)}, and it had ${kind} ${mebibytes(bytes)} when that was last looked at. ${message}`,
    fix: memoryFix(name),
  };
}

/** Of a collect that was refused memory though the budget is not used up. */
export function tooLarge(
  { name, memoryBytes }: Pick<HostGroup, 'name' | 'memoryBytes'>,
  bytes: number,
  { path, ...error }: ErrorInfo,
): ErrorInfo {
  return {
    ...error,
    ...(path !== undefined && { path }),
    code: 'LIMIT_MEMORY',
    class: 'plugin',
    message: `${error.message} (the host "${name}" uses ${mebibytes(bytes)} of its memory budget of ${formatSize(memoryBytes)})`,
    fix: `Raise ${keyOf(name, 'memory')}, or let the plugin ask for less at one time.`,
  };
}

/** Of a collect that is not started. */
export function spacedOut(name: string, used: MeanCpu, budget: number, waitSeconds: number): ErrorInfo {
  return {
    code: 'LIMIT_CPU',
    class: 'plugin',
    message: `${usedCpu(name, used, budget)} The next collect is started in ${Math.ceil(waitSeconds)} s.`,
    fix: cpuFix(name),
  };
}

export function cpuDeath(name: string, used: MeanCpu, budget: number): HostDeath {
  return {
    reason: 'cpu',
    message: `${usedCpu(name, used, budget)} It went on using the CPU without being given any work.`,
    fix: cpuFix(name),
  };
}

/** Of starting a host again that was ended for its use of the CPU. */
export function notStartedYet({ message, fix }: HostDeath, at: Date): InformerError {
  return new InformerError('plugin', `${message} It is started again after ${at.toISOString()}.`, {
    code: 'LIMIT_CPU',
    ...(fix !== undefined && { fix }),
  });
}

const memoryFix = (name: string): string =>
  `Raise ${keyOf(name, 'memory')}, or find out what the plugin keeps.`;

export const cpuFix = (name: string): string =>
  `Raise ${keyOf(name, 'cpu')}, collect less often, or find out what the plugin does.`;

function usedCpu(name: string, { share, seconds }: MeanCpu, budget: number): string {
  return `The host "${name}" used ${rounded(share)} of a core over the last ${Math.round(seconds)} s; its budget is ${budget}, averaged over 5 minutes.`;
}

/** The key that sets a host's budget; what is left of a host that was divided has the key of the whole. */
function keyOf(name: string, key: 'memory' | 'cpu'): string {
  const [whole] = name.split('/', 1);
  return whole === 'shared' ? `shared_host.${key}` : `"${key}" of the plugin (plugins.NAME.${key})`;
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)}MiB`;

const rounded = (share: number): string => String(Number(share.toPrecision(2)));
