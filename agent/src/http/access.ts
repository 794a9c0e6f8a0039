import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

/** Set on requests that came over the unix socket, which only its owner can open. */
export const LOCAL = Symbol('came over the unix socket');

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a request may change something: over the unix socket, or with the token. */
async function refusal(request: FastifyRequest, tokenFile: string | undefined): Promise<string | undefined> {
  if ((request.raw as { [LOCAL]?: boolean })[LOCAL]) return undefined;
  if (tokenFile === undefined) {
    return 'Without web.admin.token_file, changes are accepted on the unix socket only.';
  }
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (given === undefined) return 'The request has no "Authorization: Bearer TOKEN".';
  const token = (await readFile(tokenFile, 'utf8').catch(() => '')).trim();
  if (token === '') return `The token file ${tokenFile} is empty or can't be read.`;
  return timingSafeEqual(digest(given), digest(token)) ? undefined : 'The token is not the right one.';
}

/** A hook for routes that change something. `tokenFile` is asked at each request: a reload may change it. */
export function requireAdmin(tokenFile: () => string | undefined) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const detail = await refusal(request, tokenFile());
    if (detail === undefined) return undefined;
    return sendProblem(reply, 401, {
      code: 'HTTP_NOT_ALLOWED',
      title: 'Not allowed',
      detail,
      fix: 'Use the command line on the host itself, or send the token of web.admin.token_file.',
    });
  };
}
