import { readFile } from 'node:fs/promises';
import { excerpt, formatDiagnostic } from '../config/diagnostic.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import type { Diagnostic } from '../config/types.ts';
import { HostPool } from '../hosts/pool.ts';
import { createLog } from '../log.ts';
import { Redactor } from '../redactor.ts';
import { checkConfig } from '../reload/check-config.ts';
import { catalogOf } from '../reload/resolve.ts';
import { configFile } from './output.ts';
import { loadPlugins } from './plugins.ts';
import { processHosts } from './start-host.ts';

interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly schema?: boolean;
}

/** Validates a configuration as a reload would, plugins' own schemas included, and touches nothing. */
export async function check(options: CheckOptions): Promise<void> {
  const redactor = new Redactor();
  const log = createLog({ level: 'error', format: 'logfmt', redactor });
  const pool = new HostPool(processHosts(log, { stateFolder: () => undefined }));
  try {
    if (options.schema) {
      const plugins = await loadPlugins(pool, [...catalogOf().values()]);
      process.stdout.write(`${JSON.stringify(configJsonSchema(plugins), null, 2)}\n`);
      return;
    }
    const file = configFile(options.config);
    const { issues, config } = await checkConfig(file, process.env, pool, redactor);
    if (options.json) {
      process.stdout.write(`${redactor.redact(JSON.stringify(issues, null, 2))}\n`);
    } else {
      for (const issue of issues) process.stdout.write(`${redactor.redact(await withExcerpt(issue))}\n`);
      if (issues.length === 0)
        process.stdout.write(`${file}: valid, ${config?.resources.length ?? 0} resources\n`);
    }
    process.exitCode = issues.length > 0 ? 1 : 0;
  } finally {
    await pool.stop();
  }
}

async function withExcerpt(issue: Diagnostic): Promise<string> {
  const source = await readFile(issue.file, 'utf8').catch(() => '');
  const shown = source === '' ? '' : `\n${excerpt(issue, source).replace(/^/gm, '    ')}`;
  return `${formatDiagnostic(issue)}${shown}`;
}
