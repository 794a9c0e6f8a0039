import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { isRunning } from '../../../test/support/proc.ts';
import { waitFor } from '../../../test/support/wait.ts';

/** Above the highest process id that Linux gives. */
const NOBODYS_GROUP = 5_000_000;

it('ends the groups on its list and no other, however many there are', async () => {
  const script = `
    import { spawn } from 'node:child_process';
    import { Watchdog } from ${JSON.stringify(new URL('watchdog.ts', import.meta.url).href)};
    import { childrenOf } from ${JSON.stringify(new URL('../../../test/support/proc.ts', import.meta.url).href)};
    import { waitFor } from ${JSON.stringify(new URL('../../../test/support/wait.ts', import.meta.url).href)};
    const watchdog = new Watchdog({ warn: () => undefined });
    for (let group = ${NOBODYS_GROUP}; group < ${NOBODYS_GROUP + 2_000}; group++) watchdog.add(group);
    // The next one gets the whole list at once.
    const [first] = childrenOf(process.pid);
    process.kill(first, 'SIGKILL');
    await waitFor(() => childrenOf(process.pid).some((pid) => pid !== first), { what: 'another watchdog' });
    const sleepers = Array.from({ length: 40 }, () => {
      const { pid } = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
      watchdog.add(pid);
      return pid;
    });
    for (let index = 1; index < 40; index += 2) watchdog.remove(sleepers[index]);
    console.log(sleepers.join(' '));
    setInterval(() => {}, 1000);
  `;
  const agent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(agent.stdout), 'line');
  const sleepers = String(line).split(' ').map(Number);
  const listed = sleepers.filter((_pid, index) => index % 2 === 0);
  const others = sleepers.filter((_pid, index) => index % 2 === 1);
  try {
    expect(sleepers.filter(isRunning)).toHaveLength(40);
    agent.kill('SIGKILL');
    await waitFor(() => !listed.some(isRunning), { what: 'the groups on the list to end' });
    expect(others.filter(isRunning)).toHaveLength(20);
  } finally {
    agent.kill('SIGKILL');
    for (const pid of others) process.kill(pid, 'SIGKILL');
  }
});

it('does not keep its process running', async () => {
  const script = `
    import { Watchdog } from ${JSON.stringify(new URL('watchdog.ts', import.meta.url).href)};
    new Watchdog({}).add(${NOBODYS_GROUP});
  `;
  const agent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  expect(await once(agent, 'exit')).toEqual([0, null]);
});
