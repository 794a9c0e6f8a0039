import { SHOWN_STATES } from '../contract.ts';
import { EVENT_TYPES } from '../events.ts';
import { MAX_PAGE } from '../http/query.ts';
import { CHANGES, inPath, json, paging, query, refusals, several, text } from './answers.ts';
import * as catalog from './catalog.ts';
import * as operations from './operations.ts';
import { metric } from './parts.ts';
import * as plan from './plan.ts';
import * as resources from './resources.ts';

const RESOURCE = inPath('name', 'The name of a resource of the configuration.');

const body = (schema: object) => ({
  requestBody: { required: false, content: { 'application/json': { schema } } },
});

const operation = (summary: string, description: string, schema: object) => ({
  post: {
    tags: ['changes'],
    summary,
    description: `${description} A header X-Informer-User says who asks; it is believed over the unix socket only.`,
    parameters: [RESOURCE],
    ...CHANGES,
    ...body(schema),
    responses: {
      200: json('What it is now.', resources.resourceStatus),
      ...refusals(400, 401, 404, 409, 413, 415),
    },
  },
});

const EVENTS = `A stream of server-sent events; the data of each is one line of JSON, and \`id\` rises.
- \`hello\`, once, first: an AgentSummary. Whoever connects anew reads the lists again: nothing is sent twice.
- \`resource\`: the ResourceStatus of a resource of which something has changed that does not change with each collect anyway; changes within 200 ms are one event. \`removed\`: \`{name}\` of one that is not configured any more.
- \`collected\`: a list of CollectedEvent, once a second at most.
- \`reload\`: \`{at, result}\` as in AgentSummary.
- \`audit\`: an AuditEntry.

A comment comes every 15 seconds. A client that leaves a megabyte unread is dropped. At most 32 streams are open at one time.`;

