import type { FastifyReply } from 'fastify';

/** An error answer as RFC 9457 has it, with the project's code. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  problem: { code: string; title: string; detail: string; fix?: string; errors?: readonly string[] },
): FastifyReply {
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
