import type { Result } from './harness.ts';

/** A table of one bench's results. A peer's cell holds its value and how many times better we are. */
export function table(results: readonly Result[]): string {
  const peers = [...new Set(results.flatMap((result) => Object.keys(result.peers)))];
  const rows = [['case', 'unit', 'ours', ...peers.flatMap((name) => [name, 'ratio'])]];
  for (const result of results) {
    const cells = peers.flatMap((name) => peerCells(result, name));
    rows.push([result.case, result.unit, format(result.ours), ...cells]);
  }
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
  return [format(value), `${(better === 'lower' ? value / ours : ours / value).toFixed(2)}x`];
}

const format = (value: number): string => String(Number(value.toPrecision(3)));
