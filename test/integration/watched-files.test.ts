// What happens when files change that configurations of plugins name, while the agent runs.
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type AgentUnderTest, startAgent } from '../support/agent.ts';
import { known } from '../support/proc.ts';
import { askOverSocket } from '../support/socket-client.ts';

/** Exposes the sum of the numbers in files, and a count of its collects that it keeps as state. */
const TALLY = `
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { counter, definePlugin, gauge, Type } from '@dynamic-informer/sdk';
const sum = gauge('tally_sum', 'Of the numbers in the files.');
const collects = counter('tally_collects_total', 'Collects in all its collectors.');
const linesOf = (config, directory) =>
  globSync(config.files, { cwd: directory }).sort().flatMap((file) =>
    readFileSync(join(directory, file), 'utf8').trim().split('\\n').map((text, index) => ({ place: file + ':' + (index + 1), text })));
export default definePlugin({
  name: 'tally',
  config: Type.Object({
    files: Type.Array(Type.String({ watchedFiles: true }), { default: [] }),
  }),
  validate: (config, { directory }) =>
    linesOf(config, directory)
      .filter(({ text }) => Number.isNaN(Number(text)))
      .map(({ place, text }) => ({ path: ['files'], message: place + ': "' + text + '" is no number', fix: 'write one' })),
  async open(config, { directory, state }) {
    const total = linesOf(config, directory).reduce((all, { text }) => all + Number(text), 0);
    let count = Number(new TextDecoder().decode((await state.read(1)) ?? new Uint8Array()));
    return {
      describe: () => [sum, collects],
      collect: () => [sum.sample(total), collects.sample(++count)],
      pause: () => state.write(1, new TextEncoder().encode(String(count))),
      resume() {},
    };
  },
});
`;

const CONFIG = `
plugins: {tally: {nice: 0}}
resources:
  one: {plugin: tally, config: {files: [numbers/one.txt]}}
  some: {plugin: tally, config: {files: ['numbers/*.txt']}}
  none: {plugin: tally}
`;

async function start(options: { watch?: boolean } = {}) {
  const run = await startAgent({
    ...options,
    plugins: { 'tally.ts': TALLY },
    config: CONFIG,
    files: { 'numbers/one.txt': '1\n', 'numbers/two.txt': '2\n' },
  });
  return {
    run,
    sums: (one: number, some: number) =>
      run.until(
        `the sums to be ${one} and ${some}`,
        async () => {
          const page = await run.scrape();
          const sum = (resource: string) => page.value('tally_sum', { resource });
          return sum('one') === one && sum('some') === some;
        },
        60_000,
      ),
    async collects() {
      const page = await run.scrape();
      const count = (resource: string) => known(page.value('tally_collects_total', { resource }));
      return [count('one'), count('some'), count('none')];
    },
    applied: () =>
      run.logs
        .filter(({ message }) => message === 'configuration applied')
        .map(({ fields }) => fields.replaced),
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}

const plan = async (run: AgentUnderTest) =>
  (await askOverSocket(join(run.folder, 'state/agent.sock'), 'POST', '/api/v1/plan?series=false')).body as {
    changes: { kind: string; resource: string; reasons: { path: string }[] }[];
    errors?: string[];
  };

it('a change of what is in them replaces exactly the resources that name them, with their state', {
  timeout: 120_000,
}, async () => {
  await using tally = await start();
  const { run } = tally;
  await tally.sums(1, 3);
  const before = await tally.collects();
  await run.write('numbers/two.txt', '20\n');
  await tally.sums(1, 21);
  await run.write('numbers/one.txt', '10\n');
  await tally.sums(10, 30);
  await run.write('numbers/three.txt', '3\n');
  await tally.sums(10, 33);
  await rm(join(run.folder, 'numbers', 'two.txt'));
  await tally.sums(10, 13);
  // Beside them, and under another name.
  await run.write('numbers/notes.md', 'not a number\n');
  expect((await run.agent.reload()).replaced).toEqual([]);
  expect(tally.applied()).toEqual([0, 1, 2, 1, 1, 0]);
  const after = await tally.collects();
  expect(after.every((count, index) => count > (before[index] as number))).toBe(true);
});

it('an error in one leaves what runs in place, with its file and line, and a plan says the same', {
  timeout: 120_000,
}, async () => {
  await using tally = await start();
  const { run } = tally;
  await tally.sums(1, 3);
  await run.write('numbers/two.txt', '2\ntoo\n');
  const wrong =
    /^.*informer\.yaml:8:\d+: resources\.some\.config\.files: numbers\/two\.txt:2: "too" is no number; write one$/;
  await run.until(
    'the error to be told',
    () => run.agent.status().lastReload?.result.successful === false,
    60_000,
  );
  expect(run.agent.status().lastReload?.result.errors).toEqual([expect.stringMatching(wrong)]);
  const { errors } = await plan(run);
  expect(errors).toEqual([expect.stringMatching(wrong)]);
  await tally.sums(1, 3);
  await run.write('numbers/two.txt', '2\n5\n');
  await tally.sums(1, 8);
});

it('a plan says which resources it would replace, and because of which files; a look does that', {
  timeout: 120_000,
}, async () => {
  await using tally = await start({ watch: false });
  const { run } = tally;
  await tally.sums(1, 3);
  expect((await plan(run)).changes).toEqual([]);
  await run.write('numbers/one.txt', '10\n');
  await run.write('numbers/three.txt', '3\n');
  const { changes } = await plan(run);
  const because = changes.map(({ kind, resource, reasons }) => [
    kind,
    resource,
    reasons.map(({ path }) => path),
  ]);
  expect(because).toEqual([
    ['replace', 'one', ['file["numbers/one.txt"]']],
    ['replace', 'some', ['file["numbers/one.txt"]', 'file["numbers/three.txt"]']],
  ]);
  expect((await run.agent.reload()).replaced).toEqual(['one', 'some']);
  await tally.sums(10, 15);
  expect((await run.agent.reload()).replaced).toEqual([]);
});

it("file-tail's pattern_files: other patterns count on, with the counters that are there", {
  timeout: 120_000,
}, async () => {
  const pattern = (match: string, name: string) =>
    `- {match: '${match}', metrics: [{name: ${name}, type: counter}]}\n`;
  await using run = await startAgent({
    config: `resources: {log: {plugin: file-tail, config: {files: [app.log], pattern_files: ['patterns/*.yaml']}}}\n`,
    files: { 'app.log': 'a\nb\na\n', 'patterns/a.yaml': pattern('a', 'a_total') },
  });
  const totals = (...wanted: (number | undefined)[]) =>
    run.until(
      `the totals to be ${wanted.join()}`,
      async () => {
        const page = await run.scrape();
        return ['a_total', 'b_total'].every((name, index) => page.value(name) === wanted[index]);
      },
      60_000,
    );
  await totals(2, undefined);
  await run.write('patterns/b.yaml', pattern('b', 'b_total'));
  await totals(2, 0);
  await appendFile(join(run.folder, 'app.log'), 'a\nb\n');
  await totals(3, 1);
  await run.write('patterns/b.yaml', pattern('(b', 'b_total'));
  const wrong = /patterns\/b\.yaml:1:\d+: .*not a regular expression/;
  await run.until(
    'the error to be told',
    () => wrong.test(run.agent.status().lastReload?.result.errors[0] ?? ''),
    60_000,
  );
  await appendFile(join(run.folder, 'app.log'), 'a\nb\n');
  await totals(4, 2);
});
