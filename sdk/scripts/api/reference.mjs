// The API reference of the package: every entry point with what it exports.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { codeOf, isType, namesIn, titleOf } from './declaration.mjs';
import { docMarkdown } from './doc.mjs';
import { Modules } from './modules.mjs';

/** `./host` is for what runs plugins, the agent and the test kit: nothing that authors should build on. */
const LEFT_OUT = ['./host'];

/** In this order, by where the source is; what is nowhere among them comes last. */
const TOPICS = [
  ['Plugins', /^(plugin|replay)\./],
  ['Metrics', /^metric\//],
  ['Registry', /^registry\/(registry|expose|wrap)\.|^exposition\//],
  ['Instruments', /^registry\//],
  ['Errors', /^errors\./],
  ['Configuration', /^schema\//],
  ['Logger and clock', /^(logger|clock)\./],
];

/**
 * @param folder the package's
 * @param manifest its package.json
 * @returns the reference in Markdown, and a line for each export that has no doc comment
 */
export function apiReference(folder, manifest) {
  const modules = new Modules();
  const entries = Object.entries(manifest.exports)
    .filter(([path]) => !LEFT_OUT.includes(path))
    .map(([path, { types }]) => {
      const file = resolve(folder, types);
      return {
        specifier: join(manifest.name, path),
        doc: modules.docOf(file),
        exported: modules.exportsOf(file),
      };
    });
  const known = new Set(entries.flatMap(({ exported }) => [...exported.values()].map(identityOf)));
  const isHiddenType =
    ({ file }) =>
    (name) => {
      const target = modules.resolve(file, name);
      return target.declarations.length > 0 && !known.has(identityOf(target));
    };
  const undocumented = new Set();
  const slugs = new Map();
  const chapters = entries.map(({ specifier, doc, exported }) => {
    const named = namedIn(modules, [...exported.values()], known);
    for (const item of [...exported.values(), ...named]) {
      if (item.doc === '' && !item.from) undocumented.add(`${sourceOf(folder, item.file)}: ${item.name}`);
    }
    return { specifier, doc, groups: groupsOf(folder, specifier === manifest.name, exported), named };
  });
  const code = formatted(chapters, isHiddenType);
  const parts = chapters.map((chapter) => chapterMarkdown(chapter, code, slugs));
  const text = [head(manifest, chapters), ...parts].join('\n\n');
  return { text: format(`${text}\n`, 'API.md'), undocumented: [...undocumented].sort() };
}

/** What tells one thing from another, whatever name it is exported by. */
const identityOf = ({ file, name, names }) => `${file}#${names ? '*' : name}`;
const sourceOf = (folder, file) =>
  relative('', file.replace(join(folder, 'dist'), join(folder, 'src')).replace(/\.d\.ts$/, '.ts'));

/** The types that signatures refer to and are not known yet, and those that these refer to; they are known then. */
function namedIn(modules, items, known) {
  const found = new Map();
  const queue = [...items];
  for (const item of queue) {
    for (const declaration of item.declarations) {
      for (const name of namesIn(declaration)) {
        const target = modules.resolve(declaration.file, name);
        const key = identityOf(target);
        if (target.declarations.length === 0 || known.has(key)) continue;
        known.add(key);
        found.set(key, target);
        queue.push(target);
      }
    }
  }
  return [...found.values()];
}

/** @returns {[title: string | undefined, items: object[]][]} */
function groupsOf(folder, hasTopics, exported) {
  const all = [...exported.entries()].map(([name, item]) => ({ ...item, title: titleOf(name, item), name }));
  const sorted = [...all.filter((item) => !isType(item)), ...all.filter(isType)];
  if (!hasTopics) return [[undefined, sorted]];
  const groups = [...TOPICS, ['More', /^/]].map(([title, place]) => ({ title, place, items: [] }));
  for (const item of sorted) {
    const source = relative(join(folder, 'dist'), item.file ?? '');
    groups.find(({ place }) => place.test(source))?.items.push(item);
  }
  return groups.filter(({ items }) => items.length > 0).map(({ title, items }) => [title, items]);
}

/** A text in the project's own format, which the file's name tells the language of. */
function format(text, name) {
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
  const cwd = resolve(import.meta.dirname, '../../..');
  const args = [biome, 'format', `--stdin-file-path=sdk/${name}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`biome could not format ${name}: ${stderr}`);
  return stdout;
}

const MARK = '// ---- next';

/** The code of everything, by declaration, in the project's own format. */
function formatted(chapters, isHiddenType) {
  const declarations = chapters.flatMap(({ groups, named }) =>
    [...groups.flatMap(([, items]) => items), ...named].flatMap((item) => item.declarations),
  );
  const unique = [...new Set(declarations)];
  const source = unique.map((each) => codeOf(each, isHiddenType(each))).join(`\n${MARK}\n`);
  const parts = format(source, 'api.d.ts')
    .split(`${MARK}\n`)
    .map((part) => part.trim().replace(/^declare /, ''));
  return new Map(unique.map((each, at) => [each, parts[at]]));
}

function head({ name }, chapters) {
  const list = chapters.map(({ specifier }) => `- [\`${specifier}\`](#${slugOf(specifier)})`);
  return `# API of \`${name}\`

<!-- Written by "npm run docs" from the doc comments in src; "npm run check" fails while it is behind them. -->

What every entry point exports, with its signature and its doc comment. [README.md](README.md) says how the parts are used.

${list.join('\n')}`;
}

function chapterMarkdown({ specifier, doc, groups, named }, code, slugs) {
  const parts = [`## \`${specifier}\``, ...(doc === '' ? [] : [docMarkdown(doc)])];
  slugOf(specifier, slugs);
  const sections = groups.map(([title, items]) => {
    if (title !== undefined) slugOf(title, slugs);
    const links = items.map((item) => `[\`${item.title}\`](#${slugOf(item.title, slugs)})`).join(', ');
    const depth = title === undefined ? '###' : '####';
    const head = title === undefined ? links : `### ${title}\n\n${links}`;
    return [head, ...items.map((item) => itemMarkdown(item, depth, code))].join('\n\n');
  });
  parts.push(...sections);
  if (named.length > 0) {
    slugOf(NAMED, slugs);
    parts.push(`### ${NAMED}`);
    for (const item of named) {
      const title = titleOf(item.name, item);
      slugOf(title, slugs);
      parts.push(itemMarkdown({ ...item, title }, '####', code));
    }
  }
  return parts.join('\n\n');
}

const NAMED = 'Types that stand in these signatures and have no name to import';

function itemMarkdown({ title, doc, declarations, names }, depth, code) {
  const parts = [`${depth} ${title}`];
  if (doc !== '') parts.push(docMarkdown(doc));
  if (names) parts.push(`It has: ${names.map((name) => `\`${name}\``).join(', ')}.`);
  if (declarations.length > 0) {
    const text = declarations.map((each) => withDoc(each, doc, code)).join('\n');
    parts.push(`\`\`\`ts\n${text}\n\`\`\``);
  }
  return parts.join('\n\n');
}

/** An overload whose doc comment is not the one above the code keeps it. */
function withDoc(declaration, shown, code) {
  const text = code.get(declaration) ?? '';
  return declaration.doc === '' || declaration.doc === shown ? text : `/*${declaration.doc}*/\n${text}`;
}

/** The anchor that GitHub gives a heading; the second of one name gets a number. */
function slugOf(title, taken = new Map()) {
  const slug = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
  const count = taken.get(slug) ?? 0;
  taken.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}
