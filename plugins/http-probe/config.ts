import { authKeys, checkAuth } from '@dynamic-informer/lib-http/auth';
import { checkTls, tlsConfig } from '@dynamic-informer/lib-http/tls';
import { shownUrl } from '@dynamic-informer/lib-http/url';
import { type ConfigProblem, type Static, Type } from '@dynamic-informer/sdk';
import { compilePattern } from './pattern.ts';
import { statusRange } from './status.ts';

const patterns = (description: string) => Type.Array(Type.String(), { default: [], description });

const headerChecks = (description: string) =>
  Type.Array(
    Type.Object({
      header: Type.String({ minLength: 1, description: 'Name of the header.' }),
      regex: Type.String({ description: 'Regular expression for its value.' }),
      allow_missing: Type.Boolean({
        default: false,
        description: 'Whether an answer without the header passes.',
      }),
    }),
    { default: [], description },
  );

export const config = Type.Object({
  targets: Type.Array(Type.String(), { minItems: 1, description: 'URLs to probe, http or https.' }),
  method: Type.Union(
    [
      Type.Literal('GET'),
      Type.Literal('HEAD'),
      Type.Literal('POST'),
      Type.Literal('PUT'),
      Type.Literal('PATCH'),
      Type.Literal('DELETE'),
      Type.Literal('OPTIONS'),
    ],
    { default: 'GET', description: 'Method of the request.' },
  ),
  body: Type.Optional(Type.String({ description: 'Body of the request.' })),
  ...authKeys,
  valid_status: Type.Array(Type.Union([Type.Integer(), Type.String()]), {
    minItems: 1,
    default: ['2xx'],
    description: 'Status codes that are a success: a code (204), a class (2xx) or a range (300-303).',
  }),
  body_matches: patterns('Regular expressions that all have to match the body.'),
  body_not_matches: patterns('Regular expressions of which none may match the body.'),
  header_matches: headerChecks('Headers of which some value has to match.'),
  header_not_matches: headerChecks('Headers of which no value may match.'),
  follow_redirects: Type.Boolean({ default: true, description: 'Whether to go where a redirect points.' }),
  max_redirects: Type.Integer({
    minimum: 0,
    default: 10,
    description: 'Redirects to follow; one more is a failure.',
  }),
  fail_if_ssl: Type.Boolean({ default: false, description: 'Fail if the last request went over TLS.' }),
  fail_if_not_ssl: Type.Boolean({
    default: false,
    description: 'Fail if the last request did not go over TLS.',
  }),
  preferred_ip_protocol: Type.Optional(
    Type.Union([Type.Literal('ip4'), Type.Literal('ip6')], {
      description: "Which address of a name to probe. Without it: the first one, in the system's order.",
    }),
  ),
  ip_protocol_fallback: Type.Boolean({
    default: true,
    description: 'Whether the other protocol will do when a name has no address of the preferred one.',
  }),
  max_body_bytes: Type.Integer({
    minimum: 0,
    default: 10 * 2 ** 20,
    description:
      'A longer body, counted after decoding, is a failure; no more than this is read and matched.',
  }),
  timeout: Type.Optional(
    Type.String({
      format: 'duration',
      description:
        "Time for one target, redirects included. Without it: a little less than the resource's timeout.",
    }),
  ),
  concurrency: Type.Integer({ minimum: 1, default: 64, description: 'Targets to probe at one time.' }),
  tls: Type.Optional(tlsConfig),
});

export type Config = Static<typeof config>;

/** What the schema can't say. */
export function* validate(config: Config): Iterable<ConfigProblem> {
  yield* checkTargets(config.targets);
  yield* checkAuth(config);
  yield* checkTls(config.tls);
  for (const [index, entry] of config.valid_status.entries()) {
    if (statusRange(entry)) continue;
    yield {
      path: ['valid_status', index],
      message: `"${entry}" is not a status code`,
      fix: 'write a code (204), a class (2xx) or a range (300-303)',
    };
  }
  for (const key of ['body_matches', 'body_not_matches'] as const) {
    for (const [index, text] of config[key].entries()) yield* checkPattern([key, index], text);
  }
  for (const key of ['header_matches', 'header_not_matches'] as const) {
    for (const [index, { regex }] of config[key].entries()) yield* checkPattern([key, index, 'regex'], regex);
  }
  if (config.fail_if_ssl && config.fail_if_not_ssl) {
    yield {
      path: ['fail_if_not_ssl'],
      message: 'with "fail_if_ssl" too, every probe fails',
      fix: 'remove one of the two',
    };
  }
}

function* checkTargets(targets: readonly string[]): Iterable<ConfigProblem> {
  const seen = new Set<string>();
  for (const [index, target] of targets.entries()) {
    const path = ['targets', index];
    const shown = shownUrl(target);
    const protocol = URL.canParse(target) ? new URL(target).protocol : undefined;
    if (protocol !== 'http:' && protocol !== 'https:') {
      const fix = `write it whole, such as http://${target.includes('//') ? 'shop.example/health' : shown}`;
      yield { path, message: `"${shown}" is not an http or https URL`, fix };
    } else if (seen.has(shown)) {
      const message = `the target "${shown}" is there twice, and would expose the same series twice`;
      yield { path, message, fix: 'remove one, or probe it in a resource of its own' };
    }
    seen.add(shown);
  }
}

function* checkPattern(path: ConfigProblem['path'], text: string): Iterable<ConfigProblem> {
  try {
    compilePattern(text);
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: /, '');
    yield { path, message: `it is not a regular expression: ${reason}`, fix: 'correct the expression' };
  }
}
