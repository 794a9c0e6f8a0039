import { dirname, isAbsolute, join } from 'node:path';
import type { CheckedFile } from './check-file.ts';
import { placeOf } from './place.ts';
import type { SourceFiles } from './source-files.ts';
import type { Diagnostic } from './types.ts';
import { type CheckedWebFile, checkWebFile, NO_WEB_FILE } from './web-file.ts';

/** The web configuration that the command line names, or else `web.config_file`. */
export async function loadWebFile(
  main: CheckedFile,
  sources: SourceFiles,
  named: string | undefined,
): Promise<CheckedWebFile & { readonly file: string | undefined }> {
  const written: unknown = main.raw.web?.config_file;
  const file = named ?? (typeof written === 'string' ? besides(main.file, written) : undefined);
  if (file === undefined) return { ...NO_WEB_FILE, file };
  const at = ['web', 'config_file'];
  const cantRead = (reason: string): Diagnostic => ({
    code: 'CONFIG_UNREADABLE_FILE',
    class: 'config',
    message: named === undefined ? `can't read "${written}": ${reason}` : `the file can't be read: ${reason}`,
    fix: 'create it, or correct the path',
    ...(named === undefined
      ? { path: at, ...placeOf(main.top, at) }
      : { path: [], file: named, line: 1, column: 1 }),
  });
  return { ...(await checkWebFile(file, sources, cantRead)), file };
}

/** As messages show it: relative if the path of the file that names it is. */
const besides = (file: string, name: string): string => (isAbsolute(name) ? name : join(dirname(file), name));
