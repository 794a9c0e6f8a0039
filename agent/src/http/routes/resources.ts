import type { FastifyInstance } from 'fastify';
import type { HttpPorts, RouteContext } from '../ports.ts';
import { sendProblem, unknownName } from '../problem.ts';

/** `/api/v1/resources`: what each resource is and does, and what people may do with it while the agent runs. */
export function resourceRoutes(app: FastifyInstance, { ports, admin }: RouteContext): void {
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
}

const statusOf = (ports: HttpPorts, name: string) =>
  ports.status().resources.find((resource) => resource.name === name);

const unknownResource = (name: string) => unknownName(`There is no resource "${name}".`);
