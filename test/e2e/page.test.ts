import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../support/packages.ts';
import { ACME } from '../support/plugins.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';

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
resources:
  good: {plugin: acme}
  broken: {plugin: acme, config: {mode: target}}
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
  await run.scrape();
});
afterAll(async () => {
  await browser.close();
  await run[Symbol.asyncDispose]();
});

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
    expect(await page.title()).toBe('(1) Dynamic informer');
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe('1 of 3 resources are not up.');
    const rows = await page.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/).slice(0, 2))).toEqual([
      ['broken', 'target'],
      ['a.b-c_d', 'up'],
      ['good', 'up'],
      ['asleep', 'disabled'],
    ]);
    expect(rows[0]).toContain('The broker answered 503. Ask the broker.');
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
        timeout: 10_000,
      })
      .toContain('unknown key "evry"; did you mean "every"?');
  });
});
