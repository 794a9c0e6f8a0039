// Doc comments as Markdown.

const TAGS = /(?:^|\s)@(param|returns|throws|example)\b[ \t]*/;
const TITLES = { returns: 'Returns', throws: 'Throws' };

/** The text of a doc comment, without the stars before its lines. */
const textOf = (doc) =>
  doc
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim();

/** What a doc comment says, then its tags: parameters, result and errors as a list, examples below. */
export function docMarkdown(doc) {
  const [text = '', ...tags] = textOf(doc).split(TAGS);
  const list = [];
  const examples = [];
  for (let at = 0; at < tags.length; at += 2) {
    const [tag, about = ''] = [tags[at], tags[at + 1]?.trim()];
    if (tag === 'example') examples.push(about.startsWith('```') ? about : `\`\`\`ts\n${about}\n\`\`\``);
    else if (tag === 'param') list.push(about.replace(/^(\S+)\s*/, '- `$1`: '));
    else list.push(`- ${TITLES[tag]} ${about}`);
  }
  const indented = list.map((item) => item.replaceAll('\n', '\n  '));
  return [text.trim(), indented.join('\n'), ...examples].filter((part) => part !== '').join('\n\n');
}
