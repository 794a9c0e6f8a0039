// Reads the declarations that the compiler emitted: what each module declares, imports and exports.
// The parser is oxc's, which rolldown brings. TypeScript 7 has no API in JavaScript, on which typedoc and
// api-extractor stand.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'rolldown/utils';

/**
 * A declaration with its doc comment; overloads of a function are several of one name.
 * @typedef {{ name: string, file: string, node: object, text: string, doc: string, comments: object[] }} Declaration
 */

export class Modules {
  #known = new Map();

  /** Everything that a module exports: `{name, file, doc, declarations}`, by name, in the order of the source. */
  exportsOf(file) {
    const module = this.#module(file);
    const found = new Map();
    for (const [name, { source, imported, local, doc = '' }] of module.exports) {
      const target =
        source === undefined ? this.resolve(file, local) : this.#imported(file, source, imported);
      found.set(name, { ...target, doc: target.doc || doc, ...(target.from === undefined && { name }) });
    }
    for (const source of module.stars) {
      for (const [name, target] of this.exportsOf(beside(file, source))) {
        if (name !== 'default' && !found.has(name)) found.set(name, target);
      }
    }
    return found;
  }

  /** What a module says of itself, above everything else. */
  docOf(file) {
    return this.#module(file).doc;
  }

  /** What a name means in a module: `{name, file, doc, declarations}`; without declarations if it is from elsewhere. */
  resolve(file, name) {
    const { declarations, imports } = this.#module(file);
    const own = declarations.get(name);
    if (own) return { name, file, doc: own.find(({ doc }) => doc)?.doc ?? '', declarations: own };
    const from = imports.get(name);
    return from ? this.#imported(file, from.source, from.imported) : { name, declarations: [], doc: '' };
  }

  #imported(file, source, imported) {
    if (!source.startsWith('.')) return { name: imported, from: source, declarations: [], doc: '' };
    const target = beside(file, source);
    if (imported === '*')
      return {
        name: '*',
        file: target,
        declarations: [],
        doc: '',
        names: [...this.exportsOf(target).keys()],
      };
    const found = this.exportsOf(target).get(imported);
    if (!found) throw new Error(`${file} takes ${imported} from ${source}, which does not export it.`);
    return found;
  }

  #module(file) {
    let module = this.#known.get(file);
    if (!module) {
      module = read(file);
      this.#known.set(file, module);
    }
    return module;
  }
}

const beside = (file, source) => join(dirname(file), source.replace(/\.(ts|js)$/, '.d.ts'));

function read(file) {
  const text = readFileSync(file, 'utf8');
  const { program, comments, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const docs = comments.filter(({ type, value }) => type === 'Block' && value.startsWith('*'));
  const docBefore = (start) =>
    docs.find(({ end }) => end <= start && text.slice(end, start).trim() === '')?.value ?? '';
  const module = { declarations: new Map(), imports: new Map(), exports: new Map(), stars: [], doc: '' };
  // The compiler leaves no empty line behind a module's own comment: it is the first, and above a plain export.
  const [first] = docs;
  const [start] = program.body;
  const isPlain = start?.type === 'ExportAllDeclaration' || start?.type === 'ExportNamedDeclaration';
  if (first && isPlain && !start.declaration && !start.exported && first.end <= start.start)
    module.doc = first.value;

  const declare = (statement, node) => {
    const names =
      node.type === 'VariableDeclaration' ? node.declarations.map(({ id }) => id.name) : [node.id.name];
    for (const name of names) {
      const all = module.declarations.get(name) ?? [];
      all.push({ name, file, node, text, doc: docBefore(statement.start), comments: docs });
      module.declarations.set(name, all);
      if (statement !== node) module.exports.set(name, { local: name });
    }
  };
  for (const statement of program.body) {
    const source = statement.source?.value;
    if (statement.type === 'ImportDeclaration') {
      for (const { local, imported, type } of statement.specifiers) {
        const name = type === 'ImportNamespaceSpecifier' ? '*' : (imported?.name ?? 'default');
        module.imports.set(local.name, { source, imported: name });
      }
    } else if (statement.type === 'ExportAllDeclaration') {
      const doc = docBefore(statement.start);
      if (statement.exported) module.exports.set(statement.exported.name, { source, imported: '*', doc });
      else module.stars.push(source);
    } else if (statement.type === 'ExportNamedDeclaration' && statement.declaration) {
      declare(statement, statement.declaration);
    } else if (statement.type === 'ExportNamedDeclaration') {
      const doc = docBefore(statement.start);
      for (const { local, exported } of statement.specifiers) {
        const from = source === undefined ? { local: local.name } : { source, imported: local.name };
        module.exports.set(exported.name, { ...from, doc });
      }
    } else if (statement.id || statement.type === 'VariableDeclaration') {
      declare(statement, statement);
    }
  }
  return module;
}
