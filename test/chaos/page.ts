import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { parseExposition } from '@dynamic-informer/sdk/lint';

/** What the agent keeps of the scraper's time for the way back, unless it is told otherwise. */
const OFFSET_MS = 500;

/** An answer to a scrape, read with the SDK's parser. */
export interface Page {
  /** Beyond the deadline that the agent has for it, in milliseconds; negative if it came before. */
  readonly overrunMs: number;
  /** Values by series without the label `resource`, by resource; the agent's own are under their label too. */
  readonly resources: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The value of a series of no resource: `up{host="a"}`; labels are sorted. */
  readonly own: ReadonlyMap<string, number>;
}

/**
 * Scrapes as Prometheus does, on a connection of its own. What Prometheus would refuse is an error here: no
 * answer within the scraper's time, another status than 200, what can't be parsed, a series twice.
 */
export async function scrapePage(url: string, timeoutSeconds: number): Promise<Page> {
  const began = performance.now();
  const client = get(`${url}/metrics`, {
    agent: false,
    headers: { 'x-prometheus-scrape-timeout-seconds': String(timeoutSeconds) },
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
  });
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  const body = await bytesOf(response);
  const took = performance.now() - began;
  if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}: ${body}`);
  const budget = timeoutSeconds * 1000 - Math.min(OFFSET_MS, (timeoutSeconds * 1000) / 2);
  return { overrunMs: took - budget, ...parsePage(body) };
}

/** The series of a page. @throws for whatever is wrong with it */
export function parsePage(body: Uint8Array): Pick<Page, 'resources' | 'own'> {
  const { families, errors } = parseExposition(body);
  const [error] = errors;
  if (error) throw new Error(`${error.line}:${error.column}: ${error.message}`);
  const resources = new Map<string, Map<string, number>>();
  const own = new Map<string, number>();
  for (const { samples } of families) {
    for (const { name, labels, value } of samples) {
      const resource = labels.find(([label]) => label === 'resource')?.[1];
      const rest = labels.filter(([label]) => label !== 'resource').sort(([a], [b]) => (a < b ? -1 : 1));
      const key = `${name}{${rest.map(([label, text]) => `${label}=${JSON.stringify(text)}`).join()}}`;
      const series = resource === undefined ? own : (resources.get(resource) ?? new Map<string, number>());
      if (resource !== undefined) resources.set(resource, series as Map<string, number>);
      if (series.has(key)) throw new Error(`The series ${key} of resource ${resource} is there twice.`);
      series.set(key, value);
    }
  }
  return { resources, own };
}

/** The value of a resource's one series, or first one, of a metric. */
export function valueIn(series: ReadonlyMap<string, number> | undefined, metric: string): number | undefined {
  for (const [key, value] of series ?? []) if (key.startsWith(`${metric}{`)) return value;
  return undefined;
}

/** The value of a metric that a resource has once, such as `informer_resource_up`. */
export function about(page: Pick<Page, 'resources'>, resource: string, metric: string): number | undefined {
  return valueIn(page.resources.get(resource), metric);
}

/** The sum of a family of the agent's that is about no resource: hosts that ended, of all hosts. */
export function sum(page: Pick<Page, 'own'>, metric: string, label = ''): number {
  let total = 0;
  for (const [key, value] of page.own)
    if (key.startsWith(`${metric}{`) && key.includes(label)) total += value;
  return total;
}

/** Asks the agent in a folder through its socket, as the command line does, and gives the answer's JSON. */
export async function admin(folder: string, method: 'GET' | 'POST', path: string): Promise<unknown> {
  const socketPath = `${folder}/state/agent.sock`;
  const client = request({ socketPath, agent: false, method, path });
  client.end();
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  const body = (await bytesOf(response)).toString();
  if (response.statusCode !== 200) throw new Error(`${method} ${path}: HTTP ${response.statusCode}: ${body}`);
  return JSON.parse(body);
}

/** What the API says of a resource. */
export interface ShownResource {
  readonly name: string;
  readonly state: string;
  readonly up: boolean;
  readonly host: string;
  readonly hostPid?: number;
}

export async function resourcesOf(folder: string): Promise<readonly ShownResource[]> {
  return ((await admin(folder, 'GET', '/api/v1/resources')) as { resources: ShownResource[] }).resources;
}

async function bytesOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
