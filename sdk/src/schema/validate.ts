import type { ErrorInfo } from '../errors.ts';
import type { TSchema } from './schema.ts';

export interface ConfigIssue extends ErrorInfo {
  readonly path: readonly (string | number)[];
  readonly on: 'key' | 'value';
}
export interface Checked {
  readonly value: unknown;
  readonly issues: ConfigIssue[];
  readonly secrets: string[];
}
export interface CheckOptions {
  coerce?: (path: readonly (string | number)[]) => boolean;
}

export async function compileSchema(
  schema: TSchema,
): Promise<(value: unknown, options?: CheckOptions) => Checked> {
  const [{ Ajv }, formats] = await Promise.all([import('ajv'), import('ajv-formats')]);
  const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false });
  formats.default.default(ajv, ['uri', 'hostname', 'ipv4', 'ipv6', 'regex']);
  ajv.addFormat('duration', /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/);
  ajv.addFormat('size', /^\d+(?:\.\d+)?(?:B|KB|KiB|MB|MiB|GB|GiB)$/);
  const validate = ajv.compile(schema);
  return (given) => {
    const value: unknown = structuredClone(given);
    if (validate(value)) return { value, issues: [], secrets: [] };
    const issues = (validate.errors ?? []).map(
      (error): ConfigIssue => ({
        code: 'CONFIG_BAD_VALUE',
        class: 'config',
        path: error.instancePath.split('/').slice(1),
        on: 'value',
        message: error.message ?? 'is wrong',
      }),
    );
    return { value, issues, secrets: [] };
  };
}
