const PLAIN = /^[\w/][\w./-]*$/;
const LIKE_OTHER_TYPE = /^(?:true|false|null|yes|no|on|off|y|n|\d+-.*)$/i;

function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  const isPlain = PLAIN.test(value) && !LIKE_OTHER_TYPE.test(value) && Number.isNaN(Number(value));
  if (isPlain) return value;
  // In single quotes a backslash is one: that suits patterns.
  return /[\n\r\t]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;

/** Settings as the configuration file would have them; JSON's values only. */
export function toYaml(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return `${indent}${scalar(value)}\n`;
  if (isEmpty(value)) return `${indent}${Array.isArray(value) ? '[]' : '{}'}\n`;
  if (Array.isArray(value)) {
    return value.map((item) => `${indent}- ${toYaml(item, `${indent}  `).slice(indent.length + 2)}`).join('');
  }
  let text = '';
  for (const [key, item] of Object.entries(value)) {
    const isNested = typeof item === 'object' && item !== null && !isEmpty(item);
    text += `${indent}${scalar(key)}:${isNested ? `\n${toYaml(item, `${indent}  `)}` : ` ${toYaml(item)}`}`;
  }
  return text;
}
