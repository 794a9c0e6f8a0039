import { type Descriptor, gauge } from '@dynamic-informer/sdk';

export const depth = gauge('queue_depth', 'Entries in the queue, by state.', ['broker', 'queue', 'state']);
export const oldestAge = gauge(
  'queue_oldest_age_seconds',
  'Age of the oldest entry in the queue; 0 while the queue is empty.',
  ['broker', 'queue'],
);
export const consumers = gauge('queue_consumers', 'Consumers of the queue.', ['broker', 'queue']);
export const bytes = gauge('queue_bytes', 'Size of the entries in the queue.', ['broker', 'queue']);

const group = ['broker', 'queue', 'group'] as const;
export const groupLag = gauge(
  'queue_group_lag',
  'Entries that were not yet delivered to the consumer group; absent while the broker does not know.',
  group,
);
export const groupPending = gauge(
  'queue_group_pending',
  'Entries that were delivered to the consumer group and not acknowledged.',
  group,
);
export const groupConsumers = gauge('queue_group_consumers', 'Consumers in the consumer group.', group);
export const groupOldestAge = gauge(
  'queue_group_oldest_age_seconds',
  'Age of the oldest entry that the consumer group has not acknowledged; 0 when there is none.',
  group,
);

export const metrics: readonly Descriptor[] = [
  depth,
  oldestAge,
  consumers,
  bytes,
  groupLag,
  groupPending,
  groupConsumers,
  groupOldestAge,
];
