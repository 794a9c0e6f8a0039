import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blocksOf } from '../support/markdown.ts';
import { INFORMER, informer } from '../support/program.ts';
import { runProgram } from '../support/run-program.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temp.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = await readFile(join(root, 'plugins', 'file-tail', 'README.md'), 'utf8');
const blocks = blocksOf(readme.slice(readme.indexOf('\n## Writing patterns\n')));

let folder: TemporaryFolder;
/** A day of a small site, with what gets into every access log. */
const ACCESS_LOG = Array.from({ length: 1250 }, (_, n) => {
  const client = `203.0.113.${n % 200} - - [10/Oct/2026:13:55:36 +0000]`;
  if (n % 25 === 1) return `${client} "\\x16\\x03\\x01" 400 150 "-" "-"\n`;
  if (n % 50 === 2) return `${client} "-" 408 0 "-" "-"\n`;
  if (n % 10 === 3) return `${client} "GET /cart/${n} HTTP/1.1" 304 - "-" "curl/8.9"\n`;
  return `${client} "${n % 5 ? 'GET' : 'POST'} /cart/${n} HTTP/1.1" ${n % 100 ? 200 : 502} ${n} "-" "curl/8.9"\n`;
}).join('');

beforeAll(async () => {
  folder = await temporaryFolder('replay');
  await writeFile(join(folder.path, 'access.log'), ACCESS_LOG);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Times and rates are those of the machine, and the plugin's own series beside the shown ones are its own. */
const timeless = (lines: string): string =>
  lines
    .replace(/[\d.,]+ (s|ms|lines\/s|series)\b/g, '… $1')
    .replace(/^( {2}patterns\[\d\].*?%) .*?%( {2}slowest)?/gm, '$1 … %');

const COUNTS = 'metrics: [{name: lines_total, type: counter}]';
const set = (pattern: string) => [
  '--plugin',
  'file-tail',
  '--set',
  `patterns=[{match: '${pattern}', ${COUNTS}}]`,
];
const run = (args: readonly string[], input?: string | Buffer) =>
  informer(['collect', ...args], {
    cwd: folder.path,
    ...(input !== undefined && { input: input as string }),
  });

it("the README's session prints what is shown", async () => {
  const session = blocks.find(({ language, output }) => language === 'sh' && output);
  const PATH = [dirname(process.execPath), join(root, 'node_modules', '.bin'), process.env.PATH].join(
    delimiter,
  );
  const printed = await runProgram('sh', ['-c', session?.text ?? ''], { cwd: folder.path, env: { PATH } });
  expect(timeless(`${printed.stdout}${printed.stderr}`)).toBe(timeless(session?.output ?? ''));
  expect(printed.code).toBe(0);
});

it('takes stdin and gzip, and gives everything as JSON', async () => {
  await writeFile(join(folder.path, 'access.log.gz'), gzipSync(ACCESS_LOG));
  const args = [...set('" 200 '), '--format', 'json'];
  const [piped, zipped] = await Promise.all([
    run([...args, '--replay', '-'], ACCESS_LOG),
    run([...args, '--replay', 'access.log.gz']),
  ]);
  const { families, replay } = JSON.parse(piped.stdout);
  expect(replay).toMatchObject({
    complete: true,
    input: 'stdin',
    lines: 1250,
    bytes: ACCESS_LOG.length,
    patterns: [{ name: 'patterns[0]', match: '" 200 ' }],
  });
  expect(replay.patterns[0].matched + replay.unmatched.records).toBe(1250);
  expect(families).toContainEqual(
    expect.objectContaining({ lines: [`lines_total{resource="file-tail"} ${replay.patterns[0].matched}`] }),
  );
  expect(piped.stderr).toMatch(/^outcome ok, \d+ series, .* ms\n$/);
  const unzipped = JSON.parse(zipped.stdout).replay;
  expect(unzipped).toMatchObject({ input: 'access.log.gz', unmatched: replay.unmatched });
});

it('says where in the configuration a pattern is wrong, also where another resource is, and no file is named', async () => {
  await writeFile(
    join(folder.path, 'informer.yaml'),
    `resources:
  web:
    plugin: file-tail
    config:
      patterns:
        - match: 'status=('
          ${COUNTS}
  other: {plugin: file-tail, config: {files: 7}}
  good: {plugin: file-tail, labels: {team: x}, config: {files: [/no/such/file], patterns: [{match: cart, ${COUNTS}}]}}
`,
  );
  const [wrong, good] = await Promise.all([
    run(['web', '--replay', 'access.log']),
    run(['good', '--replay', 'access.log']),
  ]);
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr.replace(`${folder.path}/`, '')).toMatch(
    /^informer\.yaml:6:18: resources\.web\.config\.patterns\[0\]\.match: not a regular expression: .*Unterminated group; /,
  );
  expect(good.stdout).toContain('lines_total{resource="good",team="x"} ');
});

it('refuses what it can not replay, and names what can', async () => {
  const [missing, directory, plugin] = await Promise.all([
    run([...set('x'), '--replay', 'missing.log']),
    run([...set('x'), '--replay', folder.path]),
    run(['--plugin', 'http-probe', '--replay', 'access.log']),
  ]);
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toContain("missing.log can't be replayed: there is no such file.");
  expect(directory.stderr).toContain(`${folder.path} can't be replayed: it is a folder.`);
  expect(plugin).toMatchObject({ code: 1, stdout: '' });
  expect(plugin.stderr).toMatch(/The plugin "http-probe" can't replay a file\. .* these can: file-tail\.\n$/);
});

it('an archive that is cut off: what came before counts, and it ends with 2', async () => {
  await writeFile(join(folder.path, 'cut.gz'), gzipSync(ACCESS_LOG).subarray(0, 2000));
  const { code, stdout, stderr } = await run([...set('cart'), '--replay', 'cut.gz']);
  expect(code).toBe(2);
  expect(stdout).toMatch(/^lines_total\{resource="file-tail"\} \d+$/m);
  expect(stderr).toContain('cut.gz could not be read to its end');
});

it('Ctrl-C ends it with what there is', async () => {
  const args = [INFORMER, 'collect', ...set('cart'), '--replay', '-', '--format', 'json'];
  const child = spawn(process.execPath, args, { cwd: folder.path, stdio: 'pipe' });
  const [stdout, stderr, exited] = [text(child.stdout), text(child.stderr), once(child, 'exit')];
  // More than fits in between: when all of it is written, most of it has been read.
  await new Promise((resolve) => child.stdin.write(ACCESS_LOG.repeat(100), resolve));
  child.kill('SIGINT');
  expect(await exited).toEqual([0, null]);
  expect(await stderr).toMatch(/^outcome ok, /m);
  const { replay } = JSON.parse(await stdout);
  expect(replay.complete).toBe(false);
  expect(replay.lines).toBeGreaterThan(1250);
});
