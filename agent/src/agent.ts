import { join } from 'node:path';
import type { Logger } from '@dynamic-informer/sdk';
import { type Encoding, TEXT_ENCODING } from '@dynamic-informer/sdk/host';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { AgentConfig } from './config/types.ts';
import { PluginRegister } from './describe/plugin-register.ts';
import { type ResourceSettings, settingsOf } from './describe/settings.ts';
import { EventFeed } from './events.ts';
import type { StartHost } from './hosts/pool.ts';
import { Access } from './http/access.ts';
import { createApp } from './http/app.ts';
import { Listeners } from './http/listeners.ts';
import type { ProbePorts, WebSettings } from './http/ports.ts';
import { Audit } from './overrides/audit.ts';
import { Operations } from './overrides/operations.ts';
import { Overrides } from './overrides/overrides.ts';
import { Pipeline } from './pipeline.ts';
import { Planner } from './plan/planner.ts';
import { Probes } from './probes.ts';
import { RecentLog } from './recent-log.ts';
import type { Redactor } from './redactor.ts';
import { PluginCode } from './reload/plugin-code.ts';
import { ReloadRecord } from './reload/record.ts';
import { type Applied, type Pass, Reloader } from './reload/reloader.ts';
import { WatchedFiles } from './reload/watched-files.ts';
import { ConfigWatcher } from './reload/watcher.ts';
import type { DesiredResource } from './resources/desired.ts';
import { SelfMetrics } from './self/metrics.ts';
import { soon } from './soon.ts';
import type { AgentStatus, ReloadResult } from './status.ts';
import { StatusBoard } from './status-board.ts';
import { VERSION } from './version.ts';

export interface AgentOptions {
  readonly configFile: string;
  readonly log: Logger;
  readonly redactor: Redactor;
  /** What `log` has written lately, for the API. */
  readonly recentLog?: RecentLog;
  readonly startHost: StartHost;
  /** Instead of `web.listen`. */
  readonly listenAddresses?: AgentConfig['web']['listen'] | undefined;
  /** Instead of `web.config_file`; relative to the working directory. */
  readonly webConfigFile?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly watch?: boolean;
}

/** Nobody waits longer than this for resources that open. */
const READY_AFTER_MS = 10_000;

