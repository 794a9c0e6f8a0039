import { type Encoding, lengthOf, negotiate } from '@dynamic-informer/sdk/host';
import { acceptedCoding, Compressor, MIN_COMPRESSED_BYTES } from '@dynamic-informer/sdk/http';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Exposition } from '../render/scrape.ts';
import {
  type Selection,
  type SelectionQuery,
  selectResources,
  UnknownNameError,
} from '../render/selection.ts';
import type { AgentStatus, ReloadResult } from '../status.ts';
import { requireAdmin } from './access.ts';
import { renderPage } from './page.ts';
import { sendProblem } from './problem.ts';
import { scrapeBudgetMs } from './scrape-budget.ts';

/** What the routes read, and the one thing that they may say: look again. */
export interface HttpPorts {
  status(): AgentStatus;
  scrape(selection: Selection, budgetMs: number, encoding: Encoding): Promise<Exposition>;
  /** Every resource has opened or failed. */
  ready(): boolean;
  reload(): Promise<ReloadResult>;
  /** Opens an enabled resource anew; `false` if there is none of that name. */
  restart(name: string): Promise<boolean>;
  scraped(code: number, format: string, seconds: number): void;
  settings(): WebSettings;
}

export interface WebSettings {
  readonly metricsPath: string;
  readonly scrapeTimeoutOffsetMs: number;
  readonly tokenFile: string | undefined;
  /** `web.openmetrics_created`. */
  readonly openmetricsCreated: boolean;
}

/** All routes, on no address yet: `app.routing` is what a server hands requests to. */
export function createApp(ports: HttpPorts): FastifyInstance {
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
  const admin = { preHandler: requireAdmin(() => ports.settings().tokenFile) };

  app.get('/-/healthy', (_request, reply) => reply.type('text/plain').send('The agent is alive.\n'));
  app.get('/-/ready', (_request, reply) => {
    const ready = ports.ready();
    const text = ready ? 'Every resource has opened or failed.\n' : 'Some resources are still opening.\n';
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(text);
  });
  app.post('/-/reload', admin, async (_request, reply) => {
    const result = await ports.reload();
    if (result.successful) return reply.send(result);
    return sendProblem(reply, 422, {
      code: 'CONFIG_REJECTED',
      title: 'The configuration is not usable; nothing was changed',
      detail: result.errors.join('\n'),
      errors: result.errors,
    });
  });
  app.get('/api/v1/resources', (_request, reply) => reply.send({ resources: ports.status().resources }));
  app.get<{ Params: { name: string } }>('/api/v1/resources/:name', (request, reply) => {
    const { name } = request.params;
    const resource = statusOf(ports, name);
    return resource ? reply.send(resource) : sendProblem(reply, 404, unknownResource(name));
  });
  app.post<{ Params: { name: string } }>('/api/v1/resources/:name/restart', admin, async (request, reply) => {
    const { name } = request.params;
    if (!statusOf(ports, name)) return sendProblem(reply, 404, unknownResource(name));
    if (await ports.restart(name)) return reply.send(statusOf(ports, name));
    return sendProblem(reply, 409, {
      code: 'HTTP_NOT_ENABLED',
      title: 'Not enabled',
      detail: `The resource "${name}" is not enabled.`,
      fix: 'Enable it in the configuration.',
    });
  });
  app.get('/', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
      )
      .header('cache-control', 'no-store')
      .send(renderPage(ports.status(), ports.settings().metricsPath)),
  );

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
  app.setErrorHandler((error: { statusCode?: number; message: string }, _request, reply) =>
    sendProblem(reply, error.statusCode ?? 500, {
      code: error.statusCode && error.statusCode < 500 ? 'HTTP_BAD_REQUEST' : 'INTERNAL_FAILED',
      title: 'The request failed',
      detail: error.message,
    }),
  );
  return app;
}

async function answerScrape(
  ports: HttpPorts,
  compressor: Compressor,
  request: FastifyRequest,
  reply: Reply,
): Promise<Reply> {
  const started = performance.now();
  let selection: Selection;
  try {
    selection = selectResources(request.query as SelectionQuery, ports.status().resources);
  } catch (error) {
    if (!(error instanceof UnknownNameError)) throw error;
    ports.scraped(404, 'text', (performance.now() - started) / 1000);
    return sendProblem(reply, 404, unknownName(error.message));
  }
  const { scrapeTimeoutOffsetMs } = ports.settings();
  const budget = scrapeBudgetMs(
    request.headers['x-prometheus-scrape-timeout-seconds'],
    scrapeTimeoutOffsetMs,
  );
  const wanted = negotiate(request.headers.accept, { created: ports.settings().openmetricsCreated });
  const { encoding, parts } = await ports.scrape(selection, budget, wanted);
  const { contentType } = encoding === wanted ? wanted : negotiate(undefined);
  ports.scraped(200, encoding.format.replace('-created', ''), (performance.now() - started) / 1000);
  reply.type(contentType).header('vary', 'Accept, Accept-Encoding');
  const coding = acceptedCoding(request.headers['accept-encoding']);
  const bytes = lengthOf(parts);
  if (coding === undefined || bytes < MIN_COMPRESSED_BYTES) return reply.send(Buffer.concat(parts));
  return reply.header('content-encoding', coding).send(await compressor.compress(parts, coding));
}

function withoutSchemas(): never {
  throw new Error('No route has a schema.');
}

type Reply = Parameters<typeof sendProblem>[0];

const statusOf = (ports: HttpPorts, name: string) =>
  ports.status().resources.find((resource) => resource.name === name);

const unknownResource = (name: string) => unknownName(`There is no resource "${name}".`);

const unknownName = (detail: string) => ({
  code: 'HTTP_UNKNOWN_NAME',
  title: 'Not configured',
  detail,
  fix: 'GET /api/v1/resources lists the names.',
});
