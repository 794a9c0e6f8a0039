import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type ConfigProblem, type Static, Type, targetError } from '@dynamic-informer/sdk';
import { readText } from './file.ts';
import { basicAuthorization } from './url.ts';

/** How a request says who asks, in the words of Prometheus' HTTP configuration: keys to spread into a schema. */
export const authKeys = {
  basic_auth: Type.Optional(
    Type.Object(
      {
        username: Type.String({ description: 'The user.' }),
        password: Type.Optional(Type.String({ secret: true, description: 'The password.' })),
        password_file: Type.Optional(
          Type.String({ description: 'A file that holds the password; read for every collect.' }),
        ),
      },
      { description: 'User and password, sent as HTTP basic authentication.' },
    ),
  ),
  authorization: Type.Optional(
    Type.Object(
      {
        type: Type.String({
          default: 'Bearer',
          description: 'The scheme, which comes before the credentials.',
        }),
        credentials: Type.Optional(Type.String({ secret: true, description: 'The token.' })),
        credentials_file: Type.Optional(
          Type.String({ description: 'A file that holds the token; read for every collect.' }),
        ),
      },
      { description: 'A token, sent in the header Authorization.' },
    ),
  ),
  headers: Type.Optional(
    Type.Record(Type.String(), Type.String({ secret: true }), { description: 'Headers to send, by name.' }),
  ),
};

const authConfig = Type.Object(authKeys);
export type AuthConfig = Static<typeof authConfig>;

/** What the schema can't say about these keys. */
export function* checkAuth(config: AuthConfig): Iterable<ConfigProblem> {
  const { basic_auth, authorization, headers = {} } = config;
  if (basic_auth && authorization) {
    yield {
      path: ['authorization'],
      message: 'there are both "basic_auth" and "authorization", which are the same header',
      fix: 'remove one of the two',
    };
  }
  if (basic_auth?.password !== undefined && basic_auth.password_file !== undefined) {
    yield {
      path: ['basic_auth', 'password_file'],
      message: 'there is a "password" too',
      fix: 'remove one of the two',
    };
  }
  if (
    authorization &&
    (authorization.credentials === undefined) === (authorization.credentials_file === undefined)
  ) {
    yield {
      path: ['authorization'],
      message: 'there is not exactly one of "credentials" and "credentials_file"',
      fix: 'write one of the two',
    };
  }
  if (authorization?.credentials !== undefined) {
    const problem = headerProblem('authorization', `${authorization.type} ${authorization.credentials}`);
    if (problem) yield { path: ['authorization', 'credentials'], ...problem };
  }
  for (const [name, value] of Object.entries(headers)) {
    const problem = headerProblem(name, value);
    if (problem) yield { path: ['headers', name], ...problem };
  }
}

/**
 * The headers to send, with lower-case names; secrets in files are read.
 * @throws a target error that names key and file
 */
export async function readAuth(config: AuthConfig, directory: string): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  const { basic_auth: basic, authorization: token } = config;
  const secret = async (key: string, path: string) =>
    (await readText(key, path, directory)).replace(/\r?\n$/, '');
  if (basic) {
    const { username, password = '', password_file: path } = basic;
    headers.authorization = basicAuthorization(
      username,
      path === undefined ? password : await secret('basic_auth.password_file', path),
    );
  }
  if (token) {
    const { type, credentials = '', credentials_file: path } = token;
    const value = path === undefined ? credentials : await secret('authorization.credentials_file', path);
    headers.authorization = `${type} ${value}`;
    const problem = headerProblem('authorization', headers.authorization);
    if (problem) throw targetError(`authorization: ${problem.message}.`, { fix: problem.fix });
  }
  for (const [name, value] of Object.entries(config.headers ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}

/** The values are secrets, so the message does not show them. */
function headerProblem(name: string, value: string): { message: string; fix: string } | undefined {
  try {
    validateHeaderName(name);
  } catch {
    return { message: `"${name}" is not the name of a header`, fix: 'use letters, digits and "-"' };
  }
  try {
    validateHeaderValue(name, value);
  } catch {
    return { message: 'the value holds a character that a header can not', fix: 'use one line of text' };
  }
  return undefined;
}
