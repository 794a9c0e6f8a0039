import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../support/packages.ts';
import { ACME } from '../support/plugins.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const config = `plugin_dirs: [plugins]
plugins: {acme: {host: dedicated}}
resources:
  good: {plugin: acme}
  partly: {plugin: acme, config: {mode: duplicate}}
  broken: {plugin: acme, config: {mode: target}}
  unopened: {plugin: acme, config: {mode: open-throws}}
  deadly: {plugin: acme, config: {mode: exit}}
  asleep: {plugin: acme, enabled: false}
  "a.b-c_d": {plugin: acme, every: 1h}
`;

let browser: Browser;
let run: RunningInformer;

beforeAll(async () => {
  [browser, run] = await Promise.all([
    chromium.launch({ executablePath: program('chromium'), args: ARGUMENTS }),
    startInformer({ config, files: { 'plugins/acme.ts': ACME } }),
  ]);
  // It has to bring its host down a few times before it is quarantined.
  const isQuarantined = async () => {
    await run.scrape();
    return (await stateOf('deadly')) === 'quarantined';
  };
  await waitFor(isQuarantined, { what: 'the quarantine', timeout: 60_000 });
}, 90_000);
afterAll(async () => {
  await browser.close();
  await run[Symbol.asyncDispose]();
});

async function stateOf(resource: string): Promise<unknown> {
  const response = await fetch(new URL(`/api/v1/resources/${resource}`, run.url));
  return ((await response.json()) as { state: unknown }).state;
}

/** The page in a browser, with everything that the browser complains of. */
async function open(width: number): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 700 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(run.url)) complaints.push(`asks ${request.url()}`);
  });
  await page.goto(run.url);
  return { page, complaints };
}

describe('the page in a browser', () => {
  it('shows what is wrong first, in words with the fix, and every resource', async () => {
    const { page } = await open(1200);
    expect(await page.title()).toBe('(3) Dynamic informer');
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('3 of 6 resources are not up.');
    const rows = await page.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2))).toEqual([
      ['deadly', 'quarantined'],
      ['unopened', 'failed'],
      ['broken', 'target'],
      ['partly', 'up,'],
      ['a.b-c_d', 'up'],
      ['good', 'up'],
      ['asleep', 'disabled'],
    ]);
    expect(rows[2]).toContain('The broker answered 503. Ask the broker. TARGET_FAILED');
  });

  it('says of what is quarantined why, since when, when it is tried again, where, and how to hurry that', async () => {
    const { page } = await open(1200);
    const [text = ''] = await page.locator('tbody tr').allInnerTexts();
    const row = text.replaceAll('\u00a0', ' ');
    expect(row).toMatch(/since (?:\S+ )?\d\d:\d\d:\d\d UTC, \d+ s/);
    expect(row).toMatch(/next try (?:\S+ )?\d\d:\d\d:\d\d UTC, in \d+ s/);
    expect(row).toContain('in deadly');
    expect(row).toMatch(
      /brought its host down 3 times, .*"informer restart deadly" tries it now\. PLUGIN_QUAR/,
    );
    const shown = await (await fetch(new URL('/api/v1/resources/deadly', run.url))).json();
    expect(shown).toMatchObject({
      state: 'quarantined',
      since: expect.any(Number),
      retryAt: expect.any(Number),
      host: 'deadly',
      errors: [{ code: 'PLUGIN_QUARANTINED', fix: expect.any(String) }],
    });
  });

  it("leads from a resource's name to its series", async () => {
    const { page } = await open(1200);
    await page.getByRole('link', { name: 'good' }).click();
    expect(await page.locator('body').textContent()).toContain('queue_messages{queue="a",resource="good"} 1');
  });

  it.each([1200, 390])(
    'complains of nothing, asks nobody else and does not scroll sideways at %d pixels',
    async (width) => {
      const { page, complaints } = await open(width);
      const sideways = await page.evaluate(
        'document.documentElement.scrollWidth > document.documentElement.clientWidth',
      );
      expect({ sideways, complaints }).toEqual({ sideways: false, complaints: [] });
    },
  );

  it('says what is wrong with a configuration that was rejected', async () => {
    await run.configure(`${config}  more: {plugin: acme, evry: 5s}\n`);
    run.process.signal('SIGHUP');
    await expect
      .poll(async () => (await open(1200)).page.getByRole('alert').textContent({ timeout: 1_000 }), {
        timeout: 25_000,
      })
      .toContain('unknown key "evry"; did you mean "every"?');
  });
});
