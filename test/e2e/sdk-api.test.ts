import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { temporaryFolder } from '../support/temp.ts';

// How the API reference of the SDK is made and checked: on small packages, and on the SDK's own.
const sdk = fileURLToPath(new URL('../../sdk', import.meta.url));

/** A package as the compiler leaves it. */
async function packageOf(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder('api');
  const exports = {
    '.': { types: './dist/index.d.ts' },
    './host': { types: './dist/host.d.ts' },
    './more': { types: './dist/more.d.ts' },
  };
  const all = { 'host.d.ts': 'export {};\n', 'more.d.ts': 'export {};\n', ...files };
  await writeFile(join(folder.path, 'package.json'), JSON.stringify({ name: 'small', exports }));
  for (const [name, text] of Object.entries(all)) {
    const file = join(folder.path, 'dist', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return {
    run: (...args: string[]) =>
      runProgram(process.execPath, [join(sdk, 'scripts', 'write-api.mjs'), folder.path, ...args], {
        cwd: folder.path,
      }),
    reference: () => readFile(join(folder.path, 'API.md'), 'utf8'),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const STALE = 'API.md is not what the doc comments say. Run "npm run docs".\n';

it('is written, and checked until a comment or a signature changes', async () => {
  const before = '/** Adds. */\nexport declare function add(a: number): number;\n';
  await using small = await packageOf({ 'index.d.ts': before });
  expect(await small.run('--check')).toEqual({ code: 1, stdout: '', stderr: STALE });
  expect(await small.run()).toEqual({ code: 0, stdout: 'API.md written anew\n', stderr: '' });
  expect(await small.run('--check')).toEqual({ code: 0, stdout: '', stderr: '' });
  await using changed = await packageOf({ 'index.d.ts': before.replace('Adds.', 'Adds up.') });
  await changed.run();
  expect(await changed.reference()).toBe((await small.reference()).replace('Adds.', 'Adds up.'));
}, 120_000);

it('names everything in the API that has no doc comment, with its source', async () => {
  await using small = await packageOf({
    'index.d.ts': "export { add, type Sum } from './math/add.ts';\nexport * from './rest.ts';\n",
    'math/add.d.ts':
      'interface Part { n: number }\n/** A sum. */\nexport interface Sum { parts: Part[] }\nexport declare function add(): Sum;\n',
    'rest.d.ts': 'export declare const FIRST = 1;\nexport type Second = 2;\n',
    'host.d.ts': 'export declare const HIDDEN = 1;\n',
  });
  const say = (what: string) =>
    `${what} is part of the API and has no doc comment. Write what it is, with its units and errors.\n`;
  const stderr = [
    'src/math/add.ts: Part',
    'src/math/add.ts: add',
    'src/rest.ts: FIRST',
    'src/rest.ts: Second',
  ];
  expect(await small.run()).toMatchObject({ code: 1, stderr: stderr.map(say).join('') });
  expect(await small.run('--check')).toMatchObject({ code: 1, stderr: stderr.map(say).join('') });
});

it('shows signatures, comments, and types without a name to import, and hides what is internal', async () => {
  await using small = await packageOf({
    'index.d.ts': "export { Box } from './box.ts';\nexport { open } from './open.ts';\n",
    'box.d.ts': `import type { Shape } from './shape.ts';
interface Inner {
    slot: number;
}
/** Holds things: \`a | b\`, « … ». */
export declare class Box implements Inner {
    #private;
    /** @internal */
    slot: number;
    /** Puts one in. @internal */
    put(): void;
    /** The shape of it. */
    readonly shape: Shape;
    protected secret(): Inner;
}
`,
    'shape.d.ts': '/** Round or not. */\nexport type Shape = "round" | "square";\n',
    'open.d.ts': `import type { Box } from './box.ts';
/**
 * Opens a box.
 *
 * @param name its name,
 *   in full
 * @returns the box
 * @throws an error if there is none
 * @example
 * \`\`\`ts
 * open('a');
 * \`\`\`
 */
export declare function open(name: string): Box;
/** Opens any. */
export declare function open(): Box;
`,
  });
  expect(await small.run()).toMatchObject({ code: 0, stderr: '' });
  const reference = await small.reference();
  expect(reference).toContain(`class Box

Holds things: \`a | b\`, « … ».

\`\`\`ts
class Box {
  /** The shape of it. */
  readonly shape: Shape;
}
\`\`\``);
  expect(reference).toContain(`open()

Opens a box.

- \`name\`: its name,
  in full
- Returns the box
- Throws an error if there is none

\`\`\`ts
open('a');
\`\`\`

\`\`\`ts
function open(name: string): Box;
/** Opens any. */
function open(): Box;
\`\`\``);
  expect(reference).toContain("type Shape\n\nRound or not.\n\n```ts\ntype Shape = 'round' | 'square';\n```");
  expect(reference).not.toContain('Inner');
});

it("the SDK's links lead to headings", async () => {
  const files = await Promise.all(['README.md', 'API.md'].map((name) => readFile(join(sdk, name), 'utf8')));
  const [readme = '', api = ''] = files;
  // As GitHub makes them: the second heading of one text gets a number.
  const anchorsOf = (page: string) => {
    const met = new Map<string, number>();
    const outside = page.replace(/^```.*?^```$/gms, '');
    return [...outside.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => {
      const slug = title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
      const count = met.get(slug) ?? 0;
      met.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    });
  };
  const linksOf = (page: string, to: string) =>
    [...page.matchAll(/\]\(([^)#]*)#([^)]+)\)/g)].filter(([, file]) => file === to).map(([, , slug]) => slug);
  expect(anchorsOf(api)).toEqual(expect.arrayContaining([...linksOf(api, ''), ...linksOf(readme, 'API.md')]));
  expect(anchorsOf(readme)).toEqual(expect.arrayContaining(linksOf(readme, '')));
  // Each heading that is linked is linked once, so no link leads to another of the same name.
  const linked = linksOf(api, '');
  expect(new Set(linked).size).toBe(linked.length);
});
