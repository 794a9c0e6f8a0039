import { configError } from '@dynamic-informer/sdk';
import { errorTable } from '../error-table.ts';

/** Prints every code with what it means and how to mend it, or one. */
export function printErrors(code: string | undefined): void {
  const entries = errorTable.filter((entry) => code === undefined || entry.code === code.toUpperCase());
  if (entries.length === 0) {
    throw configError(`There is no error code "${code}".`, { fix: 'list them with "informer errors"' });
  }
  for (const { code: name, class: errorClass, message, fix } of entries) {
    process.stdout.write(`${name} (${errorClass})\n  ${message}\n  ${fix}\n`);
  }
}
