import { metricRows } from '@dynamic-informer/sdk/docs';
import { FORMATS, type Format, type FormatName } from '../formats/format.ts';
import { compileConfig } from '../patterns/configured.ts';

/** What there is to know of each format: a line, its fields, its ready metrics. */
export async function formatsMarkdown(): Promise<string> {
  return (await Promise.all(FORMATS.map(section))).join('\n\n');
}

async function section(format: Format & { readonly name: FormatName }): Promise<string> {
  const { name, description, example, fields } = format;
  const { compilation } = await compileConfig(
    { format: name, ready_metrics: true, patterns: [], pattern_files: [], else: [], timezone: 'UTC' },
    '/',
    Date.now,
  );
  const rows = metricRows([...compilation.metrics.values()].map(({ descriptor }) => descriptor)).map(
    (row) => [
      `\`${row.name}\``,
      row.type,
      row.labels
        .flat()
        .map((label) => `\`${label}\``)
        .join(', '),
      row.help,
    ],
  );
  return [
    `### \`${name}\``,
    description,
    `\`\`\`\n${example}\n\`\`\``,
    ...(fields
      ? [
          table(
            ['field', 'description'],
            fields.map((field) => [`\`${field.name}\``, field.description]),
          ),
        ]
      : []),
    table(['metric', 'type', 'labels', 'description'], rows),
  ].join('\n\n');
}

/** A table as formatters of Markdown lay it out, so that they leave it as it is. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
