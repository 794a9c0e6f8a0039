import { Compressor } from '@dynamic-informer/sdk/http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import type { HttpPorts, RouteContext } from './ports.ts';
import { RequestError, sendProblem } from './problem.ts';
import { agentRoutes } from './routes/agent.ts';
import { eventRoutes } from './routes/events.ts';
import { logRoutes } from './routes/logs.ts';
import { metadataRoutes } from './routes/metadata.ts';
import { operationRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/page.ts';
import { planRoutes } from './routes/plan.ts';
import { pluginRoutes } from './routes/plugins.ts';
import { probeRoutes } from './routes/probe.ts';
import { resourceRoutes } from './routes/resources.ts';
import { answerScrape } from './routes/scrape.ts';

/** All routes, on no address yet: `app.routing` is what a server hands requests to. */
export function createApp(access: Access, ports: HttpPorts): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 200 },
    // No route has a schema. Unless they are given, Fastify loads ajv and a serializer at once all the same.
    schemaController: {
      compilersFactory: { buildValidator: withoutSchemas, buildSerializer: withoutSchemas },
    },
  });
  const compressor = new Compressor();
  // Bodies are JSON: a form of another site's could send text, but not that.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', access.guard);
  const context: RouteContext = {
    ports,
    admin: { preHandler: access.requireAdmin },
    mayChange: (request) => access.mayChange(request),
    whoIs: (request) => access.whoIs(request),
  };
  operationRoutes(app, context);
  agentRoutes(app, context);
  eventRoutes(app, context);
  pluginRoutes(app, context);
  metadataRoutes(app, context);
  resourceRoutes(app, context);
  logRoutes(app, context);
  planRoutes(app, context);
  pageRoutes(app, context);
  probeRoutes(app, context, compressor);

  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0];
    // The path can change while the agent runs, so it is no fixed route.
    if (path === ports.settings().metricsPath && (request.method === 'GET' || request.method === 'HEAD')) {
      return answerScrape(ports, compressor, request, reply);
    }
    return sendProblem(reply, 404, {
      code: 'HTTP_NOT_FOUND',
      title: 'Not found',
      detail: `There is no ${request.method} ${path}.`,
      fix: `Metrics are at ${ports.settings().metricsPath}, the page at /.`,
    });
  });
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) => {
    if (error instanceof RequestError) return sendProblem(reply, error.statusCode, error.problem);
    return sendProblem(reply, error.statusCode ?? 500, {
      code: error.statusCode && error.statusCode < 500 ? 'HTTP_BAD_REQUEST' : 'INTERNAL_FAILED',
      title: 'The request failed',
      detail: error.message,
    });
  });
  return app;
}

function withoutSchemas(): never {
  throw new Error('No route has a schema.');
}
