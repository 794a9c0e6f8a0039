import { computed, signal } from '@preact/signals';
import { clockSkew } from '../api/client.ts';
import type { AgentSummary, AuditEntry, CollectedEvent, ListedResource, Reload } from '../api/types.ts';
import { collectedRow, type Row, type Rows, rowOf } from '../model/rows.ts';

export const agent = signal<AgentSummary | undefined>(undefined);
export const rows = signal<Rows>(new Map());
/** The list was read once: what is not in it does not exist. */
export const isLoaded = signal(false);
export const lastAudit = signal<AuditEntry | undefined>(undefined);

/** How up to date the page is. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | {
      readonly kind: 'broken';
      /** When it was live last. */
      readonly since: number;
      readonly why: string;
      /** When the lists could be read all the same. */
      readonly readAt: number | undefined;
    };
export const connection = signal<Connection>({ kind: 'connecting' });

/** The agent's clock, by the second, while somebody looks. */
export const now = signal(Date.now());
const tick = (): void => {
  if (!document.hidden) now.value = Date.now() - clockSkew.value;
};
setInterval(tick, 1000);
document.addEventListener('visibilitychange', tick);

/** What has arrived since the last frame: one update a frame, however much comes. */
let next: Map<string, Row> | undefined;
const pending = (): Map<string, Row> => {
  if (next === undefined) {
    next = new Map(rows.peek());
    // Frames are not drawn in the background, but the title is seen there.
    if (document.hidden) setTimeout(flush, 1000);
    else requestAnimationFrame(flush);
  }
  return next;
};
function flush(): void {
  if (next === undefined) return;
  rows.value = next;
  next = undefined;
}

export function putResource(resource: ListedResource): void {
  const map = pending();
  map.set(resource.name, rowOf(resource, map.get(resource.name)));
}

export function removeResource(name: string): void {
  pending().delete(name);
}

export function putCollected(collects: readonly CollectedEvent[]): void {
  const map = pending();
  for (const collected of collects) {
    const row = map.get(collected.name);
    if (row) map.set(collected.name, collectedRow(row, collected));
  }
}

/** After a whole list was read: what it did not name is gone. */
export function keepOnly(names: ReadonlySet<string>): void {
  const map = pending();
  for (const name of map.keys()) if (!names.has(name)) map.delete(name);
  flush();
  isLoaded.value = true;
}

export function putReload(reload: Reload): void {
  if (agent.value) agent.value = { ...agent.value, lastReload: reload };
}

export const mayChange = computed(() => agent.value?.mayChange === true);
