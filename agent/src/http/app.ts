import { Compressor } from '@dynamic-informer/sdk/http';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Access } from './access.ts';
import { answerError, answerFailures } from './failures.ts';
import type { HttpPorts, RouteContext } from './ports.ts';
import { RouteTable } from './route-table.ts';
import { agentRoutes } from './routes/agent.ts';
import { eventRoutes } from './routes/events.ts';
import { logRoutes } from './routes/logs.ts';
import { metadataRoutes } from './routes/metadata.ts';
import { openApiRoutes } from './routes/openapi.ts';
import { operationRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/page.ts';
import { planRoutes } from './routes/plan.ts';
import { pluginRoutes } from './routes/plugins.ts';
import { probeRoutes } from './routes/probe.ts';
import { resourceRoutes } from './routes/resources.ts';
import { answerScrape } from './routes/scrape.ts';

/** All routes, on no address yet: `app.routing` is what a server hands requests to. `routes` gets to know them. */
export function createApp(access: Access, ports: HttpPorts, routes = new RouteTable()): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    exposeHeadRoutes: true,
    routerOptions: { maxParamLength: 200 },
    // No hook sees these requests.
    frameworkErrors: (error, _request, reply) => answerError(error, reply.headers(access.headers)),
    // No route has a schema. Unless they are given, Fastify loads ajv and a serializer at once all the same.
    schemaController: {
      compilersFactory: { buildValidator: withoutSchemas, buildSerializer: withoutSchemas },
    },
  });
  app.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  const compressor = new Compressor();
  // Bodies are JSON: a form of another site's could send text, but not that.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', access.guard);
  const context: RouteContext = {
    ports,
    admin: { onRequest: access.requireAdmin },
    mayChange: (request) => access.mayChange(request),
    whoIs: (request) => access.whoIs(request),
    acceptsToken: () => access.acceptsToken(),
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
  openApiRoutes(app);
  probeRoutes(app, context, compressor);

  answerFailures(
    app,
    routes,
    () => ports.settings().metricsPath,
    (request, reply) => answerScrape(ports, compressor, request, reply),
  );
  return app;
}

function withoutSchemas(): never {
  throw new Error('No route has a schema.');
}
