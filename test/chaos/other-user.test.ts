// A host that runs as another user: what it may, what it can't do to the agent, and where its state is.
import { chmod, lstat, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { whyNotStarted } from '../../agent/src/hosts/unreadable.ts';
import { accountFor } from '../support/account.ts';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { FAMILY } from '../support/family-plugin.ts';
import { missingForNobody } from '../support/nobody.ts';
import { childrenOf, commandOf, isRunning, known, niceOf, statusOf } from '../support/proc.ts';
import { INFORMER, informer, type RunningInformer, startInformer } from '../support/program.ts';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temp.ts';
import { waitFor } from '../support/wait.ts';

const NOBODY = 65534;
const missing = missingForNobody();
/** A test that needs another user; where there is none it only says so. */
const asNobody = (name: string, test: () => Promise<void>) =>
  missing === undefined
    ? it(name, { timeout: 120_000 }, test)
    : it(`${name} (not run: needs ${missing})`, () => undefined);

const plugins = { 'family.ts': FAMILY };
const config = (user: string, settings = '') =>
  `${user === '' ? '' : `plugins: {family: {user: ${user}}}\n`}resources:\n  family: {plugin: family, config: {${settings}}}\n`;

/** The folder of a test is its own until others may enter it, as they may where plugins are installed. */
async function startOpen(text: string): Promise<AgentUnderTest> {
  const run = await startAgent({ plugins, config: 'resources: {}\n' });
  await chmod(run.folder, 0o711);
  await run.configure(text);
  expect((await run.agent.reload()).errors).toEqual([]);
  return run;
}

async function startOpenProgram(text: string, env = {}): Promise<RunningInformer> {
  const run = await startInformer({
    config: 'plugin_dirs: [plugins]\nresources: {}\n',
    files: { 'plugins/family.ts': FAMILY },
    env,
  });
  await chmod(run.folder, 0o711);
  await run.configure(`plugin_dirs: [plugins]\n${text}`);
  const hasHost = () =>
    childrenOf(run.process.pid).some((pid) => /child\.js family( |$)/.test(commandOf(pid)));
  await waitFor(hasHost, { what: 'the host' });
  return run;
}

const errorOf = async (run: AgentUnderTest) => {
  await run.scrape();
  return run.status('family').errors[0];
};

asNobody('a host is that user, without a way back, and so is what it starts', async () => {
  await using run = await startOpen(config('nobody', 'children: [plain]'));
  const page = await run.scrape();
  const host = known(page.value('family_host_pid'));
  expect(run.status('family').hostPid).toBe(host);
  for (const pid of [host, ...childrenOf(host)]) {
    expect(statusOf(pid, 'Uid')).toEqual(Array(4).fill(String(NOBODY)));
    expect(statusOf(pid, 'Gid')).toEqual(Array(4).fill(String(NOBODY)));
    expect(statusOf(pid, 'Groups')).toEqual([String(NOBODY)]);
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
      expect(statusOf(pid, set)).toEqual(['0000000000000000']);
    }
    expect(statusOf(pid, 'NoNewPrivs')).toEqual(['1']);
    expect(niceOf(pid)).toBe(10);
  }
  expect(childrenOf(host)).toHaveLength(1);
});

asNobody('a number that no account has is a user too', async () => {
  await using run = await startOpen(config('54321'));
  const host = known((await run.scrape()).value('family_host_pid'));
  expect(statusOf(host, 'Uid')[0]).toBe('54321');
  expect(statusOf(host, 'Gid')[0]).toBe('54321');
  expect(statusOf(host, 'Groups')).toEqual(['']);
});

asNobody('a built-in that is shared has a host of its own then', async () => {
  await using run = await startAgent({
    config: `plugins: {http-probe: {user: nobody}}
resources:\n  web: {plugin: http-probe, config: {targets: ['http://127.0.0.1:1/']}}\n`,
  });
  const page = await run.scrape();
  expect(page.value('informer_resource_info', { resource: 'web', host: 'http-probe' })).toBe(1);
  expect(statusOf(known(run.status('web').hostPid), 'Uid')[0]).toBe(String(NOBODY));
  expect(niceOf(known(run.status('web').hostPid))).toBe(0);
});

asNobody("the agent's environment is not the host's", async () => {
  const env = { PLANTED_CANARY: 'pl4nted', TZ: 'Europe/Vienna' };
  await using run = await startOpenProgram(config('nobody'), env);
  const lines = async () => (await run.scrape()).lines('family_variable').join('\n');
  const seen = await waitFor(lines, { what: 'the first collect' });
  expect(seen).not.toContain('pl4nted');
  expect(seen).toMatch(/name="TZ",.*value="Europe\/Vienna"/);
  expect(seen).toMatch(/name="USER",.*value="nobody"/);
  expect(seen).toMatch(/name="HOME",.*value="\/nonexistent"/);
});

