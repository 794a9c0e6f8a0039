// What the stages of the agent hand to each other. It holds no behaviour, so that each stage can be
// read and tested alone; agent.ts joins them.
import type { Descriptor, ErrorInfo, LogLevel, MetricType } from '@dynamic-informer/sdk';
import type { DropReason, Encoding, RelabelConfig } from '@dynamic-informer/sdk/host';

/** Beside a resource's text every other encoding of it may have so many times its `max_bytes`. */
export const OTHER_ENCODINGS_FACTOR = 2;

/** How a collect can end; `crash` is the death of its host. */
export const COLLECT_OUTCOMES = ['ok', 'partial', 'target', 'timeout', 'crash', 'plugin', 'limit'] as const;
export type CollectOutcome = (typeof COLLECT_OUTCOMES)[number];

/** What a resource can be, as it is shown. */
export const SHOWN_STATES = ['disabled', 'opening', 'running', 'failed', 'quarantined'] as const;

/**
 * One family of one resource, encoded: sample lines or messages without the header, by the key of their
 * encoding, in parts to be put one after the other. Text is always among them.
 */
export interface Fragment {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit?: string | undefined;
  readonly series: number;
  /** All its names are of the old form: a body in one escaping is its body in all of them. */
  readonly hasLegacyNames?: boolean | undefined;
  readonly bodies: ReadonlyMap<string, readonly Uint8Array[]>;
}

export interface CollectReply {
  readonly outcome: CollectOutcome;
  readonly errors: readonly ErrorInfo[];
  readonly fragments: readonly Fragment[];
  readonly dropped: Partial<Record<DropReason, number>>;
  /** What its collector has logged since it was opened, if it was opened for a probe: such lines are in no log. */
  readonly lines?: readonly LogLine[];
}

/** A line that a plugin has logged. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where a plugin's code is. */
export interface PluginSource {
  readonly name: string;
  /** A `file:` URL. */
  readonly url: string;
  /** Changes when the code does. */
  readonly version: string;
  /** How often its code has changed while the agent ran; absent for code that is not watched. */
  readonly revision?: number;
  /** Why it is not to be loaded, whatever its code is: what describes it is malformed. */
  readonly problem?: ErrorInfo;
}

export interface PluginInfo {
  readonly name: string;
  readonly description: string;
  readonly schema: unknown;
  readonly metrics: readonly Descriptor[];
  /** It can run a configuration over a recorded input. */
  readonly replays: boolean;
}

/** Files that a plugin has loaded in a host, those of installed packages left out: all of them, or more than was told before. */
export interface LoadedCode {
  readonly plugin: string;
  /** The version that the host was asked to load. */
  readonly version: string;
  /** The digest is '' for a file that was looked for and is not there. */
  readonly files: readonly (readonly [path: string, digest: string])[];
  /** The plugin has been loaded, and all that it needed for that has been told. */
  readonly isWhole: boolean;
}

/** What can be changed on an opened collector. */
export interface GatherSettings {
  readonly resource: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly relabel: readonly RelabelConfig[];
  readonly maxSeries: number;
  /** Of the lines in the text format. */
  readonly maxBytes: number;
}

export interface OpenRequest {
  /** The resource's name, "#", and a number that tells this collector from an earlier one. */
  readonly id: string;
  readonly plugin: PluginSource;
  readonly config: unknown;
  /** Paths in `config` that came from a substitution: text there may stand for a number or a boolean. */
  readonly substituted: readonly (readonly (string | number)[])[];
  readonly gather: GatherSettings;
  readonly directory: string;
  readonly stateFile: string;
  readonly timeoutMs: number;
  /** For a probe: what its caller named, in place of the targets that the configuration has. */
  readonly target?: string;
}

/** A configuration to be checked; no generation of its collector exists yet. */
export type ValidateRequest = Pick<
  OpenRequest,
  'id' | 'plugin' | 'config' | 'substituted' | 'directory' | 'target'
>;

/** A configuration to be run over what the host has as its stdin. */
export interface ReplayRequest extends Omit<OpenRequest, 'stateFile' | 'timeoutMs' | 'target'> {
  /** What that is called. */
  readonly input: string;
}

export interface ReplayReply extends CollectReply {
  /** For people: lines. */
  readonly text: readonly string[];
  /** The same as plain data. */
  readonly report: unknown;
}