/** Wires the stages together; what happens in them stands in their folders. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #log: Logger;
  readonly #self = new SelfMetrics();
  readonly #events = new EventFeed({
    names: () => this.#wanted.map(({ name }) => name),
    status: (name) => this.#board.of(name),
  });
  readonly #board: StatusBoard;
  readonly #record: ReloadRecord;
  readonly #startedAt = Date.now();
  readonly #pipeline: Pipeline;
  readonly #plugins: PluginRegister;
  readonly #code: PluginCode;
  readonly #files = new WatchedFiles();
  readonly #reloader: Reloader;
  readonly #overrides: Overrides;
  readonly #audit: Audit;
  readonly #probes: Probes;
  readonly #operations: Operations;
  readonly #planner: Planner;
  readonly #access: Access;
  readonly #listeners: Listeners;
  readonly #app: FastifyInstance;
  #watcher: ConfigWatcher | undefined;
  #config: AgentConfig | undefined;
  /** Every resource of the configuration, enabled or not. */
  #wanted: readonly DesiredResource[] = [];
  #opening = true;
  /** Settles when all that reloads have begun is done. */
  #settled: Promise<unknown> = Promise.resolve();

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#record = new ReloadRecord(options.log);
    this.#pipeline = new Pipeline({
      log: options.log,
      redactor: options.redactor,
      startHost: options.startHost,
      self: this.#self,
      renderSelf: (wanted, encoding) => this.#renderSelf(wanted, encoding),
      changed: (name) => this.#events.changed(name),
      collected: (name) => this.#events.collected(name),
      loaded: (code) => {
        if (this.#code.loaded(code)) this.#watcher?.loaded();
      },
    });
    const { pool, reconciler, scheduler, scraper, outcomes } = this.#pipeline;
    this.#plugins = new PluginRegister(pool, (config) => this.#code.look(config));
    this.#code = new PluginCode({ log: options.log });
    const environment = options.environment ?? process.env;
    this.#reloader = new Reloader({
      file: options.configFile,
      environment,
      webConfigFile: options.webConfigFile,
      pool,
      redactor: options.redactor,
      code: this.#code,
      files: this.#files,
      apply: (config, desired) => this.#apply(config, desired),
    });
    this.#probes = new Probes({
      lease: (host, member) => pool.lease(host, member),
      addSecrets: (values) => options.redactor.add(values),
      probed: ({ name, plugin }, outcome) => this.#self.probed(name, plugin.name, outcome),
    });
    this.#audit = new Audit(options.log, (entry) => this.#events.audited(entry));
    this.#overrides = new Overrides({
      log: options.log,
      expired: (resource, override) => this.#operations.expired(resource, override),
    });
    this.#operations = new Operations({
      configured: (name) => this.#config?.resources.find((resource) => resource.name === name)?.enabled,
      applyEnabled: () => this.#applyEnabled().settled,
      restart: (name) => reconciler.restart(name),
      collect: (name) => scheduler.collect(name),
      overrides: this.#overrides,
      audit: this.#audit,
    });
    this.#board = new StatusBoard({
      wanted: () => this.#wanted,
      overrideOf: (name, configured) => this.#operations.overrideOf(name, configured),
      startedAt: this.#startedAt,
      pipeline: this.#pipeline,
      redactor: options.redactor,
    });
    const recentLog = options.recentLog ?? new RecentLog(options.redactor);
    this.#planner = new Planner({
      configFile: options.configFile,
      environment,
      webConfigFile: options.webConfigFile,
      redactor: options.redactor,
      log: options.log,
      startHost: options.startHost,
      look: (config) => this.#code.look(config),
      files: this.#files,
      families: this.#self.families,
      listensElsewhere: options.listenAddresses !== undefined,
      running: () => this.#config && { config: this.#config, resources: this.#pipeline.running() },
      exposed: (name) => this.#board.exposed(name),
      override: (name) => this.#overrides.of(name),
    });
    this.#access = new Access(options.log, (reason) => this.#self.refused(reason));
    const app = createApp(this.#access, {
      status: (only) => this.status(only),
      resources: () => this.#config?.resources ?? [],
      statusOf: (name) => this.#board.of(name),
      historyOf: (name) => outcomes.historyOf(name),
      settingsOf: (name) => this.#settingsOf(name),
      plugins: async () => (this.#config ? this.#plugins.list(this.#config) : []),
      plugin: async (name) => this.#config && this.#plugins.show(this.#config, name),
      metrics: async () => {
        const shown = await this.#renderSelf(() => true, TEXT_ENCODING);
        return this.#board.metrics({ described: this.#self.families, shown });
      },
      events: this.#events,
      recentLog: () => recentLog,
      scrape: (selection, budgetMs, encoding) => scraper.scrape(selection, budgetMs, encoding),
      ready: () => !this.#opening,
      reload: (by) => this.reload(by),
      operate: (operation, resource, request) => this.#operations.run(operation, resource, request),
      audit: (limit) => this.#audit.latest(limit),
      probes: this.#probePorts(),
      planner: this.#planner,
      scraped: (code, format, seconds) => this.#self.scraped(code, format, seconds),
      settings: () => this.#webSettings(),
    });
    this.#app = app;
    this.#listeners = new Listeners((request, response) => app.routing(request, response), this.#access);
  }

  /** Answers a request without a socket, for tests. */
  inject(request: string | InjectOptions): Promise<LightMyRequestResponse> {
    return this.#app.inject(request);
  }

  /** `host:port` of each TCP address, and `unix:` paths. */
  get addresses(): string[] {
    return this.#listeners.addresses;
  }

  /** The page's URL; `undefined` without a TCP address. */
  get url(): string | undefined {
    const address = this.addresses.find((text) => !text.startsWith('unix:'));
    return address && `${this.#config?.access.tls ? 'https' : 'http'}://${address}/`;
  }

  /** Loads the first configuration and listens. Resolves before resources have opened; rejects if it is not usable. */
  async start(): Promise<ReloadResult> {
    await this.#app.ready();
    const { result } = await this.#reloader.pass();
    this.#conclude(result);
    if (!result.successful) {
      await this.stop();
      return result;
    }
    if (this.#options.watch !== false) {
      this.#watcher = new ConfigWatcher({
        sources: () => this.#reloader.sources,
        code: this.#code,
        files: this.#files,
        changing: () => this.#reloader.readAhead(),
        changed: async (settled) => {
          const pass = await this.#reloader.passOver(settled);
          if (pass) void this.#settle(pass);
          return pass !== undefined;
        },
        log: this.#log,
      });
      this.#watcher.start();
    }
    return result;
  }

  /**
   * Looks again at everything that the configuration is made of. Resolves when what has changed is in effect.
   * `by` is who asked for it.
   */
  async reload(by = 'the program around it'): Promise<ReloadResult> {
    const pass = await this.#reloader.pass();
    this.#watcher?.look('reload');
    const result = await this.#settle(pass);
    this.#audit.add({ at: Date.now(), action: 'reload', by, result: result.successful ? 'ok' : 'rejected' });
    return result;
  }

  async stop(): Promise<void> {
    const planned = this.#planner.stop();
    await this.#watcher?.stop();
    await this.#reloader.idle();
    this.#reloader.close();
    this.#pipeline.scheduler.stop();
    this.#events.close();
    await this.#listeners.close();
    await this.#access.close();
    this.#probes.stop();
    await Promise.all([this.#pipeline.stop(), planned]);
    await this.#overrides.stop();
    await this.#audit.stop();
    this.#self.close();
  }

  /** `only` says of which resources; else of all. */
  status(only: (name: string) => boolean = () => true): AgentStatus {
    return {
      version: VERSION,
      configFile: this.#options.configFile,
      startedAt: this.#startedAt,
      lastReload: this.#record.last,
      resources: this.#board.list(only),
    };
  }

  /** Waits until what a pass has changed, and the passes before it, is in effect; but not for what hangs. */
  async #settle({ result }: Pass): Promise<ReloadResult> {
    const order = this.#record.begin();
    if (result.successful) await soon(this.#settled, READY_AFTER_MS);
    this.#conclude(result, order);
    return result;
  }

  #conclude(result: ReloadResult, order?: number): void {
    this.#self.reloaded(result.successful);
    const news = this.#record.note(result, order);
    if (news) this.#events.reloaded(news);
  }

  /** Everything of a valid configuration takes effect here. A bad listen address throws before anything changed. */
  async #apply(config: AgentConfig, desired: readonly DesiredResource[]): Promise<Applied> {
    const listen = this.#options.listenAddresses ?? config.web.listen;
    const socket = { kind: 'unix', path: join(config.stateDir, 'agent.sock') } as const;
    await this.#listeners.listen([...listen, socket], config.access.tls);
    const { metricsPath, adminTokenFile: tokenFile, allow, hosts } = config.web;
    this.#access.use({ metricsPath, tokenFile, allow, hosts, listen, access: config.access });
    await this.#overrides.use(config.stateDir);
    await this.#audit.use(config.stateDir);
    this.#config = config;
    this.#wanted = desired;
    this.#pipeline.limit(config.limits);
    const applied = this.#applyEnabled();
    if (!this.#opening) return applied;
    // The first time nobody waits: what has opened is scraped while the rest still opens.
    const timer = setTimeout(() => {
      this.#opening = false;
    }, READY_AFTER_MS);
    timer.unref();
    void applied.settled.finally(() => {
      this.#opening = false;
      clearTimeout(timer);
    });
    return applied;
  }

  /** Brings what runs to what is wanted and enabled now. */
  #applyEnabled(): Applied {
    const enabled = this.#wanted.filter(({ name, enabled }) => this.#operations.isEnabled(name, enabled));
    const applied = this.#pipeline.apply(enabled, this.#reloader.passes);
    this.#events.changedAll();
    this.#settled = Promise.all([this.#settled, applied.settled]);
    return applied;
  }

  async #renderSelf(wanted: (resource: string | undefined) => boolean, encoding: Encoding) {
    // At once, before anything is waited for: what a page says of a resource has to fit the series in it.
    const status = this.status(wanted);
    const { running, waiting } = this.#pipeline.scheduler;
    const reload = { successful: this.#record.last?.result.successful ?? false, at: this.#record.appliedAt };
    const hosts = this.#pipeline.budgets.usages();
    return this.#self.render({ status, hosts, limiter: { running, waiting }, reload }, wanted, encoding);
  }

  async #settingsOf(name: string): Promise<ResourceSettings | undefined> {
    const config = this.#config;
    const resource = config?.resources.find((one) => one.name === name);
    const wanted = this.#wanted.find((one) => one.name === name);
    if (!config || !resource || !wanted) return undefined;
    const plugin = await this.#plugins.schemaOf(config, wanted.plugin);
    return settingsOf(resource, plugin, (text) => this.#options.redactor.redact(text));
  }

  #probePorts(): ProbePorts {
    const probes = this.#probes;
    const isEnabled = ({ name, enabled }: DesiredResource) => this.#operations.isEnabled(name, enabled);
    return {
      resources: () => this.#wanted.filter((resource) => resource.probe && isEnabled(resource)),
      get isFull() {
        return probes.isFull;
      },
      probe: (resource, target, timeoutMs, encoding) => probes.probe(resource, target, timeoutMs, encoding),
      redact: (text) => this.#options.redactor.redact(text),
    };
  }

  #webSettings(): WebSettings {
    const web = this.#config?.web;
    return {
      metricsPath: web?.metricsPath ?? '/metrics',
      openmetricsCreated: web?.openmetricsCreated ?? false,
      scrapeTimeoutOffsetMs: web?.scrapeTimeoutOffsetMs ?? 500,
    };
  }
}
