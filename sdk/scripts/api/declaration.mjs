// What of a declaration a reader gets to see, and which types it names.

/** Members that only this package's own code uses: private and protected ones, and what is marked `@internal`. */
function isHidden(member, doc) {
  const { accessibility, key } = member;
  return (
    accessibility === 'private' ||
    accessibility === 'protected' ||
    key?.type === 'PrivateIdentifier' ||
    /@internal\b/.test(doc)
  );
}

const bodyOf = (node) =>
  node.type === 'ClassDeclaration' || node.type === 'TSInterfaceDeclaration' ? node.body.body : [];

/** @returns {[member: object, start: number][]} the members that are not shown; `start` is where its comment begins */
function hiddenMembers({ node, text, comments }) {
  return bodyOf(node).flatMap((member) => {
    const comment = comments.find(
      ({ end }) => end <= member.start && text.slice(end, member.start).trim() === '',
    );
    return isHidden(member, comment?.value ?? '') ? [[member, comment?.start ?? member.start]] : [];
  });
}

/** The declaration's code without what is hidden: members, and what it implements if nobody can import that. */
export function codeOf(declaration, isHiddenType) {
  const { node, text } = declaration;
  const hidden = hiddenMembers(declaration).map(([member, start]) => [start, member.end]);
  const { implements: implemented = [], body } = node;
  const [first] = implemented;
  if (first && implemented.every(({ expression }) => isHiddenType(expression.name))) {
    const start = text.lastIndexOf(' implements ', first.start);
    hidden.unshift([start, body.start - 1]);
  }
  let code = '';
  let from = node.start;
  for (const [start, end] of hidden) {
    code += text.slice(from, start);
    from = end;
  }
  return code + text.slice(from, node.end);
}

/** The names of the types that what is shown of a declaration refers to, save those that a class implements. */
export function namesIn(declaration) {
  const hidden = new Set(hiddenMembers(declaration).map(([member]) => member));
  for (const each of declaration.node.implements ?? []) hidden.add(each);
  const own = new Set((declaration.node.typeParameters?.params ?? []).map(({ name }) => name.name));
  const found = new Set();
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== 'object' || node === null || hidden.has(node)) return;
    const named = [node.typeName, node.exprName, node.superClass].find((each) => each);
    const name = rootName(node.type === 'TSInterfaceHeritage' ? node.expression : named);
    if (name !== undefined && !own.has(name)) found.add(name);
    for (const [key, value] of Object.entries(node)) if (key !== 'parent') visit(value);
  };
  visit(declaration.node);
  return found;
}

const rootName = (node) => (node?.type === 'TSQualifiedName' ? rootName(node.left) : node?.name);

/** How the heading of a declaration calls it. */
export function titleOf(name, { declarations }) {
  // A class can have a namespace of its name beside it, which says no more than the class.
  const main = declarations.find(({ node }) => node.type !== 'TSModuleDeclaration');
  switch (main?.node.type) {
    case undefined:
      return name;
    case 'TSDeclareFunction':
      return `${name}()`;
    case 'ClassDeclaration':
      return `class ${name}`;
    case 'TSInterfaceDeclaration':
      return `interface ${name}`;
    case 'TSTypeAliasDeclaration':
      return `type ${name}`;
    default:
      return `${main.node.kind} ${name}`;
  }
}

/** Whether it is there for the compiler only. */
export const isType = ({ declarations: [first] }) =>
  first?.node.type === 'TSInterfaceDeclaration' || first?.node.type === 'TSTypeAliasDeclaration';
