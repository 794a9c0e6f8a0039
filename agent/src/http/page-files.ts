import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { acceptedCoding } from '@dynamic-informer/sdk/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

/** Where the build puts the page. */
const FOLDER = new URL('../page/', import.meta.url);

/** Scripts and styles are named after their content, so a name always means the same bytes. */
export const HASHED_NAME = /^[a-z-]+-[\w-]{8}\.(?:js|css)$/;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};
const SUFFIXES = { gzip: '.gz', zstd: '.zst' } as const;

/** What the page may do: its own scripts, styles and API, and nothing else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** A name with a hash is kept for good; what has none is asked for anew each time, and is mostly the same. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

/**
 * Answers with a file of the built page, in a coding that the browser takes. Files are read when they are asked for:
 * browsers keep them, and a page that nobody looks at takes no memory.
 */
export async function sendPageFile(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
): Promise<FastifyReply> {
  const coding = acceptedCoding(request.headers['accept-encoding']);
  let bytes: Buffer;
  try {
    bytes = await readFile(new URL(`${name}${coding ? SUFFIXES[coding] : ''}`, FOLDER));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return sendProblem(reply, 404, {
      code: 'HTTP_NOT_FOUND',
      title: 'Not found',
      detail: `The page has no file ${name}.`,
      fix: 'Load the page again; if it was not built, run "npm run build". /plain lists the resources without it.',
    });
  }
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 16)}"`;
  reply
    .header('etag', tag)
    .header('vary', 'Accept-Encoding')
    .header('cache-control', HASHED_NAME.test(name) ? FOR_GOOD : 'no-cache');
  if (request.headers['if-none-match']?.includes(tag)) return reply.code(304).send();
  return reply
    .type(TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream')
    .headers(coding ? { 'content-encoding': coding } : {})
    .send(bytes);
}
