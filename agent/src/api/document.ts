import { VERSION } from '../version.ts';
import { COMPONENTS, refusals } from './answers.ts';
import { PATHS } from './paths.ts';

function writeDocument(): string {
  const names = new Map(Object.entries(COMPONENTS).map(([name, schema]) => [JSON.stringify(schema), name]));
  // Schemas are used in one another; in the document each stands once and is referred to.
  const referring = (value: unknown, isTop = false): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const name = isTop ? undefined : names.get(JSON.stringify(value));
    if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
    if (Array.isArray(value)) return value.map((item) => referring(item));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, referring(inner)]));
  };
  return JSON.stringify({
    openapi: '3.1.0',
    info: {
      title: 'Dynamic informer',
      version: VERSION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'What a running agent shows and lets be changed. Everything that is refused is answered with a problem document (RFC 9457); a path that is called with another method with 405.',
    },
    // Where the web configuration asks everybody to log in.
    security: [{ basic: [] }, { token: [] }, { certificate: [] }, {}],
    servers: [{ url: '/' }],
    tags: [
      { name: 'metrics', description: 'For scrapers.' },
      { name: 'resources', description: 'What is monitored.' },
      { name: 'catalog', description: 'What can be monitored, and which metrics there are.' },
      { name: 'changes', description: 'What people do while the agent runs.' },
      { name: 'agent', description: 'The agent itself.' },
      { name: 'page', description: 'For browsers.' },
    ],
    paths: referring(guarded(PATHS)),
    components: {
      schemas: Object.fromEntries(
        Object.entries(COMPONENTS).map(([name, schema]) => [name, referring(schema, true)]),
      ),
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'A user of `basic_auth_users`.' },
        certificate: { type: 'mutualTLS', description: 'A certificate of the client.' },
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'The content of `web.admin.token_file`. Over the unix socket nothing is needed.',
        },
      },
    },
  });
}

/** Every operation can be refused before its route is asked. */
function guarded(paths: typeof PATHS) {
  const entries = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]: [string, { responses: object }]) => [
        method,
        { ...operation, responses: { ...refusals(401, 403, 429), ...operation.responses } },
      ]),
    ),
  ]);
  return Object.fromEntries(entries);
}

/** The OpenAPI 3.1 document of every route, as text. */
export const OPENAPI_DOCUMENT = writeDocument();
