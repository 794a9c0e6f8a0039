import type { FastifyInstance } from 'fastify';
import type { RouteContext } from '../ports.ts';
import { sendProblem, unknownName } from '../problem.ts';
import { readQuery } from '../query.ts';

/** `/api/v1/plugins`: what resources can be made with. */
export function pluginRoutes(app: FastifyInstance, { ports }: RouteContext): void {
  app.get('/api/v1/plugins', async (request, reply) => {
    readQuery(request.query, []);
    return reply.send({ plugins: await ports.plugins() });
  });
  app.get<{ Params: { name: string } }>('/api/v1/plugins/:name', async (request, reply) => {
    readQuery(request.query, []);
    const { name } = request.params;
    const plugin = await ports.plugin(name);
    if (plugin) return reply.send(plugin);
    const problem = unknownName(`There is no plugin "${name}".`);
    return sendProblem(reply, 404, { ...problem, fix: 'GET /api/v1/plugins lists the names.' });
  });
}
