import { isAbsolute } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { RouteContext } from '../ports.ts';
import { sendProblem } from '../problem.ts';

/** `/api/v1/plan`: what a look at the configuration would change. It works the machine, so it needs what changes need. */
export function planRoutes(app: FastifyInstance, { ports, admin, whoIs }: RouteContext): void {
  const { planner } = ports;
  app.post<{ Querystring: { series?: string } }>('/api/v1/plan', admin, async (request, reply) => {
    const given = configIn(request.body);
    if (given === INVALID) return sendProblem(reply, 400, BAD_BODY);
    const configFile = given === undefined || (await planner.isOwn(given)) ? undefined : given;
    // Who has no more than the token is not to have the agent read any file of its machine.
    if (configFile !== undefined && whoIs(request).kind !== 'local')
      return sendProblem(reply, 403, NOT_LOCAL);
    const series = request.query.series !== 'false';
    const planned = await planner.plan({ configFile, series }, goneOf(reply));
    if (!planned) return sendProblem(reply, 409, BUSY);
    if ('plan' in planned) return reply.send(planned.plan);
    const { errors, diagnostics } = planned;
    return sendProblem(reply, 422, {
      code: 'CONFIG_REJECTED',
      title: 'The configuration is not usable; nothing would be changed',
      detail: errors.join('\n'),
      errors,
      diagnostics,
    });
  });
}

/** Aborts when whoever asked has gone. */
function goneOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableEnded) gone.abort();
  });
  return gone.signal;
}

const INVALID = Symbol('not a request for a plan');

/** The file that a body names, if there is a body. */
function configIn(body: unknown): string | undefined | typeof INVALID {
  if (body === undefined || body === null) return undefined;
  if (typeof body !== 'object' || Array.isArray(body)) return INVALID;
  const { config, ...others } = body as { config?: unknown };
  if (Object.keys(others).length > 0) return INVALID;
  if (config === undefined) return undefined;
  return typeof config === 'string' && isAbsolute(config) ? config : INVALID;
}

const BAD_BODY = {
  code: 'HTTP_BAD_REQUEST',
  title: 'The request can not be read',
  detail: 'The body is not {"config": "/an/absolute/path"}.',
  fix: 'Send no body to plan for the configuration that the agent was started with.',
};

const NOT_LOCAL = {
  code: 'HTTP_LOCAL_ONLY',
  title: 'Only over the unix socket',
  detail:
    'Another configuration than the one that the agent was started with is planned for over its unix socket only.',
  fix: 'Run "informer plan --config FILE" on the host itself, or leave "config" out.',
};

const BUSY = {
  code: 'HTTP_BUSY',
  title: 'Another plan is being made',
  detail: 'The agent makes one plan at a time, and another one is not finished.',
  fix: 'Ask again when that is done; it takes a minute at most.',
};
