import { configError } from '../errors.ts';

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Escapes that mean the same in RE2 and in a JavaScript expression with the flag `u`. */
const SAME_ESCAPES = 'dDsSwWbBfnrtvxpP^$\\.*+?()[]{}|/';

/**
 * Compiles a regular expression in RE2's syntax (github.com/google/re2/wiki/Syntax), as Prometheus'
 * configuration uses it, anchored at both ends, with `.` matching newlines as Prometheus has it.
 */
export function compileAnchored(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${translate(pattern)})$`, 'su');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw configError(`the regular expression "${pattern}" can't be used: ${reason}`, {
      code: 'CONFIG_BAD_REGEX',
      fix: 'write it in RE2 syntax, as Prometheus reads it',
    });
  }
}

function translate(pattern: string): string {
  let output = '';
  let position = 0;
  /** For each open group, how many groups an inline flag such as `(?i)` opened inside it. */
  const opened = [0];

  const group = () => {
    const flags = /^\(\?([imsU-]+)\)/.exec(pattern.slice(position));
    if (flags) {
      output += `(?${knownFlags(flags[1] as string)}:`;
      opened[opened.length - 1] = (opened.at(-1) ?? 0) + 1;
      position += flags[0].length;
      return;
    }
    const flagged = /^\(\?([imsU-]+):/.exec(pattern.slice(position));
    const named = /^\(\?P?<(?![=!])/.exec(pattern.slice(position));
    opened.push(0);
    if (flagged) output += `(?${knownFlags(flagged[1] as string)}:`;
    else if (named) output += '(?<';
    else if (pattern.startsWith('(?:', position)) output += '(?:';
    else if (pattern.startsWith('(?', position)) throw new Error('RE2 has no look-around');
    else output += '(';
    position += flagged?.[0].length ?? named?.[0].length ?? (pattern.startsWith('(?:', position) ? 3 : 1);
  };

  while (position < pattern.length) {
    const character = pattern[position] as string;
    if (character === '\\') {
      const [text, length] = translateEscape(pattern, position);
      output += text;
      position += length;
    } else if (character === '[') {
      const [text, length] = translateClass(pattern, position);
      output += text;
      position += length;
    } else if (character === '(') {
      group();
    } else if (character === ')') {
      output += ')'.repeat((opened.pop() ?? 0) + 1);
      if (opened.length === 0) throw new Error('unmatched ")"');
      position++;
    } else if ((character === '{' && !/^\{\d+(,\d*)?\}/.test(pattern.slice(position))) || character === ']') {
      output += `\\${character}`;
      position++;
    } else if (character === '{') {
      const end = pattern.indexOf('}', position) + 1;
      output += pattern.slice(position, end);
      position = end;
    } else if (character === '}') {
      output += '\\}';
      position++;
    } else {
      output += character;
      position++;
    }
  }
  return output + ')'.repeat(opened.pop() ?? 0);
}

function knownFlags(flags: string): string {
  if (flags.includes('U')) throw new Error('the flag U is not supported');
  return flags;
}

/** The translation of the escape at `position`, and how many characters it takes. */
function translateEscape(pattern: string, position: number): [string, number] {
  const next = pattern[position + 1];
  if (next === undefined) throw new Error('it ends in a backslash');
  if (next === 'A') return ['(?-m:^)', 2];
  if (next === 'z') return ['(?-m:$)', 2];
  if (next === 'a') return ['\\x07', 2];
  if (next === 'Q') {
    const end = pattern.indexOf('\\E', position + 2);
    const quoted = pattern.slice(position + 2, end < 0 ? pattern.length : end);
    const escaped = quoted.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');
    return [escaped, quoted.length + (end < 0 ? 2 : 4)];
  }
  const hex = /^\\x\{([0-9A-Fa-f]+)\}/.exec(pattern.slice(position));
  if (hex) return [`\\u{${hex[1]}}`, hex[0].length];
  const shortProperty = /^\\([pP])([A-Z])/.exec(pattern.slice(position));
  if (shortProperty) return [`\\${shortProperty[1]}{${shortProperty[2]}}`, 3];
  const script = /^\\([pP])\{(\^?)([A-Za-z_]+)\}/.exec(pattern.slice(position));
  if (script) {
    const [whole, letter, negated, name] = script as unknown as [string, string, string, string];
    const kind = negated ? (letter === 'p' ? 'P' : 'p') : letter;
    return [`\\${kind}{${name.length > 2 ? `Script=${name}` : name}}`, whole.length];
  }
  if (/[0-9]/.test(next)) throw new Error('RE2 has no back-references');
  if (SAME_ESCAPES.includes(next)) return [`\\${next}`, 2];
  if (/[A-Za-z]/.test(next)) throw new Error(`RE2 has no escape "\\${next}"`);
  return [next, 2];
}

function translateClass(pattern: string, start: number): [string, number] {
  let position = start + 1;
  let output = '[';
  if (pattern[position] === '^') {
    output += '^';
    position++;
  }
  let first = true;
  for (;;) {
    const character = pattern[position];
    if (character === undefined) throw new Error('missing "]"');
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(pattern.slice(position));
    if (character === ']' && !first) return [`${output}]`, position + 1 - start];
    if (posix) {
      const members = POSIX_CLASSES[posix[2] as string];
      if (members === undefined || posix[1]) throw new Error(`the class "${posix[0]}" is not supported`);
      output += members;
      position += posix[0].length;
    } else if (character === '\\') {
      if (pattern[position + 1] === '-') {
        output += '\\-';
        position += 2;
      } else {
        const [text, length] = translateEscape(pattern, position);
        output += text === '-' ? '\\-' : text;
        position += length;
      }
    } else {
      output += character === '[' || character === ']' ? `\\${character}` : character;
      position++;
    }
    first = false;
  }
}

/**
 * Go's `Regexp.Expand`: `$1`, `${1}`, `$name`, `${name}` and `$$`. The name after a bare `$` is as long
 * as it can be, so `$1x` is the group named "1x"; a group that does not exist is empty.
 */
export function expand(template: string, match: RegExpExecArray): string {
  if (!template.includes('$')) return template;
  return template.replace(/\$(?:\$|\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    if (whole === '$$') return '$';
    const name = braced ?? bare ?? '';
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? '';
  });
}
