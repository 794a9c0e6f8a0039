import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage, startBrowser } from '../support/browser.ts';
import { ACME } from '../support/plugins.ts';
import { startProcess } from '../support/process.ts';
import { INFORMER, type RunningInformer, startInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const PATIENCE = 120_000;
const COUNT = 1_000;
/** So many run; the others are there, which is what a list has to bear. */
const ENABLED = 60;

const resources = Array.from({ length: COUNT }, (_, i) => {
  const name = `resource-${String(i).padStart(4, '0')}`;
  const mode = i === 7 ? ', config: {mode: target}' : '';
  return `  ${name}: {plugin: acme, every: 2s, enabled: ${i < ENABLED}${mode}}\n`;
});
const config = `plugin_dirs: [plugins]\nplugins: {acme: {host: shared}}\nresources:\n${resources.join('')}`;

let browser: Browser;
let run: RunningInformer;

beforeAll(async () => {
  [browser, run] = await Promise.all([
    startBrowser(),
    startInformer({ config, files: { 'plugins/acme.ts': ACME }, timeout: 90_000 }),
  ]);
}, PATIENCE);
afterAll(async () => {
  await browser?.close();
  await run?.[Symbol.asyncDispose]();
});

const rows = (page: Page) => page.locator('tbody tr');
const live = (page: Page) => page.getByText('live', { exact: true });

it(
  'keeps the document small with a thousand resources, and finds and scrolls to each of them',
  async () => {
    await using opened = await openPage(browser, run.url);
    const { page } = opened;
    await page.getByRole('button', { name: 'all 1,000' }).waitFor();
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('1001');
    const most = async () => {
      expect(await rows(page).count()).toBeLessThan(60);
      expect(await page.locator('*').count()).toBeLessThan(2_500);
    };
    await most();
    expect(await rows(page).first().getAttribute('data-name')).toBe('resource-0007');

    // The focus stays where it was, however far somebody scrolls.
    await rows(page).first().getByRole('link').focus();
    const last = page.getByRole('link', { name: 'resource-0999' });
    await waitFor(
      async () => {
        await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
        return last.isVisible();
      },
      { what: 'the last row', timeout: 60_000, interval: 100 },
    );
    await most();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('resource-0007');

    await page.getByRole('searchbox').fill('resource-05');
    await page.getByRole('button', { name: 'all 100' }).waitFor();
    await page.getByRole('link', { name: 'resource-0500' }).waitFor();

    // The way back leads to where somebody was.
    await page.evaluate('scrollTo(0, 3000)');
    await page.getByRole('link', { name: 'resource-0555' }).click();
    await page.getByRole('heading', { level: 1, name: 'resource-0555' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'resource-0555' }).waitFor();
    expect(await page.evaluate('scrollY')).toBeGreaterThan(2_000);
    expect(opened.complaints).toEqual([]);
  },
  PATIENCE,
);

it('says that the page may not change anything where there is no token, and what to type instead', async () => {
  await using opened = await openPage(browser, run.url, '#/resources/resource-0001');
  const { page } = opened;
  await page.getByRole('button', { name: 'Disable…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Why').fill("it's being moved");
  await dialog
    .getByText(`informer disable resource-0001 --for 30m --reason 'it'\\''s being moved'`)
    .waitFor();
  await dialog.getByRole('radio', { name: '2 hours' }).check();
  await dialog.getByText('--for 2h').waitFor();
  expect(await dialog.getByRole('button', { name: 'Disable' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Restart' }).click();
  await page.getByRole('dialog').getByText('informer restart resource-0001').waitFor();
});

it(
  'reads the lists again and again while the agent refuses streams, and is live when it does not',
  async () => {
    const end = new AbortController();
    // One that a page has just left may still be counted; without all of them taken, the page would get one.
    const isTaken = async () => (await fetch(`${run.url}/api/v1/events`, { signal: end.signal })).ok;
    const streams = Array.from({ length: 32 }, () => waitFor(isTaken, { what: 'a stream' }));
    await Promise.all(streams);
    await using opened = await openPage(browser, run.url);
    const { page } = opened;
    await page.getByText(/not live since .*, read again/).waitFor();
    expect(await rows(page).first().getAttribute('data-name')).toBe('resource-0007');
    await page
      .getByRole('region', { name: 'Connection' })
      .getByText(/streams of events/)
      .waitFor();
    // What is read is fresh: the last collect is never long ago.
    const link = page.getByRole('link', { name: 'resource-0007' });
    await link.click();
    const table = page.getByText(/The last \d+ collects as a table/);
    const before = await table.textContent();
    await expect.poll(() => table.textContent(), { timeout: PATIENCE / 2 }).not.toBe(before);
    end.abort();
    await live(page).waitFor();
    expect(await page.getByRole('region', { name: 'Connection' }).count()).toBe(0);
  },
  PATIENCE,
);

it(
  'says since when it is not live while the agent is gone, and goes on when it is back',
  async () => {
    await using opened = await openPage(browser, run.url);
    const { page } = opened;
    await live(page).waitFor();
    await run.process.stop();
    await page.getByText(/not live since .*, nothing newer could be read/).waitFor();
    await page
      .getByRole('region', { name: 'Connection' })
      .getByText(/The agent does not answer/)
      .waitFor();
    expect(await rows(page).first().getAttribute('data-name')).toBe('resource-0007');
    await run.configure(`${config}  newcomer: {plugin: acme}\n`);
    await using _again = await startProcess({
      command: process.execPath,
      args: [INFORMER, 'run'],
      cwd: run.folder,
      timeout: 90_000,
      ready: async () => (await fetch(`${run.url}/-/ready`)).ok,
    });
    await live(page).waitFor();
    await page.getByRole('searchbox').fill('newcomer');
    await page.getByRole('link', { name: 'newcomer' }).waitFor();
  },
  PATIENCE,
);
