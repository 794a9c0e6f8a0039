import type { Result } from './harness.ts';

/** Tables of one bench's results: one for each set of peers. A peer's cell holds its value and how many times better we are. */
export function table(results: readonly Result[]): string {
  return blocksOf(results).map(aligned).join('\n');
}

/** The same in Markdown. */
export function markdown(results: readonly Result[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |\n`;
  return blocksOf(results)
    .map((block) => {
      const [head = [], ...rows] = rowsOf(block);
      const rule = head.map((_, column) => (column < 2 ? '---' : '---:'));
      return [head, rule, ...rows].map(line).join('');
    })
    .join('\n');
}

/** Results that follow each other, as long as those with fewer peers have none that the others have not. */
function blocksOf(results: readonly Result[]): Result[][] {
  const blocks: { readonly results: Result[]; peers: Set<string> }[] = [];
  for (const result of results) {
    const peers = new Set(Object.keys(result.peers));
    const last = blocks.at(-1);
    const all = new Set([...peers, ...(last?.peers ?? [])]);
    if (last && (all.size === peers.size || all.size === last.peers.size)) {
      last.results.push(result);
      last.peers = all;
    } else {
      blocks.push({ results: [result], peers });
    }
  }
  return blocks.map((block) => block.results);
}

function rowsOf(results: readonly Result[]): string[][] {
  const peers = [...new Set(results.flatMap((result) => Object.keys(result.peers)))];
  const goals = results.some(({ goal }) => goal) ? ['goal'] : [];
  const rows = [['case', 'unit', 'ours', ...peers.flatMap((name) => [name, 'ratio']), ...goals]];
  for (const result of results) {
    const cells = peers.flatMap((name) => peerCells(result, name));
    rows.push([
      result.case,
      result.unit,
      format(result.ours),
      ...cells,
      ...goals.map(() => goalCell(result)),
    ]);
  }
  return rows;
}

function aligned(results: readonly Result[]): string {
  const rows = rowsOf(results);
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  // Words to the left, numbers to the right.
  const line = (row: string[]) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

function peerCells({ ours, peers, better }: Result, name: string): [value: string, ratio: string] {
  const value = peers[name];
  if (value === undefined) return ['-', '-'];
  const ratio = better === 'lower' ? value / ours : ours / value;
  // Of nothing there is no multiple.
  return [format(value), Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : '-'];
}

/** A ratio to a peer, or a value of ours. */
function goalCell({ goal, better }: Result): string {
  if (goal === undefined) return '-';
  if ('value' in goal) return `${better === 'lower' ? '≤' : '≥'} ${format(goal.value)}`;
  return `≥ ${goal.times.toFixed(2)}x ${goal.than}`;
}

const format = (value: number): string => String(Number(value.toPrecision(3)));
