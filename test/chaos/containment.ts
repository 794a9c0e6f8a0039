import type { Fault } from './fault.ts';

/** What a fault costs others in the same process: those of all plugins in the shared host, else of its own plugin. */
function costOf({ spoils, sees, seesWithOthers = sees, replaced }: Fault): string {
  if (spoils) return spoils.surely ? 'not contained' : 'not contained until it is found out';
  return seesWithOthers.deaths || seesWithOthers.mayDie || replaced ? 'late once' : 'contained';
}

/** The table of ARCHITECTURE.md, a row for each fault. */
export function containmentTable(faults: readonly Fault[]): string {
  const rows = faults.map((fault) => {
    const cost = costOf(fault);
    const how = fault.spoils ? `; ${fault.spoils.how}` : '';
    return [fault.name, cost, cost, 'contained', `${fault.shown}${how}`];
  });
  const head = ['what a plugin does', '`shared`', '`own`', '`dedicated`', 'what the operator sees'];
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
