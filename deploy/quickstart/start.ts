// What `npm start` runs: the quickstart's parts and the agent that watches them; with `--config FILE`, the
// agent alone.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startParts } from './parts.ts';
import { say } from './say.ts';

const AGENT = fileURLToPath(new URL('../../../agent/bin/informer.mjs', import.meta.url));
const CONFIG = fileURLToPath(new URL('../informer.yaml', import.meta.url));
const PARENT_LOOK_MS = 500;

const args = process.argv.slice(2);
watchParent();
if (args.some((arg) => /^(-c|--config)(=|$)/.test(arg))) {
  process.argv.splice(1, process.argv.length, AGENT, 'run', '--print-url', ...args);
  await import(pathToFileURL(AGENT).href);
} else {
  process.exitCode = await quickstart();
}

async function quickstart(): Promise<number> {
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
  await using parts = await startParts();
  const { token, state } = parts.folder;
  say(`what changes something on the page asks for this token: ${token}`);
  say(`from a shell: ./node_modules/.bin/informer status --url unix:${state}/agent.sock`);
  const agent = parts.children.start(
    process.execPath,
    ['--max-semi-space-size=1', AGENT, 'run', '--config', CONFIG, '--print-url', ...args],
    { env: { ...process.env, ...parts.env }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const stop = () => void agent.stop('SIGTERM');
  ending.signal.addEventListener('abort', stop);
  if (ending.signal.aborted) stop();
  // From a terminal that closes it means the end; from anybody else, that the agent looks at its files again.
  process.on('SIGHUP', () => (process.stdin.isTTY ? stop() : agent.process.kill('SIGHUP')));
  const code = await agent.ended;
  if (code !== 0 && !ending.signal.aborted)
    say(`the agent ended with exit code ${code}; its own lines above say why`);
  return code;
}

/** The bootstrap names itself; when it was killed it could not say so, and we would run on without it. */
function watchParent(): void {
  const parent = Number(process.env.INFORMER_BOOTSTRAP_PID);
  delete process.env.INFORMER_BOOTSTRAP_PID;
  if (parent !== process.ppid) return;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, PARENT_LOOK_MS).unref();
}
