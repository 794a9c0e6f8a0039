// Writes API.md from the doc comments. With --check it writes nothing, and ends with 1 if that file is not
// what they say. Either way it ends with 1 if something that is exported has no doc comment.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { apiReference } from './api/reference.mjs';

const args = process.argv.slice(2);
const folder = resolve(args.find((arg) => arg !== '--check') ?? join(import.meta.dirname, '..'));
const file = join(folder, 'API.md');
const shown = relative('', file);

const { text, undocumented } = apiReference(
  folder,
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
);
for (const place of undocumented) {
  process.stderr.write(
    `${place} is part of the API and has no doc comment. Write what it is, with its units and errors.\n`,
  );
}
if (undocumented.length > 0) process.exitCode = 1;

let present = '';
try {
  present = readFileSync(file, 'utf8');
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
}
if (present !== text && args.includes('--check')) {
  process.stderr.write(`${shown} is not what the doc comments say. Run "npm run docs".\n`);
  process.exitCode = 1;
} else if (present !== text) {
  writeFileSync(file, text);
  process.stdout.write(`${shown} written anew\n`);
}
