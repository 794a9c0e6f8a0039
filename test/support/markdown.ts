/** A fenced block of a Markdown page. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Of its first fence, from 1. */
  readonly line: number;
  /** The block that follows with nothing but empty lines between, if its language is `text`: what it prints. */
  readonly output?: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(markdown: string): Block[] {
  const found = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return found.map((match, at) => {
    const [whole, language = '', text = ''] = match;
    const next = found[at + 1];
    const follows = next && markdown.slice(match.index + whole.length, next.index).trim() === '';
    return {
      language,
      text,
      line: markdown.slice(0, match.index).split('\n').length,
      ...(follows && next[1] === 'text' && { output: next[2] as string }),
    };
  });
}

/**
 * Whether a program printed what a page shows. `…` stands for any text within a line, and alone on a line
 * for any lines. Empty lines at the end do not count.
 */
export function isAsShown(shown: string, printed: string): boolean {
  const lines = shown.trimEnd().split('\n');
  const pattern = lines.map((line) => {
    if (line === '…') return '(?:.*\n)*?';
    const parts = line.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return `${parts.join('.*')}\n`;
  });
  return new RegExp(`^${pattern.join('')}$`).test(`${printed.trimEnd()}\n`);
}