/** Every route of the agent, as the document shows it. */
export const PATHS = {
  '/metrics': {
    get: {
      tags: ['metrics'],
      summary: 'The metrics of all resources and of the agent',
      description:
        'Scrapers negotiate text 0.0.4 and 1.0.0, OpenMetrics 1.0.0, protobuf, gzip and zstd. The path is `web.metrics_path`.',
      parameters: [
        several('resource', 'Only these resources, and their `informer_*` series.'),
        several('plugin', 'Only resources of these plugins.'),
        several('collect[]', 'The same as `resource`.'),
        several('exclude[]', 'Not these resources.'),
      ],
      responses: { 200: text('An exposition.'), ...refusals(404) },
    },
  },
  '/probe': {
    get: {
      tags: ['metrics'],
      summary: 'Collects a resource once for a target of the caller',
      description: 'Only resources that say `probe: true`.',
      parameters: [
        { ...query('target', 'What to collect.'), required: true },
        query('resource', 'Whose settings are used.'),
        query('plugin', 'Instead of `resource`, where its plugin has one such resource only.'),
        query('debug', '`true`: what it did, for people.', { type: 'string', enum: ['true', 'false'] }),
      ],
      responses: { 200: text('An exposition.'), ...refusals(400, 404, 429, 502, 504) },
    },
  },
  '/': {
    get: { tags: ['page'], summary: 'The page for people', responses: { 200: text('A page.', 'text/html') } },
  },
  '/plain': {
    get: {
      tags: ['page'],
      summary: 'The same as a list, for browsers without JavaScript',
      responses: { 200: text('A page.', 'text/html') },
    },
  },
  '/page/{name}': {
    get: {
      tags: ['page'],
      summary: "The page's script and style, by names that change with what is in them",
      parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
      responses: { 200: text('A file.', 'text/javascript'), ...refusals(404) },
    },
  },
  '/-/healthy': {
    get: { tags: ['agent'], summary: 'Whether the agent is alive', responses: { 200: text('It is.') } },
  },
  '/-/ready': {
    get: {
      tags: ['agent'],
      summary: 'Whether every resource has opened or failed',
      responses: { 200: text('Each has, or ten seconds have passed.'), 503: text('Some are still opening.') },
    },
  },
  '/-/reload': {
    post: {
      tags: ['changes'],
      summary: 'Looks again at the configuration, and waits for what comes of it',
      ...CHANGES,
      responses: { 200: json('What has changed.', resources.reloadResult), ...refusals(401, 422) },
    },
  },
  '/api/v1/agent': {
    get: {
      tags: ['agent'],
      summary: 'The agent as a whole',
      responses: { 200: json('What it is.', resources.agentSummary), ...refusals(400) },
    },
  },
  '/api/v1/resources': {
    get: {
      tags: ['resources'],
      summary: 'What each resource is and does',
      description: "Without `limit` and `after` they come in the configuration's order.",
      parameters: [
        several('state', 'Only in these states.', { type: 'string', enum: SHOWN_STATES }),
        several('plugin', 'Only of these plugins, each of which has a resource.'),
        query('search', 'Only those whose name, plugin or errors have this in them, in any case.'),
        ...paging(MAX_PAGE),
        several('include', '`history`: the last collects of each.', { type: 'string', enum: ['history'] }),
      ],
      responses: { 200: json('The resources.', resources.resourceList), ...refusals(400, 404) },
    },
  },
  '/api/v1/resources/{name}': {
    get: {
      tags: ['resources'],
      summary: 'All that is known of a resource',
      parameters: [RESOURCE],
      responses: { 200: json('The resource.', resources.resourceDetails), ...refusals(400, 404) },
    },
  },
  '/api/v1/resources/{name}/enable': operation(
    'Enables a resource',
    'It stays so over restarts of the agent.',
    operations.switchBody,
  ),
  '/api/v1/resources/{name}/disable': operation(
    'Disables a resource',
    'It stays so over restarts of the agent.',
    operations.switchBody,
  ),
  '/api/v1/resources/{name}/restart': operation(
    'Opens a resource anew',
    'The old collector goes on if that fails. A quarantine is over.',
    operations.actionBody,
  ),
  '/api/v1/resources/{name}/collect': operation(
    'Collects a resource now',
    'Answers when the collect has ended.',
    operations.actionBody,
  ),
  '/api/v1/plan': {
    post: {
      tags: ['changes'],
      summary: 'What a look at the configuration would change',
      description: 'Resources that would be opened or changed are tried in hosts of their own.',
      parameters: [
        query('series', '`false`: without trying which series would come and go.', {
          type: 'string',
          enum: ['true', 'false'],
        }),
      ],
      ...CHANGES,
      ...body({
        type: 'object',
        properties: {
          config: { type: 'string', description: 'Another file, absolute; over the unix socket only.' },
        },
        additionalProperties: false,
      }),
      responses: {
        200: json('The plan.', plan.changePlan),
        ...refusals(400, 401, 403, 409, 413, 415, 422),
      },
    },
  },
  '/api/v1/logs': {
    get: {
      tags: ['agent'],
      summary: "The last lines of the agent's log",
      parameters: [
        query('resource', 'Only what is about this resource.'),
        query('level', 'Only this level and what is more severe.', operations.logLine.properties.level),
        query('limit', 'How many at most.', { type: 'integer', minimum: 1 }),
      ],
      responses: { 200: json('The lines.', operations.logLines), ...refusals(400, 404) },
    },
  },
  '/api/v1/audit': {
    get: {
      tags: ['changes'],
      summary: 'Who did what while the agent ran',
      parameters: [
        query('limit', 'How many at most; 50 by default.', {
          type: 'integer',
          minimum: 1,
          maximum: MAX_PAGE,
        }),
      ],
      responses: { 200: json('The last entries.', operations.auditList), ...refusals(400) },
    },
  },
  '/api/v1/plugins': {
    get: {
      tags: ['catalog'],
      summary: 'What resources can be made with',
      responses: { 200: json('The plugins.', catalog.pluginList), ...refusals(400) },
    },
  },
  '/api/v1/plugins/{name}': {
    get: {
      tags: ['catalog'],
      summary: 'A plugin with the schema of its configuration and its metrics',
      description: 'It is loaded in a process of its own if nobody has asked since its code changed.',
      parameters: [inPath('name', 'The name of a plugin.')],
      responses: { 200: json('The plugin.', catalog.pluginDetails), ...refusals(400, 404) },
    },
  },
  '/api/v1/metadata': {
    get: {
      tags: ['catalog'],
      summary: 'Every metric that is or may be exposed, and where it comes from',
      parameters: [
        query('search', 'Only those whose name, help or labels have this in them, in any case.'),
        several('resource', 'Only those of these resources.'),
        several('plugin', 'Only those of resources of these plugins.'),
        several('type', 'Only of these types.', metric.type),
        ...paging(MAX_PAGE),
      ],
      responses: { 200: json('The metrics.', catalog.metadataList), ...refusals(400, 404) },
    },
  },
  '/api/v1/events': {
    get: {
      tags: ['resources'],
      summary: 'What changes, as it changes',
      description: EVENTS,
      parameters: [
        several('types', 'Only these events; `removed` comes with `resource`.', {
          type: 'string',
          enum: EVENT_TYPES,
        }),
      ],
      responses: { 200: text('Events, without an end.', 'text/event-stream'), ...refusals(400, 503) },
    },
  },
  '/openapi.json': {
    get: {
      tags: ['agent'],
      summary: 'This document',
      responses: { 200: json('An OpenAPI 3.1 document.', { type: 'object' }) },
    },
  },
};
