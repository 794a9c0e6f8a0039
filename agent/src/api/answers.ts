import type { TSchema } from '@dynamic-informer/sdk';
import * as catalog from './catalog.ts';
import * as operations from './operations.ts';
import { errorInfo, reportedDiagnostic } from './parts.ts';
import * as plan from './plan.ts';
import * as resources from './resources.ts';

// What the paths of the document are made of.

/** Schemas with a name of their own in the document. */
export const COMPONENTS: Readonly<Record<string, TSchema>> = {
  AgentSummary: resources.agentSummary,
  AuditEntry: operations.auditEntry,
  AuditList: operations.auditList,
  ChangePlan: plan.changePlan,
  CollectedEvent: operations.collectedEvent,
  CollectHistory: resources.collectHistory,
  ErrorInfo: errorInfo,
  LogLines: operations.logLines,
  MetadataList: catalog.metadataList,
  MetricEntry: catalog.metricEntry,
  Override: resources.override,
  PluginDetails: catalog.pluginDetails,
  PluginList: catalog.pluginList,
  PluginSummary: catalog.pluginSummary,
  Problem: operations.problem,
  ReloadResult: resources.reloadResult,
  ReportedDiagnostic: reportedDiagnostic,
  ResourceDetails: resources.resourceDetails,
  ResourceList: resources.resourceList,
  ResourceSettings: resources.resourceSettings,
  ResourceStatus: resources.resourceStatus,
};

export const json = (description: string, schema: TSchema) => ({
  description,
  content: { 'application/json': { schema } },
});

export const text = (description: string, type = 'text/plain') => ({
  description,
  content: { [type]: { schema: { type: 'string' } } },
});

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'A parameter, or what is in the body, can not be used.',
  401: 'The credentials are not enough.',
  403: 'It is for others: by network, by name of the agent, by origin, or for the unix socket only.',
  404: 'There is none of that name.',
  409: 'Not in this state: the resource is not enabled, or another one is under way.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The configuration is not usable.',
  429: 'Too many came, or are under way.',
  502: 'The target could not be collected.',
  503: 'There is no room for another one, or the agent is ending.',
  504: 'The target did not answer in time.',
};

/** The answers that refuse a request. */
export const refusals = (...statuses: readonly number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEMS[status] ?? '',
        content: { 'application/problem+json': { schema: operations.problem } },
      },
    ]),
  );

export const query = (name: string, description: string, schema: object = { type: 'string' }) => ({
  name,
  in: 'query',
  description,
  schema,
});

/** A parameter that can stand several times; several values with commas between them are the same. */
export const several = (name: string, description: string, items: object = { type: 'string' }) => ({
  ...query(name, description, { type: 'array', items }),
  style: 'form',
  explode: true,
});

export const inPath = (name: string, description: string) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});

/** Of a list in pages, sorted by name. */
export const paging = (most: number) => [
  query('limit', 'How many at most; without it all of them.', { type: 'integer', minimum: 1, maximum: most }),
  query('after', 'Only those whose name comes after this one, sorted by name: `next` of the page before.'),
];

/** What needs a token, unless it comes over the unix socket. */
export const CHANGES = { security: [{ token: [] }, {}] };
