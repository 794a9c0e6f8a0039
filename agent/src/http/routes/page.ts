import type { FastifyInstance } from 'fastify';
import { renderPage } from '../page.ts';
import type { RouteContext } from '../ports.ts';

/** The page for people. */
export function pageRoutes(app: FastifyInstance, { ports }: RouteContext): void {
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
}
