import type { FastifyInstance } from 'fastify';
import { HASHED_NAME, PAGE_POLICY, sendPageFile } from '../page-files.ts';
import { renderPlainPage } from '../plain-page.ts';
import type { RouteContext } from '../ports.ts';
import { sendProblem } from '../problem.ts';

/** The page for people, and a plain list for browsers without JavaScript. */
export function pageRoutes(app: FastifyInstance, { ports }: RouteContext): void {
  app.get('/', (request, reply) =>
    sendPageFile(request, reply.header('content-security-policy', PAGE_POLICY), 'index.html'),
  );
  app.get<{ Params: { name: string } }>('/page/:name', (request, reply) => {
    const { name } = request.params;
    if (HASHED_NAME.test(name)) return sendPageFile(request, reply, name);
    return sendProblem(reply, 404, {
      code: 'HTTP_NOT_FOUND',
      title: 'Not found',
      detail: 'The page has no file of that name.',
      fix: 'The page is at /.',
    });
  });
  app.get('/plain', (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      .header('cache-control', 'no-store')
      .send(renderPlainPage(ports.status(), ports.settings().metricsPath)),
  );
}
