import type { FastifyInstance } from 'fastify';

/** `/openapi.json`: the description of all routes. Its parts are loaded when somebody first asks. */
export function openApiRoutes(app: FastifyInstance): void {
  app.get('/openapi.json', async (_request, reply) => {
    const { OPENAPI_DOCUMENT } = await import('../../api/document.ts');
    return reply.type('application/json; charset=utf-8').send(OPENAPI_DOCUMENT);
  });
}
