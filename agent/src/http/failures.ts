import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, sendProblem } from './problem.ts';
import type { RouteTable } from './route-table.ts';

/** By Fastify's code, or by status. */
const FIXES: Readonly<Record<string | number, string>> = {
  FST_ERR_BAD_URL: 'Write what is special in a URL as percent signs and two digits, such as %20.',

  400: 'Send JSON, or no body at all.',
  413: 'Send less.',
  415: 'Send JSON with "Content-Type: application/json", or no body at all.',
};

/** Answers what no route answers, and what a route throws, with problem documents. */
export function answerFailures(
  app: FastifyInstance,
  routes: RouteTable,
  metricsPath: () => string,
  scrape: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  app.setNotFoundHandler((request, reply) => {
    const { method } = request;
    const path = request.url.split('?', 1)[0] ?? '';
    // The path can change while the agent runs, so it is no fixed route.
    const isMetrics = path === metricsPath();
    if (isMetrics && (method === 'GET' || method === 'HEAD')) return scrape(request, reply);
    const allowed = isMetrics ? ['GET', 'HEAD'] : routes.methodsOf(path);
    if (allowed.length === 0) {
      return sendProblem(reply, 404, {
        code: 'HTTP_NOT_FOUND',
        title: 'Not found',
        detail: `There is no ${method} ${path}.`,
        fix: `Metrics are at ${metricsPath()}, the page at /, the description of the rest at /openapi.json.`,
      });
    }
    return sendProblem(reply.header('allow', allowed.join(', ')), 405, {
      code: 'HTTP_BAD_REQUEST',
      title: 'Not with this method',
      detail: `${path} does not take ${method}.`,
      fix: `Use ${allowed.join(' or ')}.`,
    });
  });
  app.setErrorHandler((error: Failure, _request, reply) => answerError(error, reply));
}

/** What was thrown on the way to an answer, by a route or by Fastify itself. */
interface Failure {
  readonly statusCode?: number | undefined;
  readonly message: string;
  readonly code?: string;
}

export function answerError(error: Failure, reply: FastifyReply): FastifyReply {
  if (error instanceof RequestError) return sendProblem(reply, error.statusCode, error.problem);
  const { statusCode = 500, message, code = '' } = error;
  const fix = FIXES[code] ?? FIXES[statusCode];
  return sendProblem(reply, statusCode, {
    code: statusCode < 500 ? 'HTTP_BAD_REQUEST' : 'INTERNAL_FAILED',
    title: 'The request failed',
    detail: message,
    ...(fix !== undefined && { fix }),
  });
}
