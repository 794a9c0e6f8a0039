import type { LogLevel } from '@dynamic-informer/sdk';
import type { FastifyInstance } from 'fastify';
import { LOG_LEVELS } from '../../log.ts';
import type { RouteContext } from '../ports.ts';
import { sendProblem, unknownName } from '../problem.ts';

interface LogQuery {
  readonly resource?: string | string[];
  readonly level?: string | string[];
  readonly limit?: string | string[];
}

/** `/api/v1/logs`: the last lines of the agent's log, masked, the newest last. */
export function logRoutes(app: FastifyInstance, { ports }: RouteContext): void {
  app.get<{ Querystring: LogQuery }>('/api/v1/logs', (request, reply) => {
    const { resource, level, limit } = request.query;
    const wrong = (detail: string, fix: string) =>
      sendProblem(reply, 400, { code: 'HTTP_BAD_REQUEST', title: 'Not a query for log lines', detail, fix });
    if (Array.isArray(resource)) return wrong('There is more than one resource.', 'Name one, or none.');
    if (level !== undefined && !isLevel(level)) {
      return wrong(
        'The level is none.',
        `Use one of ${LOG_LEVELS.join(', ')}: that and what is more severe.`,
      );
    }
    if (limit !== undefined && !isCount(limit)) {
      return wrong('The limit is not a number of lines.', 'Use a whole number, 1 or more.');
    }
    const recent = ports.recentLog();
    if (resource !== undefined && !recent.has(resource) && !isConfigured(resource)) {
      return sendProblem(reply, 404, unknownName(`There is no resource "${resource}".`));
    }
    const lines = recent.lines({ resource, level, limit: limit === undefined ? undefined : Number(limit) });
    return reply.send({ lines });
  });

  const isConfigured = (name: string) => ports.status().resources.some((resource) => resource.name === name);
}

const isLevel = (text: string | string[]): text is LogLevel => LOG_LEVELS.some((level) => level === text);

const isCount = (text: string | string[]): text is string =>
  typeof text === 'string' && /^[1-9]\d{0,5}$/.test(text);
