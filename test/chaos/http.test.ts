import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { HOSTILE_ANSWERS, startHostileHttp } from '../support/hostile-http.ts';
import { startInformer } from '../support/program.ts';
import { pageProblems, standings } from './healthy-check.ts';
import { pluginSource } from './plugin-source.ts';
import { report } from './report.ts';
import { scrapeLikePrometheus } from './scraper.ts';
import { deadlineMs, offset, PAUSE_MS, SCRAPE_TIMEOUT_SECONDS, SCRAPES } from './set-up.ts';

const healthy = Array.from({ length: 20 }, (_, n) => `shared-${String(n + 1).padStart(2, '0')}`);
const nameOf = (path: string) => `probe-${path.slice(1)}`;
/** What is no fault of an answer's form: the status is 200 and the body begins well. */
const SUCCEEDS = ['/body-too-long'];
const TARGET_TIMEOUT_SECONDS = 2;

/** The agent of the quickstart: http-probe in the shared host, with everybody else. */
it('the worst HTTP answers, all at once, beside twenty healthy resources in the shared host', {
  timeout: 300_000,
}, async ({ task }) => {
  await using server = await startHostileHttp();
  const probes = ['/well', ...HOSTILE_ANSWERS];
  await using run = await startInformer({
    config: [
      'plugin_dirs: [plugins]',
      'defaults: {timeout: 30s}',
      'plugins: {healthy: {host: shared}, http-probe: {host: shared}}',
      'resources:',
      ...healthy.map((name) => `  ${name}: {plugin: healthy}`),
      ...probes.map((path) => {
        const config = `{targets: ['${server.url}${path}'], timeout: ${TARGET_TIMEOUT_SECONDS}s}`;
        // The hung ones do not make every scrape as long as their timeout.
        return `  ${nameOf(path)}: {plugin: http-probe, every: 3s, config: ${config}}`;
      }),
      '',
    ].join('\n'),
    files: { 'plugins/healthy.mjs': pluginSource('healthy') },
    web: `scrape_timeout_offset: ${offset}`,
    args: ['--log.format', 'json'],
  });

  const failed = new Set<string>();
  let slowestMs = 0;
  let scrapes = 0;
  const end = performance.now() + 60_000;
  const hostile = HOSTILE_ANSWERS.filter((path) => !SUCCEEDS.includes(path));
  while (scrapes < SCRAPES || (failed.size < hostile.length && performance.now() < end)) {
    const { page, milliseconds, failure } = await scrapeLikePrometheus(run.url, SCRAPE_TIMEOUT_SECONDS);
    expect(failure, `scrape ${scrapes}`).toBeUndefined();
    if (!page) break;
    scrapes++;
    slowestMs = Math.max(slowestMs, milliseconds);
    expect(pageProblems(page.text)).toEqual([]);
    const states = standings(page, healthy);
    expect([...states.values()].filter(({ state }) => state !== 'complete')).toEqual([]);
    for (const path of hostile) {
      const success = page.value('probe_success', { resource: nameOf(path) });
      const reasons = page.lines('probe_failure_info').filter((line) => line.includes(`"${nameOf(path)}"`));
      if (success === 0 && reasons.length === 1) failed.add(path);
    }
    await pause(PAUSE_MS);
  }

  expect([...failed].sort()).toEqual([...hostile].sort());
  const last = await run.scrape();
  expect(last.value('probe_success', { resource: nameOf('/well') })).toBe(1);
  expect(last.lines('informer_host_restarts_total')).toEqual([]);
  const log = run.process.output();
  for (const path of hostile) expect(log).toContain(`The probe of ${server.url}${path} fails`);
  const overrun = Math.max(0, Math.round(slowestMs - deadlineMs(SCRAPE_TIMEOUT_SECONDS)));
  report({ task }, { case: 'the worst HTTP answers', scrapes, worstOverrunMs: overrun, kills: 0, late: 0 });
});
