// `npm run bench [-- NAME…] [--json | --markdown]`. Results go to stdout, everything else to stderr.
import { parseArgs } from 'node:util';
import { agent } from './agent.ts';
import { exposition } from './exposition.ts';
import { type Bench, note, type Result } from './harness.ts';
import { hosts } from './hosts.ts';
import { hotPath } from './hot-path.ts';
import { memory } from './memory.ts';
import { markdown, table } from './report.ts';
import { scrape } from './scrape.ts';
import { tail } from './tail/bench.ts';

const BENCHES: readonly Bench[] = [exposition, hotPath, memory, scrape, hosts, agent, tail];

const ARGUMENTS = '[NAME…] [--lines N] [--json | --markdown]';

const { values: flags, positionals: names } = readArguments();
const unknown = names.find((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown !== undefined) {
  const known = BENCHES.map(({ name }) => name).join(', ');
  refuse(`There is no bench "${unknown}" in this version; run one of: ${known}.`);
}
const lines = flags.lines === undefined ? undefined : Number(flags.lines);
if (lines !== undefined && !(Number.isSafeInteger(lines) && lines > 0)) {
  refuse(`--lines ${flags.lines} is not a number of lines; the arguments are: ${ARGUMENTS}.`);
}
const all: Result[] = [];
for (const bench of BENCHES) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  const results = await resultsOf(bench);
  if (flags.markdown) process.stdout.write(`### ${bench.name}\n\n${markdown(results)}\n`);
  else if (!flags.json) {
    process.stdout.write(`\n${bench.name} (ratio: how many times better we are)\n${table(results)}`);
  }
  all.push(...results);
}
if (flags.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);

async function resultsOf(bench: Bench): Promise<Result[]> {
  const results: Result[] = [];
  try {
    for await (const result of bench.run({ quick: flags.quick, lines })) {
      note(`${bench.name}: ${result.case}`);
      results.push(result);
    }
  } catch (error) {
    note(`The bench ${bench.name} failed: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
  return results;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        markdown: { type: 'boolean', default: false },
        // Of the log that file-tail and mtail read.
        lines: { type: 'string' },
        // For the test of the benches themselves.
        quick: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse(`${(error as Error).message} The arguments are: ${ARGUMENTS}.`);
  }
}

function refuse(message: string): never {
  note(message);
  process.exit(2);
}
