import { type Page, valueIn } from './page.ts';

/** A plugin whose every value is known, and that says since when it is open, as a file of its own. */
export const STEADY = `
import { setTimeout as delay } from 'node:timers/promises';
import { counter, definePlugin, gauge, Type } from '@dynamic-informer/sdk';

const value = gauge('steady_value', 'The number in its configuration.');
const opened = gauge('steady_opened_timestamp_seconds', 'When it was opened.');
const collects = counter('steady_collects_total', 'Collects since it was opened.');

export default definePlugin({
  name: 'steady',
  config: Type.Object({
    value: Type.Integer({ description: 'What it exposes.' }),
    takes: Type.Integer({ description: 'How long a collect takes, in milliseconds.' }),
  }),
  open(config) {
    const at = (performance.timeOrigin + performance.now()) / 1000;
    let count = 0;
    return {
      describe: () => [value, opened, collects],
      async collect() {
        if (config.takes > 0) await delay(config.takes);
        count++;
        return [value.sample(config.value), opened.sample(at), collects.sample(count)];
      },
    };
  },
});
`;

/** What a resource was configured to be at one time. */
interface Version {
  readonly value: number;
  readonly edition: number;
  /** Milliseconds that a collect takes: long enough, sometimes, for everything else to happen meanwhile. */
  readonly takes: number;
}

const TAKES = [0, 0, 50, 300, 1500];

/** A resource of the fleet, and everything that it has been. */
interface Member {
  readonly name: string;
  readonly kind: Kind;
  readonly number: number;
  readonly isOnScrape: boolean;
  readonly versions: Version[];
  /** The version that a reload has confirmed. */
  confirmed: number;
  /** Changes and killed hosts, each of which it may be opened again after. */
  disturbances: number;
  /** It may be down: something was done to it, and it was not seen well since. */
  isTroubled: boolean;
  /** When each of its collectors was opened, as pages said. */
  readonly openings: Set<number>;
}

type Kind = 'probe' | 'spool' | 'tail' | 'steady' | 'joint' | 'solo';

/** How many resources there are of each kind: 200 together. */
const COUNTS: Readonly<Record<Kind, number>> = {
  probe: 60,
  spool: 40,
  tail: 20,
  steady: 50,
  joint: 10,
  solo: 20,
};

/** What was known when a page was asked for: what it shows must not be older. */
export interface Expectation {
  readonly confirmed: ReadonlyMap<string, number>;
  readonly seen: ReadonlyMap<string, readonly [opened: number, count: number]>;
  readonly lines: number;
  /** Those that nothing had been done to. */
  readonly calm: ReadonlySet<string>;
}

/** Two hundred resources of six kinds, whose every value is known whatever is done to them. */
export class Fleet {
  readonly members: readonly Member[];
  /** Lines in the log that the tails read: those that were about to be written, and those that were. */
  lines = { begun: 0, written: 0 };
  readonly #targets: string;
  readonly #seen = new Map<string, readonly [opened: number, count: number]>();

