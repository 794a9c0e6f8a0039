import type { InformerError } from '@dynamic-informer/sdk';
import type { FastifyInstance } from 'fastify';
import type { Operation } from '../../overrides/operations.ts';
import type { ResourceStatus } from '../../status.ts';
import { inWords } from '../access.ts';
import { type OperationBody, readOperationBody } from '../operation-body.ts';
import type { RouteContext } from '../ports.ts';
import { sendProblem, unknownName } from '../problem.ts';
import { countOf, MAX_PAGE, readQuery } from '../query.ts';
import { listResources } from '../resource-list.ts';

const OPERATIONS = ['enable', 'disable', 'restart', 'collect'] as const satisfies Operation[];

interface Named {
  Params: { name: string };
}

/** `/api/v1/resources`: what each resource is and does, and what people may do with it while the agent runs. */
export function resourceRoutes(app: FastifyInstance, { ports, admin, whoIs }: RouteContext): void {
  app.get('/api/v1/resources', (request, reply) => reply.send(listResources(request.query, ports)));
  app.get<Named>('/api/v1/resources/:name', async (request, reply) => {
    readQuery(request.query, []);
    const { name } = request.params;
    const settings = await ports.settingsOf(name);
    const status = ports.statusOf(name);
    if (!status) return sendProblem(reply, 404, unknownResource(name));
    return reply.send({ ...status, history: ports.historyOf(name), settings });
  });
  for (const operation of OPERATIONS) {
    app.post<Named>(`/api/v1/resources/:name/${operation}`, admin, async (request, reply) => {
      const { name } = request.params;
      let body: OperationBody;
      try {
        body = readOperationBody(request.body, operation === 'enable' || operation === 'disable');
      } catch (error) {
        const { message, fix = '', code } = error as InformerError;
        return sendProblem(reply, 400, {
          code,
          title: 'Bad request',
          detail: `${sentence(message)}.`,
          fix: `${sentence(fix)}.`,
        });
      }
      const result = await ports.operate(operation, name, { by: inWords(whoIs(request)), ...body });
      const status = ports.statusOf(name);
      if (result === 'unknown' || !status) return sendProblem(reply, 404, unknownResource(name));
      if (result === 'done') return reply.send(status);
      return sendProblem(reply, 409, notEnabled(status));
    });
  }
  app.get('/api/v1/audit', (request, reply) => {
    const limit = countOf(readQuery(request.query, ['limit']), 'limit', MAX_PAGE) ?? 50;
    return reply.send({ entries: ports.audit(limit) });
  });
}

const unknownResource = (name: string) => unknownName(`There is no resource "${name}".`);

function notEnabled({ name, override }: ResourceStatus) {
  const who = override && ` ${override.by} has disabled it${override.reason ? `: ${override.reason}` : ''}.`;
  return {
    code: 'HTTP_NOT_ENABLED',
    title: 'Not enabled',
    detail: `The resource "${name}" is not enabled.${who ?? ''}`,
    fix: `"informer enable ${name}" enables it now; enabled: true in the configuration for good.`,
  };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
