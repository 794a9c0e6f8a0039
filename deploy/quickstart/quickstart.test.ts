import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { processesIn } from '../../test/support/left-behind.ts';
import { temporaryFolder } from '../../test/support/temp.ts';
import { waitFor } from '../../test/support/wait.ts';
import { AccessLog } from './access-log.ts';
import { reachableBy } from './account.ts';

const PARTS = new URL('./dist/parts.js', import.meta.url).href;
/** The parts without the agent, in a process that can be killed. */
const SCRIPT = `
  const { startParts } = await import(${JSON.stringify(PARTS)});
  const parts = await startParts();
  process.on('SIGTERM', async () => { await parts[Symbol.asyncDispose](); process.exit(0); });
  console.log(JSON.stringify(parts.env));
`;

describe('the parts', () => {
  it('take a job, write it down, and drain it, each with the others', async () => {
    const { env } = await launch();
    const service = env.QUICKSTART_SERVICE_URL ?? '';
    await databaseUp(service);
    const content = 'A job of the test.\n'.repeat(1000);
    const accepted = await fetch(`${service}/jobs`, {
      method: 'POST',
      body: content,
      headers: { 'content-type': 'text/x-test', 'user-agent': 'the test' },
    });
    expect(accepted.status).toBe(201);
    const { id } = (await accepted.json()) as { id: string };
    const read = async () => (await (await fetch(`${service}/jobs/${id}`)).json()) as Record<string, unknown>;
    const finished = await waitFor(
      async () => {
        const job = await read();
        return job.state === 'done' && job;
      },
      { what: 'the worker to finish the job' },
    );
    expect(finished).toMatchObject({
      kind: 'text/x-test',
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      gzip_bytes: gzipSync(content).length,
    });
    await waitFor(async () => !(await readdir(env.QUICKSTART_SPOOL ?? '')).includes(`${id}.job`), {
      what: 'the file to leave the spool folder',
    });
    const log = () => readFile(env.QUICKSTART_ACCESS_LOG ?? '', 'utf8');
    await waitFor(
      async () => /"POST \/jobs HTTP\/1\.1" 201 \d+ "-" "the test" \d\.\d{3}\n/.test(await log()),
      {
        what: 'the line in the access log',
      },
    );
    expect((await fetch(`${service}/jobs/987654321`)).status).toBe(404);
    await waitFor(async () => (await log()).includes('"quickstart-client/1.0"'), { what: 'the traffic' });
  });

  it('leave no process and no folder when they are ended', async () => {
    const { child, env } = await launch();
    await databaseUp(env.QUICKSTART_SERVICE_URL ?? '');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(leftOf(env.QUICKSTART_FOLDER ?? '')).toEqual([]);
  });

  it('leave no process and no folder when what started them is killed', async () => {
    const { child, env } = await launch();
    await databaseUp(env.QUICKSTART_SERVICE_URL ?? '');
    child.kill('SIGKILL');
    await waitFor(() => leftOf(env.QUICKSTART_FOLDER ?? '').length === 0, { what: 'everything to end' });
  });

  it('leave nothing when that happens while PostgreSQL is set up', async () => {
    const { child, env } = await launch();
    child.kill('SIGKILL');
    await waitFor(() => leftOf(env.QUICKSTART_FOLDER ?? '').length === 0, { what: 'everything to end' });
  });
});

describe('the access log', () => {
  it('is rotated by renaming, and no line is lost or torn', async () => {
    await using folder = await temporaryFolder('log');
    const path = join(folder.path, 'access.log');
    const log = new AccessLog(path, 1000);
    const server = createServer((request, response) => {
      log.watch(request, response);
      response.end();
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    for (let i = 0; i < 12; i++) await (await fetch(`http://127.0.0.1:${port}/a"b?turn=${i}`)).text();
    await waitFor(async () => (await readFile(path, 'utf8')).includes('turn=11'), { what: 'the last line' });
    await log.flushed();
    const lines = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
    const turns = [
      ...lines.matchAll(/^127\.0\.0\.1 - - \[.*\] "GET \/a%22b\?turn=(\d+) HTTP\/1\.1" 200 .*\n/gm),
    ];
    expect(turns.map(([, turn]) => Number(turn))).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });
});

describe('programs for another account', () => {
  it('are used where they are if everybody can reach them, else copied without static libraries', async () => {
    await using folder = await temporaryFolder('account');
    const native = join(folder.path, 'native');
    await mkdir(join(native, 'bin'), { recursive: true, mode: 0o755 });
    await writeFile(join(native, 'bin', 'postgres'), 'program');
    await writeFile(join(native, 'libpq.a'), 'static');
    const account = { uid: 65534, gid: 65534 };
    const copy = join(folder.path, 'copy');
    await chmod(folder.path, 0o755);
    expect(await reachableBy(account, native, copy)).toBe(native);
    await chmod(folder.path, 0o700);
    expect(await reachableBy(undefined, native, copy)).toBe(native);
    expect(await reachableBy(account, native, copy)).toBe(copy);
    expect(await readFile(join(copy, 'bin', 'postgres'), 'utf8')).toBe('program');
    expect(await readdir(copy)).toEqual(['bin']);
  });
});

async function launch() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, env: JSON.parse(line) as Record<string, string | undefined> };
}

const databaseUp = (service: string) =>
  waitFor(async () => (await fetch(`${service}/health`)).ok, { what: 'PostgreSQL to answer the service' });

/** Processes that work in the folder or name it, and the folder itself. */
function leftOf(folder: string): (number | string)[] {
  const naming = readdirSync('/proc').filter((id) => /^\d+$/.test(id) && commandLine(id).includes(folder));
  return [
    ...new Set([...processesIn(folder), ...naming.map(Number)]),
    ...(existsSync(folder) ? [folder] : []),
  ];
}

function commandLine(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}
