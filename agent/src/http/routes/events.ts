import type { FastifyInstance } from 'fastify';
import { EVENT_TYPES } from '../../events.ts';
import type { RouteContext } from '../ports.ts';
import { sendProblem } from '../problem.ts';
import { choicesOf, readQuery } from '../query.ts';
import { summaryFor } from './agent.ts';

/** After this many seconds who was refused a stream may ask again. */
const RETRY_AFTER_SECONDS = 10;

/** `/api/v1/events`: what changes, as it changes. */
export function eventRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get('/api/v1/events', { exposeHeadRoute: false }, async (request, reply) => {
    const types = choicesOf(readQuery(request.query, ['types']), 'types', EVENT_TYPES);
    const stream = context.ports.events.open(
      new Set(types.length > 0 ? types : EVENT_TYPES),
      await summaryFor(request, context),
    );
    if (!stream) {
      return sendProblem(reply.header('retry-after', RETRY_AFTER_SECONDS), 503, {
        code: 'HTTP_BUSY',
        title: 'No room for another stream of events',
        detail: 'As many streams of events are open as the agent allows, or it is ending.',
        fix: 'Close a page or program that reads events, or ask again later.',
      });
    }
    return (
      reply
        .type('text/event-stream; charset=utf-8')
        // Proxies that wait for more before they pass on what they have would hold events back.
        .header('x-accel-buffering', 'no')
        // A stream ends with the agent or its address, which do not wait for a connection that is left open.
        .header('connection', 'close')
        .send(stream)
    );
  });
}
