// Bundles agent/page into dist/page: files named after their content, each also compressed, so that the agent only
// has to hand them out. Nothing happens when nothing has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants, gzip, zstdCompress } from 'node:zlib';

const agent = fileURLToPath(new URL('../', import.meta.url));
const source = join(agent, 'page');
const target = join(agent, 'dist', 'page');
const require = createRequire(import.meta.url);

const digest = (...contents) => {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('base64url').slice(0, 8);
};

/** What a build depends on: the sources, this script, and the versions of what is bundled. */
function stampOf() {
  const files = [fileURLToPath(import.meta.url), join(agent, 'package.json')];
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith('.test.ts')) files.push(join(entry.parentPath, entry.name));
  }
  return digest(...files.sort().flatMap((file) => [file.slice(agent.length), readFileSync(file)]));
}

async function bundleScripts() {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: { page: join(source, 'src', 'main.tsx') },
    platform: 'browser',
    tsconfig: false,
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' }, target: 'es2022' },
  });
  const { output } = await bundle.generate({
    format: 'es',
    minify: true,
    entryFileNames: '[name]-[hash].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await bundle.close();
  return output.map(({ fileName, code, isEntry }) => ({ name: fileName, content: code, isEntry }));
}

async function bundleStyle() {
  const { transform } = await import('lightningcss');
  const files = [require.resolve('uplot/dist/uPlot.min.css'), join(source, 'page.css')];
  const { code } = transform({
    filename: 'page.css',
    code: Buffer.concat(files.map((file) => readFileSync(file))),
    minify: true,
  });
  return { name: `page-${digest(code)}.css`, content: code };
}

async function build(stamp) {
  const [scripts, style] = await Promise.all([bundleScripts(), bundleStyle()]);
  const html = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('{style}', style.name)
    .replace('{script}', scripts.find(({ isEntry }) => isEntry).name);
  // Built beside the old one and then put in its place: a run that is cut short leaves no half of a page.
  const fresh = `${target}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  await Promise.all(
    [...scripts, style, { name: 'index.html', content: html }].map(async ({ name, content }) => {
      const bytes = Buffer.from(content);
      const level = { params: { [constants.ZSTD_c_compressionLevel]: 19 } };
      writeFileSync(join(fresh, name), bytes);
      writeFileSync(join(fresh, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }));
      writeFileSync(join(fresh, `${name}.zst`), await promisify(zstdCompress)(bytes, level));
    }),
  );
  writeFileSync(join(fresh, 'stamp'), stamp);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
}

const stamp = stampOf();
const stampFile = join(target, 'stamp');
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) await build(stamp);
