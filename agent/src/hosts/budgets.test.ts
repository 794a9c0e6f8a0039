import { makeLogger } from '@dynamic-informer/sdk';
import { expect, it } from 'vitest';
import { HostBudgets } from './budgets.ts';
import { inProcessHost } from './in-process-host.ts';

it('where nothing tells what processes use, hosts run as they are, and that is said once', async () => {
  const logs: string[] = [];
  const budgets = new HostBudgets(
    makeLogger((level, message) => logs.push(`${level} ${message}`)),
    '/nonexistent',
  );
  const host = Object.assign(
    inProcessHost('own', () => undefined),
    { pid: process.pid },
  );
  const start = budgets.watching(async () => host);
  const group = { key: 'own', name: 'own', memoryBytes: 1, cpu: 0.01, nice: 0 };
  expect(await start(group, () => undefined)).toBe(host);
  expect(await start(group, () => undefined)).toBe(host);
  expect(logs).toEqual(['warn memory and CPU budgets of hosts are not enforced']);
  expect(budgets.usageOf('own')).toBeUndefined();
});
