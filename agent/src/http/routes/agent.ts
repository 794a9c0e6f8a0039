import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AgentSummary } from '../../status.ts';
import type { RouteContext } from '../ports.ts';
import { readQuery } from '../query.ts';

/** `/api/v1/agent`: the agent as a whole. */
export function agentRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get('/api/v1/agent', async (request, reply) => {
    readQuery(request.query, []);
    return reply.send(await summaryFor(request, context));
  });
}

/** The agent as whoever sent this request sees it. */
export async function summaryFor(
  request: FastifyRequest,
  { ports, mayChange, acceptsToken }: RouteContext,
): Promise<AgentSummary> {
  const { version, configFile, startedAt, lastReload, resources } = ports.status();
  const count = (is: (resource: (typeof resources)[number]) => boolean) => resources.filter(is).length;
  const up = count((resource) => resource.up);
  const disabled = count(({ state }) => state === 'disabled');
  return {
    version,
    node: process.version,
    configFile,
    startedAt,
    metricsPath: ports.settings().metricsPath,
    ready: ports.ready(),
    lastReload: lastReload ?? null,
    resources: {
      total: resources.length,
      up,
      down: resources.length - up - disabled,
      disabled,
      overridden: count((resource) => resource.override !== undefined),
    },
    mayChange: await mayChange(request),
    acceptsToken: acceptsToken(),
  };
}
