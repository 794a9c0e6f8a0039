import type { FastifyReply } from 'fastify';
import type { problem } from '../api/operations.ts';
import type { Shown } from '../api/shown.ts';

export type Problem = Omit<Shown<typeof problem>, 'type' | 'status'>;

/** Thrown by what reads a request; it is answered with the problem. */
export class RequestError extends Error {
  readonly statusCode: number;
  readonly problem: Problem;

  constructor(statusCode: number, problem: Problem) {
    super(problem.detail);
    this.statusCode = statusCode;
    this.problem = problem;
  }
}

/** An error answer as RFC 9457 has it, with the project's code. */
export function sendProblem(reply: FastifyReply, status: number, problem: Problem): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify({ type: 'about:blank', status, ...problem }));
}

/** What a name that is not in the configuration is answered with, status 404. */
export const unknownName = (detail: string) => ({
  code: 'HTTP_UNKNOWN_NAME',
  title: 'Not configured',
  detail,
  fix: 'GET /api/v1/resources lists the names.',
});
