import { resolve } from 'node:path';
import { configError, definePlugin, type Sample } from '@dynamic-informer/sdk';
import { type HostConfig, hostConfig, PART_NAMES, type PartName } from './config.ts';
import { DARWIN_PARTS } from './darwin.ts';
import { LINUX_PARTS } from './linux.ts';
import { filesBelow, type Part, type Reading } from './part.ts';

const PLATFORMS: Partial<Record<NodeJS.Platform, Partial<Record<PartName, Part>>>> = {
  linux: LINUX_PARTS,
  darwin: DARWIN_PARTS,
};

/** Of all platforms, each name once: what is known of the plugin does not depend on where it is asked. */
const METRICS = Object.values(PLATFORMS)
  .flatMap((parts) => Object.values(parts))
  .flatMap(({ metrics }) => metrics)
  .filter(({ name }, at, all) => all.findIndex((other) => other.name === name) === at);

/** What this platform has of what the configuration asks for. @throws a config error when it has not */
function chosenParts({ collect, exclude }: HostConfig): Part[] {
  const available = PLATFORMS[process.platform];
  if (!available) {
    throw configError(`There is nothing to read a host of the platform "${process.platform}" with.`, {
      code: 'HOST_PLATFORM_UNKNOWN',
      fix: `Take this resource out; it works on ${Object.keys(PLATFORMS).join(' and ')}.`,
    });
  }
  collect.forEach((name, i) => {
    if (available[name]) return;
    throw configError(`"${name}" can not be collected on ${process.platform}.`, {
      code: 'HOST_PART_UNKNOWN',
      path: ['collect', i],
      fix: `Use one of: ${Object.keys(available).join(', ')}.`,
    });
  });
  const wanted = collect.length > 0 ? collect : PART_NAMES;
  return wanted.flatMap((name) => (exclude.includes(name) ? [] : (available[name] ?? [])));
}

export default definePlugin({
  name: 'host',
  description: 'The host itself, named as node_exporter names it.',
  config: hostConfig,
  metrics: METRICS,
  validate({ collect, exclude }) {
    const left = (collect.length > 0 ? collect : PART_NAMES).filter((name) => !exclude.includes(name));
    if (left.length > 0) return [];
    return [{ path: ['exclude'], message: 'nothing is left to collect', fix: 'Take something out of it.' }];
  },
  open(given, { directory }) {
    const below = (path: string) => resolve(directory, path);
    const { procfs, sysfs, rootfs } = given;
    const config = { ...given, procfs: below(procfs), sysfs: below(sysfs), rootfs: below(rootfs) };
    const parts = chosenParts(config);
    const readers = parts.map((part) => part.open(config));
    return {
      describe: () => parts.flatMap(({ metrics }) => metrics),
      async collect({ signal, deadline, clock, error }) {
        const reading: Reading = {
          signal,
          proc: filesBelow(config.procfs, 'procfs', signal),
          sys: filesBelow(config.sysfs, 'sysfs', signal),
          remaining: () => Math.max(0, deadline - clock.now()),
          error,
        };
        const results = await Promise.allSettled(readers.map((read) => read(reading)));
        const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
        if (failures.length === results.length) throw failures[0];
        for (const failure of failures) error(failure);
        return results.flatMap<Sample>((result) => (result.status === 'fulfilled' ? result.value : []));
      },
    };
  },
});
