import type { FastifyInstance } from 'fastify';
import { inWords } from '../access.ts';
import type { RouteContext } from '../ports.ts';
import { sendProblem } from '../problem.ts';

/** `/-/`: what supervisors ask, and looking again at the configuration. */
export function operationRoutes(app: FastifyInstance, { ports, admin, whoIs }: RouteContext): void {
  app.get('/-/healthy', (_request, reply) => reply.type('text/plain').send('The agent is alive.\n'));
  app.get('/-/ready', (_request, reply) => {
    const ready = ports.ready();
    const text = ready ? 'Every resource has opened or failed.\n' : 'Some resources are still opening.\n';
    return reply
      .code(ready ? 200 : 503)
      .type('text/plain')
      .send(text);
  });
  app.post('/-/reload', admin, async (request, reply) => {
    const result = await ports.reload(inWords(whoIs(request)));
    if (result.successful) return reply.send(result);
    return sendProblem(reply, 422, {
      code: 'CONFIG_REJECTED',
      title: 'The configuration is not usable; nothing was changed',
      detail: result.errors.join('\n'),
      errors: result.errors,
      diagnostics: result.diagnostics,
    });
  });
}
