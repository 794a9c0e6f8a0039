import type { ErrorInfo } from '../errors.ts';

export function overLimit(limit = 0): ErrorInfo {
  return {
    code: 'LIMIT_SERIES',
    class: 'config',
    message: `More than ${limit} series; the first ones are kept.`,
    fix: 'Raise max_series, or drop what is not needed with relabel.',
  };
}
