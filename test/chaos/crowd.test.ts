import type { ServerResponse } from 'node:http';
import { expect, it, type TestContext } from 'vitest';
import { startHttp } from '../support/http-server.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { about, admin, type Page, scrapePage, sum } from './page.ts';
import { pick, report } from './report.ts';
import { VICTIM } from './victims.ts';

const SCRAPES = pick({ short: 5, long: 20 });
const SCRAPE_SECONDS = 10;
const COLLECT_TIMEOUT = pick({ short: '2s', long: '5s' });
const TEST_TIMEOUT = pick({ short: 120_000, long: 600_000 });

/** 200 resources; each fifth hangs, and so do the first ones, which are asked first. */
const NAMES = Array.from({ length: 200 }, (_, number) => `r${String(number).padStart(3, '0')}`);
const HUNG = NAMES.filter((_, number) => number < 10 || (number >= 50 && number % 5 === 0));
const HEALTHY = NAMES.filter((name) => !HUNG.includes(name));

/** Answers at once, but for the paths of the hung, whose answers it holds back until it is told to give them. */
async function startTargets() {
  const held = new Set<ServerResponse>();
  let hangs = true;
  const server = await startHttp(({ url }, response) => {
    if (!hangs || !HUNG.includes(String(url).slice(1))) response.end('well\n');
    else held.add(response);
  });
  return {
    server,
    recover() {
      hangs = false;
      for (const response of held) response.end('well\n');
    },
  };
}

const isUp = (page: Page, name: string) =>
  about(page, name, 'probe_success') === 1 &&
  about(page, name, 'informer_resource_up') === 1 &&
  about(page, name, 'informer_resource_late') === 0;

/** Scrapes one after the other, in each of which every healthy target has to be there, in time and well. */
async function scrapeBeside(
  run: RunningInformer,
  title: string,
  test: Pick<TestContext, 'task'>,
): Promise<void> {
  let worstOverrunMs = 0;
  let kills = 0;
  for (let scrape = 1; scrape <= SCRAPES; scrape++) {
    const page = await scrapePage(run.url, SCRAPE_SECONDS);
    const missing = HEALTHY.filter((name) => !isUp(page, name));
    expect(missing, `healthy targets that scrape ${scrape} misses`).toEqual([]);
    worstOverrunMs = Math.max(worstOverrunMs, Math.ceil(page.overrunMs));
    kills = sum(page, 'informer_host_restarts_total');
  }
  report(test, { case: title, scrapes: SCRAPES, worstOverrunMs, kills, late: 0 });
}

/** What was mended is well at the next scrape, or at the one after. */
async function expectRecovery(run: RunningInformer, isWell: (page: Page, name: string) => boolean) {
  await scrapePage(run.url, SCRAPE_SECONDS);
  const page = await scrapePage(run.url, SCRAPE_SECONDS);
  expect(NAMES.filter((name) => !(HUNG.includes(name) ? isWell : isUp)(page, name))).toEqual([]);
}

const probe = (name: string, url: string) =>
  `  ${name}: {plugin: http-probe, config: {targets: ['${url}/${name}']}}\n`;
const DEFAULTS = `defaults: {timeout: ${COLLECT_TIMEOUT}}\n`;

it(
  '40 targets among 200 hang: the other 160 are in every scrape, and the 40 when they answer again',
  async (test) => {
    const { server, recover } = await startTargets();
    await using _server = server;
    const resources = NAMES.map((name) => probe(name, server.url)).join('');
    await using run = await startInformer({ config: `${DEFAULTS}resources:\n${resources}` });
    await scrapeBeside(run, '40 of 200 targets hang', test);
    const page = await scrapePage(run.url, SCRAPE_SECONDS);
    expect(HUNG.filter((name) => about(page, name, 'probe_success') === 1)).toEqual([]);
    recover();
    await expectRecovery(run, isUp);
  },
  TEST_TIMEOUT,
);

it(
  '40 resources whose plugin does not heed its deadline, beside 160: these are in every scrape, and the 40 when mended',
  async (test) => {
    const { server } = await startTargets();
    await using _server = server;
    const config = (mode: string) =>
      `plugin_dirs: [plugins]\n${DEFAULTS}resources:\n${NAMES.map((name) =>
        HUNG.includes(name)
          ? `  ${name}: {plugin: victim, config: {mode: ${mode}, turn: 1}}\n`
          : probe(name, server.url),
      ).join('')}`;
    await using run = await startInformer({ config: config('hang'), files: { 'plugins/victim.ts': VICTIM } });
    await scrapeBeside(run, '40 of 200 plugins hang, deadlines ignored', test);
    const page = await scrapePage(run.url, SCRAPE_SECONDS);
    expect(HUNG.filter((name) => about(page, name, 'informer_resource_up') !== 0)).toEqual([]);
    await run.configure(config('well'));
    await admin(run.folder, 'POST', '/-/reload');
    await expectRecovery(run, (now, name) => about(now, name, 'victim_turn') === 1);
  },
  TEST_TIMEOUT,
);
