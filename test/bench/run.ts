// `npm run bench [-- NAME…] [--json]`. Results go to stdout, everything else to stderr.
import { parseArgs } from 'node:util';
import { exposition } from './exposition.ts';
import { type Bench, note, type Result } from './harness.ts';
import { table } from './report.ts';

const BENCHES: readonly Bench[] = [exposition];

const { values: flags, positionals: names } = readArguments();
const unknown = names.find((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown !== undefined) {
  const known = BENCHES.map(({ name }) => name).join(', ');
  refuse(`There is no bench "${unknown}" in this version; run one of: ${known}.`);
}
const all: Result[] = [];
for (const bench of BENCHES) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  const results: Result[] = [];
  for await (const result of bench.run({ quick: flags.quick })) {
    note(`${bench.name}: ${result.case} is done.`);
    results.push(result);
  }
  if (!flags.json)
    process.stdout.write(`\n${bench.name} (ratio: how many times better we are)\n${table(results)}\n`);
  all.push(...results);
}
if (flags.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        // For the test of the benches themselves.
        quick: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse(`${(error as Error).message} The arguments are: [NAME…] [--json].`);
  }
}

function refuse(message: string): never {
  note(message);
  process.exit(2);
}