export interface OpenReply {
  readonly stateful: boolean;
  readonly descriptors: readonly Descriptor[];
  /** Values that must never be shown, from the schema's secrets. */
  readonly secrets: readonly string[];
}

export interface ValidateReply {
  readonly issues: readonly (ErrorInfo & { readonly on?: 'key' | 'value'; readonly hidden?: boolean })[];
  /** What the plugin advises against; the configuration can be used. */
  readonly warnings: readonly ErrorInfo[];
  readonly secrets: readonly string[];
  /** Paths and globs of files that the plugin reads and that belong to the configuration, relative to its folder. */
  readonly watched: readonly string[];
}

/** What a process uses, with the processes that it has started and that are still its descendants. */
export interface Usage {
  /** In user and kernel mode, ended children that were waited for included. */
  readonly cpuSeconds: number;
  /** Resident memory, pages that others have mapped too included. */
  readonly residentBytes: number;
  /** Memory that is nobody else's: anonymous and shared-memory pages, resident or swapped out. */
  readonly privateBytes: number;
  /** Writable memory that it has asked for, whether it has touched it or not; what RLIMIT_DATA bounds. Its own only. */
  readonly dataBytes: number;
}

/** A place that runs collectors: a child process, or this one. All methods reject when it dies. */
export interface Host {
  /** As metrics and pages name it: `shared`, a plugin's name, a resource's name. */
  readonly name: string;
  readonly pid: number | undefined;
  load(plugin: PluginSource, timeoutMs: number): Promise<PluginInfo>;
  validate(request: ValidateRequest, timeoutMs: number): Promise<ValidateReply>;
  open(request: OpenRequest): Promise<OpenReply>;
  /** Resolves when the work is over or dead, never before. */
  collect(id: string, timeoutMs: number, encodings: readonly Encoding[]): Promise<CollectReply>;
  /** Takes as long as the input is; `endReplay` makes it give what there is by then. */
  replay(request: ReplayRequest): Promise<ReplayReply>;
  /** The bytes of the input that have been read. */
  replayedBytes(id: string): Promise<number>;
  endReplay(id: string): Promise<void>;
  adjust(id: string, gather: GatherSettings): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  close(id: string): Promise<void>;
  /**
   * Frees all that is garbage in it and gives what it uses after that, as the host itself has read it; `undefined`
   * where it can't. A host that does not come to it is not ended for that.
   */
  collectGarbage(): Promise<Usage | undefined>;
  /** Ends it, collectors first if it still answers. */
  stop(): Promise<void>;
  /** Kills it at once; that it died, and of what, is told like any other death. */
  end(death: HostDeath): void;
}

/** A host died, or was killed. */
export interface HostDeath {
  readonly reason: 'timeout' | 'memory' | 'cpu' | 'exit' | 'crash';
  readonly message: string;
  /** What to do about it, where more is known of that than the reason says. */
  readonly fix?: string;
  /** The resource that brought it down, if that is known. */
  readonly culprit?: string;
  /** Somebody else on the machine ended it: nothing in it is to blame. */
  readonly external?: boolean;
}

/** A resource that lives in a host. */
export interface Member {
  readonly resource: string;
  readonly plugin: string;
}

/** Who a host runs as, if not as the agent's own user. */
export interface HostAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** `undefined` for a number that no account has. */
  readonly home: string | undefined;
}

/** Resources with the same key live in one host. */
export interface HostGroup {
  readonly key: string;
  readonly name: string;
  readonly memoryBytes: number;
  /** Share of a core, averaged over five minutes. It can be changed while the host runs. */
  readonly cpu?: number | undefined;
  readonly nice: number;
  readonly account?: HostAccount;
  /** With an account: the folder, absolute, that state is kept in. Without it there is no state. */
  readonly stateFolder?: string;
  /** The file descriptor that is its stdin; by default it has none. */
  readonly stdin?: number;
  /** What it may log and print in a second; by default as much as is usual. */
  readonly logLines?: number | undefined;
}

/** What the hosts of one name use, as metrics show it. */
export interface HostUsage {
  readonly host: string;
  /** Never less than before, though hosts end and others take their place. */
  readonly cpuSeconds: number;
  /** Absent while none runs. */
  readonly residentBytes: number | undefined;
}

/** A claim on a running host; the host stops when its last lease is released. */
export interface Lease {
  readonly host: Host;
  /** Resolves with its death if the host dies while it is needed, with nothing if it was stopped. */
  readonly died: Promise<HostDeath | undefined>;
  release(): void;
}