asNobody("it can't read what is root's, nor reach the socket for changes, nor another's state", async () => {
  await using run = await startOpen('resources: {}\n');
  await run.write('secret', 'pl4nted');
  await chmod(join(run.folder, 'secret'), 0o600);
  for (const [mode, file] of [
    ['read', 'secret'],
    ['read', 'state/resources/other.state'],
    ['connect', 'state/agent.sock'],
  ]) {
    await run.configure(config('nobody', `mode: ${mode}, file: ${run.folder}/${file}`));
    await run.agent.reload();
    expect((await errorOf(run))?.message).toMatch(/^(EACCES: permission denied|connect EACCES)/);
  }
});

asNobody('its signals do not reach the agent, and are its own fault', async () => {
  await using run = await startOpenProgram(config('nobody', 'mode: kill'));
  for (const mode of ['kill', 'stop']) {
    await run.configure(`plugin_dirs: [plugins]\n${config('nobody', `mode: ${mode}`)}`);
    const said = async () => {
      await run.scrape();
      const answer = await fetch(`${run.url}/api/v1/resources/family`);
      return (await answer.text()).includes('kill EPERM');
    };
    await waitFor(said, { what: 'the error' });
    const page = await run.scrape();
    expect(page.value('informer_resource_up', { resource: 'family' })).toBe(0);
    expect(statusOf(run.process.pid, 'State')[0]).not.toBe('T');
  }
});

asNobody(
  'it ends with an agent that is killed, also when it does not listen and without the watchdog',
  async () => {
    await using run = await startOpenProgram(
      config('nobody', 'mode: spin').replace('family, ', 'family, timeout: 1h, '),
    );
    void run.scrape().catch(() => undefined);
    const children = () => childrenOf(run.process.pid);
    const isWatchdog = (pid: number) => commandOf(pid).includes('informer-watchdog');
    await waitFor(() => children().some(isWatchdog), { what: 'the watchdog' });
    const watchdog = known(children().find(isWatchdog));
    const hosts = children().filter((pid) => pid !== watchdog);
    expect(hosts).toHaveLength(1);
    process.kill(watchdog, 'SIGSTOP');
    run.process.signal('SIGKILL');
    await run.process.exited;
    await waitFor(() => !hosts.some(isRunning), { what: 'the host to end' });
    process.kill(watchdog, 'SIGCONT');
    await waitFor(() => !isRunning(watchdog), { what: 'the watchdog to end' });
  },
);

asNobody('state survives a restart of the host, and goes with the resource from user to user', async () => {
  await using run = await startOpen(config(''));
  const opens = async () => (await run.scrape()).value('family_opens_total');
  const change = async (text: string) => {
    await run.configure(text);
    await run.agent.reload();
    return opens();
  };
  expect(await opens()).toBe(1);
  expect(await change(config('nobody'))).toBe(2);
  const state = join(run.folder, 'state');
  const folder = await stat(join(state, 'users', String(NOBODY)));
  expect([folder.uid, folder.gid, folder.mode & 0o777]).toEqual([NOBODY, NOBODY, 0o700]);
  expect(await readdir(join(state, 'users', String(NOBODY)))).toEqual(['family.state']);
  process.kill(known(run.status('family').hostPid), 'SIGKILL');
  await run.until('the host to be back', async () => (await opens()) === 3);
  expect(await change(config('54321'))).toBe(4);
  expect(await change(config(''))).toBe(5);
  expect(await change(config('nobody'))).toBe(6);
});

asNobody('a collector that goes on because its replacement failed keeps its state', async () => {
  await using run = await startOpen(config('nobody'));
  const opens = async () => (await run.scrape()).value('family_opens_total');
  expect(await opens()).toBe(1);
  // This one reads 1 and writes 2 before it is refused.
  await run.configure(config('', 'refuses: true'));
  await run.agent.reload();
  expect(run.status('family').state).toBe('failed');
  // The first goes on and writes 1 again.
  expect(await opens()).toBe(1);
  await run.configure(config(''));
  await run.agent.reload();
  expect(await opens()).toBe(2);
});