  constructor(targets: string) {
    this.#targets = targets;
    this.members = Object.entries(COUNTS).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, number) => ({
        name: `${kind}-${number}`,
        kind: kind as Kind,
        number,
        isOnScrape: number % 3 !== 0,
        versions: [{ value: number, edition: 0, takes: TAKES[number % TAKES.length] ?? 0 }],
        confirmed: 0,
        disturbances: 0,
        isTroubled: false,
        openings: new Set<number>(),
      })),
    );
  }

  /** The files that its spools count: as many in a folder as its number says. */
  get files(): Record<string, string> {
    const names = Array.from({ length: COUNTS.spool }, (_, folder) =>
      Array.from({ length: folder + 1 }, (__, file) => `spool/${folder}/${file}`),
    );
    const plugin = (name: string) => [`plugins/${name}.ts`, STEADY.replace("'steady',", `'${name}',`)];
    return Object.fromEntries([
      ...names.flat().map((name) => [name, 'x']),
      ...['steady', 'joint', 'solo'].map(plugin),
    ]);
  }

  get config(): string {
    const resources = this.members.map((member) => {
      const { name, kind, isOnScrape } = member;
      const { edition } = member.versions.at(-1) as Version;
      const every = isOnScrape ? '' : 'every: 1s, ';
      return `  ${name}: {plugin: ${PLUGINS[kind]}, ${every}labels: {edition: e${edition}}, config: ${this.#configOf(member)}}\n`;
    });
    return `plugin_dirs: [plugins]\nplugins: {joint: {host: shared}, solo: {host: dedicated}}\nresources:\n${resources.join('')}`;
  }

  #configOf({ kind, number, versions }: Member): string {
    if (kind === 'probe') return `{targets: ['${this.#targets}/${number}']}`;
    if (kind === 'spool') return `{broker: spool, path: spool, queues: ['${number}']}`;
    if (kind === 'tail') {
      const metric = `{name: tail_lines_total, type: counter, help: Lines.}`;
      return `{files: [app.log], read_from: beginning, patterns: [{match: '^line', metrics: [${metric}]}]}`;
    }
    const { value, takes } = versions.at(-1) as Version;
    return `{value: ${value}, takes: ${takes}}`;
  }

  /** All of them are about to be opened for the first time. */
  begin(): void {
    for (const { openings } of this.members) openings.clear();
  }

  /** Gives one resource another configuration: its collector has to be replaced, or only to be adjusted. */
  change(member: Member): void {
    const latest = member.versions.at(-1) as Version;
    const isReplaced = PLUGINS[member.kind] === member.kind && member.versions.length % 3 !== 0;
    if (!isReplaced) {
      member.versions.push({ ...latest, edition: latest.edition + 1 });
      return;
    }
    const takes = TAKES[member.versions.length % TAKES.length] ?? 0;
    member.versions.push({ ...latest, value: latest.value + 1000, takes });
    this.disturb([member.name]);
  }

  /** Something is about to be done to these: they may be opened again, and be down meanwhile. */
  disturb(names: readonly string[]): void {
    for (const member of this.members) {
      if (!names.includes(member.name)) continue;
      member.disturbances++;
      member.isTroubled = true;
    }
  }

  /** What a page that is asked for now must not fall behind. */
  expectation(): Expectation {
    return {
      confirmed: new Map(this.members.map(({ name, confirmed }) => [name, confirmed])),
      seen: new Map(this.#seen),
      lines: this.lines.written,
      calm: new Set(this.members.flatMap(({ name, isTroubled }) => (isTroubled ? [] : [name]))),
    };
  }

  /** Everything that is wrong with a page, in words; nothing of it may be. */
  judge(page: Page, since: Expectation): { readonly wrong: string[]; readonly down: number } {
    const wrong: string[] = [];
    let down = 0;
    for (const member of this.members) {
      const series = page.resources.get(member.name) ?? new Map<string, number>();
      const say = (text: string) => wrong.push(`${member.name}: ${text}`);
      const self = (metric: string) => valueIn(series, metric);
      const isUp = self('informer_resource_up') === 1;
      const isLate = self('informer_resource_late') === 1;
      if (self('informer_resource_up') === undefined) say('informer_resource_up is missing');
      if (isUp && isLate) say('is up and late');
      if (!isUp) {
        down++;
        if (since.calm.has(member.name) && !member.isTroubled)
          say(`is down${isLate ? ' (late)' : ''}, and nothing was done to it`);
      }
      const main = [...series].filter(([key]) => key.startsWith(`${MAIN[member.kind]}{`));
      if (main.length > 1) say(`has ${main.length} series of ${MAIN[member.kind]}`);
      const [shown] = main;
      if (shown) this.#judgeValue(member, shown, since, say, isUp);
      else if (isUp) say('is up, but its series are missing');
      if (shown && PLUGINS[member.kind] === member.kind) this.#judgeCounter(member, series, since, say);
    }
    return { wrong, down };
  }

  #judgeValue(
    member: Member,
    [key, value]: readonly [string, number],
    since: Expectation,
    say: (text: string) => void,
    isUp: boolean,
  ): void {
    const edition = Number(/edition="e(\d+)"/.exec(key)?.[1]);
    const { kind, versions, number } = member;
    const confirmed = since.confirmed.get(member.name) ?? 0;
    // On its own clock, and while it is down, a resource may still show what it was before.
    const oldest = member.isOnScrape && isUp ? confirmed : 0;
    if (kind === 'tail') {
      const least = member.isOnScrape ? since.lines : 0;
      if (value < least || value > this.lines.begun)
        say(`counts ${value} lines, of ${least} to ${this.lines.begun}`);
    }
    const isOne = versions.slice(oldest).some((version) => {
      const fixed = {
        probe: 1,
        spool: number + 1,
        tail: value,
        steady: undefined,
        joint: undefined,
        solo: undefined,
      };
      return version.edition === edition && value === (fixed[kind] ?? version.value);
    });
    if (!isOne) {
      say(`shows ${key} ${value}, of ${JSON.stringify(versions.slice(oldest))}, ${isUp ? 'up' : 'down'}`);
    }
  }

  /** A counter goes back only where its collector was opened again, and an older collector never comes back. */
  #judgeCounter(
    member: Member,
    series: ReadonlyMap<string, number>,
    since: Expectation,
    say: (text: string) => void,
  ): void {
    const opened = valueIn(series, 'steady_opened_timestamp_seconds') ?? 0;
    const count = valueIn(series, 'steady_collects_total') ?? 0;
    const before = since.seen.get(member.name);
    if (before && (opened < before[0] || (opened === before[0] && count < before[1]))) {
      say(`its counter went from ${before[1]} to ${count}, opened ${before[0]} and ${opened}`);
    }
    member.openings.add(opened);
    if (member.openings.size > 1 + member.disturbances) {
      say(`was opened ${member.openings.size} times after ${member.disturbances} changes and kills`);
    }
    const seen = this.#seen.get(member.name) ?? [0, 0];
    if (opened > seen[0] || (opened === seen[0] && count > seen[1]))
      this.#seen.set(member.name, [opened, count]);
  }
}

const PLUGINS: Readonly<Record<Kind, string>> = {
  probe: 'http-probe',
  spool: 'queue-depth',
  tail: 'file-tail',
  steady: 'steady',
  joint: 'joint',
  solo: 'solo',
};

/** The family whose value is known. */
const MAIN: Readonly<Record<Kind, string>> = {
  probe: 'probe_success',
  spool: 'queue_depth',
  tail: 'tail_lines_total',
  steady: 'steady_value',
  joint: 'steady_value',
  solo: 'steady_value',
};
