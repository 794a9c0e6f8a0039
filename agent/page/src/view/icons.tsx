import type { Group } from '../model/condition.ts';

const PATHS: Readonly<Record<Group, string>> = {
  broken: 'M5 1h6l4 4v6l-4 4H5l-4-4V5zM5.2 5.2l5.6 5.6m0-5.6-5.6 5.6',
  degraded: 'M8 1.5 15 14.5H1zM8 6v4m0 1.8v.2',
  opening: 'M8 1a7 7 0 1 1-7 7M8 4v4l3 2',
  up: 'M8 1a7 7 0 1 0 .01 0zM4.8 8.2l2.3 2.3 4.2-4.6',
  disabled: 'M8 1a7 7 0 1 0 .01 0zM6.2 5.2v5.6m3.6-5.6v5.6',
};

/** A shape for each group, since colour alone says nothing to many. */
export function GroupIcon({ group }: { group: Group }) {
  return (
    <svg class={`icon ${group}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[group]} />
    </svg>
  );
}