asNobody("what lies in a user's folder is taken over only if it is a file of that user", async () => {
  await using run = await startOpen(config('nobody'));
  expect((await run.scrape()).value('family_opens_total')).toBe(1);
  const theirs = join(run.folder, 'state', 'users', String(NOBODY), 'family.state');
  await run.write('secret', 'pl4nted');
  for (const plant of [
    () => mkdir(theirs),
    () => symlink(join(run.folder, 'secret'), theirs),
    () => writeFile(theirs, 'pl4nted'),
  ]) {
    await run.configure('resources: {}\n');
    await run.agent.reload();
    await rm(theirs, { recursive: true, force: true });
    await plant();
    await run.configure(config(''));
    await run.agent.reload();
    expect(await errorOf(run)).toMatchObject({
      code: 'CONFIG_STATE_REFUSED',
      message: `The state at ${theirs} is not a file of the user ${NOBODY}, or larger than 64MiB.`,
    });
  }
  await run.configure('resources: {}\n');
  await run.agent.reload();
  await rm(join(run.folder, 'state', 'resources', 'family.state'));
  await run.configure(config('nobody'));
  await run.agent.reload();
  expect((await run.scrape()).value('family_opens_total')).toBe(1);
  expect((await lstat(theirs)).uid).toBe(NOBODY);
});

asNobody("code that the user may not read is named, the plugin's and the agent's", async () => {
  await using run = await startAgent({ plugins, config: config('nobody') });
  expect(await errorOf(run)).toMatchObject({
    code: 'PLUGIN_NOT_READABLE',
    message: `The plugin "family" can't be loaded: the user "nobody" may not read ${run.folder}.`,
    fix: 'Make it readable for that user, or move the plugin to where it is.',
  });
  const closed = join(run.folder, 'closed');
  await mkdir(closed, { mode: 0o700 });
  await chmod(run.folder, 0o711);
  const account = { name: 'nobody', uid: NOBODY, gid: NOBODY, home: '/nonexistent' };
  expect(await whyNotStarted({ name: 'acme', account }, join(closed, 'child.js'))).toMatchObject({
    code: 'PLUGIN_NOT_READABLE',
    message: `The host "acme" can't be started: the user "nobody" may not read ${closed}.`,
  });
  await chmod(closed, 0o711);
  await writeFile(join(closed, 'child.js'), '');
  expect(await whyNotStarted({ name: 'acme', account }, join(closed, 'child.js'))).toBeUndefined();
});

asNobody("a trial run leaves the agent's state alone", async () => {
  await using folder = await temporaryFolder('trial');
  await mkdir(join(folder.path, 'plugins'));
  await mkdir(join(folder.path, 'tmp'));
  await chmod(folder.path, 0o711);
  await writeFile(join(folder.path, 'plugins', 'family.ts'), FAMILY);
  await writeFile(
    join(folder.path, 'informer.yaml'),
    `state_dir: state\nplugin_dirs: [plugins]\n${config('nobody')}`,
  );
  const options = { cwd: folder.path, env: { TMPDIR: join(folder.path, 'tmp') } };
  const collected = await informer(['collect', 'family'], options);
  expect(collected).toMatchObject({ code: 0, stdout: expect.stringContaining('family_opens_total') });
  expect(await informer(['check'], options)).toMatchObject({ code: 0 });
  expect(await readdir(folder.path)).not.toContain('state');
  expect(await readdir(join(folder.path, 'tmp'))).toEqual([]);
});

const NOT_ROOT =
  'only root can run a host as another user, and this is not root; run the agent as root, or remove it';

it.each([
  ['nobdy', 'there is no user "nobdy" on this machine; correct the name, or create the user'],
  ['root', 'this is the user that the agent runs as; name another one, or remove it'],
  ['0', 'this is the user that the agent runs as; name another one, or remove it'],
])('check refuses the user %s', async (user, message) => {
  await using folder = await temporaryFolder('check');
  await writeFile(join(folder.path, 'informer.yaml'), config(user));
  const isRoot = process.geteuid?.() === 0;
  const said = isRoot ? message : NOT_ROOT;
  const { code, stdout } = await informer(['check'], { cwd: folder.path });
  expect([code, stdout]).toEqual([
    1,
    expect.stringContaining(`informer.yaml:1:26: plugins.family.user: ${said}`),
  ]);
});

asNobody('check refuses it where the agent is not root', async () => {
  await using folder = await temporaryFolder('check');
  await chmod(folder.path, 0o755);
  await writeFile(join(folder.path, 'informer.yaml'), config('daemon'));
  const account = await accountFor('nobody');
  const { code, stdout } = await runProgram(process.execPath, [INFORMER, 'check'], {
    cwd: folder.path,
    account,
  });
  expect([code, stdout]).toEqual([1, expect.stringContaining(`plugins.family.user: ${NOT_ROOT}`)]);
});
