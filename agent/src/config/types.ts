import type { ErrorInfo } from '@dynamic-informer/sdk';
import type { RelabelConfig } from '@dynamic-informer/sdk/host';
import type { HostAccount } from '../contract.ts';
import type { Network } from './networks.ts';
import type { WebAccess } from './web-access.ts';

export type Path = readonly (string | number)[];

/**
 * Where a value and its key are written, as data: `[line, column, key's line, key's column]`, from 1, and
 * the same for what it holds. Kept this small because one stays in memory for each value of a resource.
 */
export type Marks = readonly [
  line: number,
  column: number,
  keyLine: number,
  keyColumn: number,
  children?: Readonly<Record<string, Marks>>,
];

/** A part of the configuration and where it is written. */
export interface Located {
  readonly file: string;
  /** Keys from the top of the file. */
  readonly at: Path;
  readonly marks: Marks;
}

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** An error in a configuration file; `path` is from the top of the file. */
export interface Diagnostic extends ErrorInfo, Place {
  /** A warning does not keep the configuration from being used; an error by default. */
  readonly severity?: 'error' | 'warning';
  /** What stands there is a secret. */
  readonly hidden?: boolean;
  /** Other places that it is about, as that of the first of two things of the same name. */
  readonly related?: readonly (Place & { readonly message: string })[];
}

/** A diagnostic as editors, pages and other programs get it. Plain data. */
export interface ReportedDiagnostic extends Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Where the key or value ends that is wrong: behind its last character, from 1, in UTF-16 units as `column`. */
  readonly endLine: number;
  readonly endColumn: number;
  /** The key or value and a line `^~~~` below it; absent where it could show a secret. */
  readonly excerpt?: string;
}

export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface WebConfig extends Located {
  readonly listen: readonly ListenAddress[];
  readonly metricsPath: string;
  readonly openmetricsCreated: boolean;
  readonly scrapeTimeoutOffsetMs: number;
  /** Who may connect over TCP; everybody if `undefined`. */
  readonly allow: readonly Network[] | undefined;
  /** Further names that the agent is reached by, in lower case. */
  readonly hosts: readonly string[];
  /** Absolute. Without it, changes are accepted on the unix socket only. */
  readonly adminTokenFile: string | undefined;
}

export interface PluginConfig extends Located {
  readonly name: string;
  /** As written: a folder, a file or a package's name; relative to `directory`. */
  readonly path: string | undefined;
  readonly host: 'shared' | 'own' | 'dedicated' | undefined;
  readonly memoryBytes: number | undefined;
  /** Share of a core. */
  readonly cpu: number | undefined;
  readonly nice: number | undefined;
  /** Who its hosts run as; without it, the agent's user. */
  readonly account: HostAccount | undefined;
  readonly logLines: number | undefined;
  readonly directory: string;
}

export interface ResourceConfig extends Located {
  readonly name: string;
  readonly plugin: string;
  readonly enabled: boolean;
  /** Whether it may be collected for targets that callers name. */
  readonly probe: boolean;
  /** Milliseconds between collects, or at each scrape. */
  readonly every: 'scrape' | number;
  readonly timeoutMs: number;
  readonly openTimeoutMs: number;
  readonly maxSeries: number;
  readonly maxBytes: number;
  readonly maxStaleMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly relabel: readonly RelabelConfig[];
  /** What is under `config`, substituted; the plugin's schema is for its host to apply. */
  readonly config: unknown;
  /** Paths in `config` that came from a substitution: text there may stand for a number or a boolean. */
  readonly substituted: readonly Path[];
  /** Paths in `config` that hold what a `${file:}` held, where it is too short to be masked wherever it stands. */
  readonly hidden: readonly Path[];
  /** The folder of its file, absolute: relative paths in `config` start there. */
  readonly directory: string;
  readonly digests: ResourceDigests;
}

/** Hashes by which two versions of a resource are compared. */
export interface ResourceDigests {
  /** Of what its collector is opened with: a change of it needs a new one. */
  readonly collector: string;
  /** Of schedule, labels, relabel rules, limits and deadlines: they can be changed while it runs. */
  readonly settings: string;
}

/** A whole configuration, valid but for what only plugins know. Plain data: it crosses from the worker. */
export interface AgentConfig {
  readonly web: WebConfig;
  /** Of `web.config_file`. */
  readonly access: WebAccess;
  /** Absolute. */
  readonly stateDir: string;
  readonly limits: { readonly concurrency: number; readonly series: number };
  readonly sharedHost: {
    readonly memoryBytes: number;
    readonly cpu: number | undefined;
    readonly logLines: number | undefined;
  };
  /** Absolute. */
  readonly pluginDirs: readonly string[];
  readonly plugins: readonly PluginConfig[];
  /** In the order in which they are written; the files in the order of `files`. */
  readonly resources: readonly ResourceConfig[];
}

/** By absolute path: a hash of a file's bytes, or the code of the error that says why there are none. */
export type Digests = Readonly<Record<string, string>>;

/** What a configuration was read from, so that it can be told whether to read it again. */
export interface ConfigSources {
  /** Absolute. */
  readonly mainFile: string;
  /** The patterns of `include`, as written. */
  readonly include: readonly string[];
  /** The files that they named, absolute. */
  readonly included: readonly string[];
  /** Of every file that was read or should have been: the configuration's and those of `${file:}`. */
  readonly digests: Digests;
}

export interface LoadedConfig {
  /** `undefined` if there are issues. */
  readonly config: AgentConfig | undefined;
  /** What can be asked of plugins, also if there are issues; `undefined` if loading failed as a whole. */
  readonly draft: ConfigDraft | undefined;
  /** Of all files, by place. */
  readonly issues: readonly Diagnostic[];
  /** Every file that was read or should have been, absolute: the configuration's and those of `${file:}`. */
  readonly files: readonly string[];
  /** `undefined` if loading failed as a whole. */
  readonly sources: ConfigSources | undefined;
  /** Values that must never be shown: of `${file:}`, and passwords in URLs. */
  readonly secrets: readonly string[];
  /** The text of each configuration file that could be read, by the name that diagnostics have for it. */
  readonly texts: Readonly<Record<string, string>>;
}

/** A configuration in which what is wrong was left out or has its default. */
export interface ConfigDraft {
  /** Its resources are those that name a plugin and have a `config` that could be read. */
  readonly config: AgentConfig;
  /** Are all plugins known? Not if some file could not be read, or what it says about plugins. */
  readonly knowsPlugins: boolean;
}
