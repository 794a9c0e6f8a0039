import { Agent } from '../agent.ts';
import { parseListenAddress } from '../config/listen.ts';
import { createLog, type LogOptions } from '../log.ts';
import { RecentLog } from '../recent-log.ts';
import { Redactor } from '../redactor.ts';
import { VERSION } from '../version.ts';
import { configFile } from './output.ts';
import { listenToSignals } from './signals.ts';
import { processHosts } from './start-host.ts';

interface RunOptions {
  readonly config?: string;
  readonly 'web.listenAddress'?: string[];
  readonly 'web.config.file'?: string;
  readonly 'log.level': LogOptions['level'];
  readonly 'log.format': LogOptions['format'];
  readonly printUrl?: boolean;
}

/** Runs the agent until SIGTERM or SIGINT; SIGHUP says "look again". */
export async function run(options: RunOptions): Promise<void> {
  const redactor = new Redactor();
  const recentLog = new RecentLog(redactor);
  const log = createLog({
    level: options['log.level'],
    format: options['log.format'],
    redactor,
    recent: recentLog,
  });
  const file = configFile(options.config);
  const agent = new Agent({
    configFile: file,
    log,
    redactor,
    recentLog,
    startHost: processHosts(log, { redactor }),
    listenAddresses: options['web.listenAddress']?.map((text) => parseListenAddress(text)),
    webConfigFile: options['web.config.file'],
  });
  const signals = listenToSignals();
  log.info('starting', { version: VERSION, node: process.version, pid: process.pid, config: file });
  const result = await agent.start();
  if (!result.successful) {
    for (const error of result.errors) process.stderr.write(`${error}\n`);
    log.error('the first configuration is not usable', { errors: result.errors.length });
    await log.close();
    process.exit(1);
  }
  log.info('listening', { addresses: agent.addresses });
  if (options.printUrl && agent.url) process.stdout.write(`${agent.url}\n`);
  signals.onReload(() => void agent.reload('SIGHUP'));
  const signal = await signals.ended;
  log.info('stopping', { signal });
  await agent.stop();
  log.info('stopped', {});
  await log.close();
  process.exit(0);
}
