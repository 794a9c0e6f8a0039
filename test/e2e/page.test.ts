import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPage, scrollsSideways, seriousViolations, startBrowser } from '../support/browser.ts';
import { ACME } from '../support/plugins.ts';
import { type RunningInformer, startInformer } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const TOKEN = 'correct-horse-battery';
const SECRET = 'hunter2-hunter2';

const config = `plugin_dirs: [plugins]
plugins: {acme: {host: dedicated}}
resources:
  good: {plugin: acme, every: 1s, config: {queues: [a, bb], token: ${SECRET}}}
  partly: {plugin: acme, every: 1s, config: {mode: duplicate}}
  broken: {plugin: acme, every: 1s, config: {mode: target}}
  deadly: {plugin: acme, every: 1s, config: {mode: exit}}
  asleep: {plugin: acme, enabled: false}
  "a.b-c_d": {plugin: acme, every: 1h}
  probe: {plugin: http-probe, config: {targets: ['http://127.0.0.1:1/']}}
`;

/** Resources that are opened anew start processes, for which a busy machine takes its time. */
const PATIENCE = 120_000;

let browser: Browser;
let run: RunningInformer;

beforeAll(async () => {
  [browser, run] = await Promise.all([
    startBrowser(),
    startInformer({
      config,
      files: { 'plugins/acme.ts': ACME, token: TOKEN },
      web: 'admin: {token_file: token}',
      timeout: 60_000,
    }),
  ]);
  await run.scrape();
  // It has to bring its host down a few times before it is quarantined.
  const isQuarantined = async () => (await stateOf('deadly')) === 'quarantined';
  await waitFor(isQuarantined, { what: 'the quarantine', timeout: 60_000 });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await run?.[Symbol.asyncDispose]();
});

async function stateOf(resource: string): Promise<unknown> {
  const response = await fetch(new URL(`/api/v1/resources/${resource}`, run.url));
  return ((await response.json()) as { state: unknown }).state;
}

async function change(resource: string, action: string): Promise<void> {
  const response = await fetch(new URL(`/api/v1/resources/${resource}/${action}`, run.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
}

const rowOf = (page: Page, name: string) => page.locator(`tbody tr[data-name="${name}"]`);

/** As it is seen: with blanks and lines between what stands apart. */
const textOf = async (locator: Locator): Promise<string> => (await locator.allInnerTexts()).join('\n');

const namesOf = (page: Page) => page.locator('tbody tr th a').allInnerTexts();

describe('what is broken and why', () => {
  it('shows what is broken first, in words with the fix, and every resource', async () => {
    await using opened = await openPage(browser, run.url);
    const { page } = opened;
    await page.getByText('live', { exact: true }).waitFor();
    expect(await textOf(page.getByRole('heading', { level: 1 }))).toBe('2 of 6 resources are broken');
    expect(await page.title()).toBe('(2) Dynamic informer');
    await expect
      .poll(() => namesOf(page), { timeout: 60_000 })
      .toEqual(['deadly', 'broken', 'partly', 'a.b-c_d', 'good', 'probe', 'asleep']);
    expect(await textOf(rowOf(page, 'broken'))).toMatch(
      /target failed\s[\s\S]*The broker answered 503\. Ask the broker\. TARGET_FAILED/,
    );
    const deadly = await textOf(rowOf(page, 'deadly'));
    expect(deadly).toMatch(/quarantined\s+since [\s\S]*next try in [\s\S]*brought its host down 3 times/);
    expect(await rowOf(page, 'broken').locator('time').first().getAttribute('title')).toMatch(/UTC\)$/);
    // Its history is alive: each collect is drawn when it has ended.
    const spark = rowOf(page, 'good').getByRole('img');
    const before = await spark.getAttribute('aria-label');
    await waitFor(async () => (await spark.getAttribute('aria-label')) !== before, {
      what: 'the next collect to be drawn',
      timeout: 60_000,
    });
    expect(opened.complaints).toEqual([]);
  });

  it('filters by state, by plugin and by words, in an address that can be sent to somebody', async () => {
    await using opened = await openPage(browser, run.url);
    const { page } = opened;
    await page.getByRole('button', { name: /^broken/ }).click();
    await expect.poll(() => namesOf(page)).toEqual(['deadly', 'broken']);
    await page.getByRole('searchbox').fill('503');
    await expect.poll(() => namesOf(page)).toEqual(['broken']);
    await using second = await openPage(browser, run.url, new URL(page.url()).hash);
    await expect.poll(() => namesOf(second.page)).toEqual(['broken']);
    await page.getByRole('searchbox').fill('no such thing');
    await page.getByText('None of 7 resources fits the filter.').waitFor();
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: /^all/ }).click();
    await page.getByRole('combobox', { name: 'Plugin' }).selectOption('http-probe');
    await expect.poll(() => namesOf(page)).toEqual(['probe']);
  });

  it('tells all about one resource: error, host, budgets, durations, series, settings without secrets', async () => {
    await using opened = await openPage(browser, run.url);
    const { page } = opened;
    await rowOf(page, 'broken').getByRole('link').click();
    const heading = page.getByRole('heading', { level: 1, name: 'broken' });
    await heading.waitFor();
    expect(new URL(page.url()).hash).toBe('#/resources/broken');
    await page.getByRole('region', { name: 'What is wrong' }).getByText('Ask the broker.').waitFor();

    await page.goto(`${run.url}/#/resources/good`);
    await page.getByRole('heading', { level: 1, name: 'good' }).waitFor();
    await page.locator('dd .n', { hasText: /^\d+ of 10,000$/ }).waitFor();
    await page.locator('dd .n', { hasText: / of 128 MiB$/ }).waitFor();
    await page.locator('.chart canvas').waitFor();
    await page.getByText(/The last \d+ collects as a table/).click();
    await page.getByRole('cell', { name: 'ok' }).first().waitFor();

    await page.getByRole('button', { name: 'Show the series' }).click();
    await page.getByText('queue_messages{queue="bb",resource="good"}').waitFor();
    await page.getByRole('searchbox', { name: 'Search series' }).fill('waiting bb');
    await page.getByText('1 series').waitFor();

    const settings = page.locator('section', { has: page.getByRole('heading', { name: 'Settings' }) });
    await settings.getByText(/queues:\s+- a\s+- bb/).waitFor();
    expect(await textOf(settings)).toMatch(/informer\.yaml:\d+:\d+\nplugin: acme\nevery: 1s/);
    expect(await page.content()).not.toContain(SECRET);
    expect(opened.complaints).toEqual([]);
  });

  it('says so when the address names a resource that is not configured', async () => {
    await using opened = await openPage(browser, run.url, '#/resources/gone');
    await opened.page.getByText('There is no resource "gone" in the configuration.').waitFor();
  });
});

describe('silence this for 30 minutes', () => {
  it(
    'asks for the token once, shows what is overridden everywhere, and undoes it',
    async () => {
      await using opened = await openPage(browser, run.url);
      const { page } = opened;
      await page.getByRole('button', { name: 'Disable broken' }).click();
      const dialog = page.getByRole('dialog', { name: 'Disable broken' });
      await dialog.getByRole('radio', { name: '30 minutes' }).check();
      await dialog.getByLabel('Why').fill('broker is being moved');
      await dialog.getByRole('button', { name: 'Disable' }).click();

      const question = page.getByRole('dialog', { name: 'Changes need the token' });
      await question.getByRole('textbox', { name: 'Token' }).fill('wrong');
      await question.getByRole('button', { name: 'Continue' }).click();
      await question.getByText('The token is not the right one.').waitFor();
      expect(await stateOf('broken')).not.toBe('disabled');
      await question.getByRole('textbox', { name: 'Token' }).fill(TOKEN);
      await question.getByRole('button', { name: 'Continue' }).click();

      await page.getByText('broken is disabled for 30m.').waitFor();
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(await stateOf('broken')).toBe('disabled');
      await expect.poll(() => textOf(rowOf(page, 'broken'))).toMatch(/disabled[\s\S]*overridden/);
      const strip = page.getByRole('region', { name: 'Overridden resources' });
      expect(await textOf(strip)).toMatch(
        /broken disabled by .*until .*\(in (?:29|30) min\): .?broker is being moved/,
      );
      await page.getByRole('button', { name: /^overridden/ }).click();
      await expect.poll(() => namesOf(page)).toEqual(['broken']);

      await rowOf(page, 'broken').getByRole('link').click();
      const audit = page.locator('section', {
        has: page.getByRole('heading', { name: 'Changes at run time' }),
      });
      await audit.getByText('broker is being moved').waitFor();
      await page.getByRole('region', { name: 'Override' }).getByRole('button', { name: 'Undo' }).click();
      await page.getByText('broken is enabled, as the configuration says.').waitFor();
      await expect.poll(() => page.getByRole('region', { name: 'Override' }).count()).toBe(0);
      expect(await stateOf('broken')).not.toBe('disabled');

      await page.getByRole('button', { name: 'Collect now' }).click();
      await page.getByText('broken was collected.').waitFor();
      await page.getByRole('button', { name: 'Restart' }).click();
      await page.getByText('broken was opened anew.').waitFor();
    },
    PATIENCE,
  );

  it('says what is wrong with a duration, and changes nothing', async () => {
    await using opened = await openPage(browser, run.url, '#/resources/good');
    const { page } = opened;
    await page.getByRole('button', { name: 'Disable…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Disable good' });
    await dialog.getByLabel('Other duration').fill('soon');
    await dialog.getByRole('button', { name: 'Disable' }).click();
    await page.getByRole('textbox', { name: 'Token' }).fill(TOKEN);
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText(/soon/).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await stateOf('good')).toBe('running');
  });
});

describe('did my change load', () => {
  it(
    'shows a change, then every mistake with its place, then that it is mended, without being loaded again',
    async () => {
      await using opened = await openPage(browser, run.url);
      const { page } = opened;
      await rowOf(page, 'good').waitFor();
      await run.configure(`${config}  more: {plugin: acme}\n`);
      await page.getByText(/Configuration loaded .*: 1 opened/).waitFor();
      await rowOf(page, 'more').waitFor();

      await run.configure(`${config}  more: {plugin: acme, evry: 5s}\n  other: {plugin: acme, timeot: 1s}\n`);
      const alert = page.getByRole('alert');
      await alert.getByText(/not usable \(2 mistakes\); the last good one runs on/).waitFor();
      expect(await textOf(alert)).toMatch(
        /informer\.yaml:\d+:\d+[\s\S]*unknown key "evry"; did you mean "every"\?/,
      );
      expect(await textOf(alert)).toMatch(/informer\.yaml:\d+:\d+[\s\S]*did you mean "timeout"/);

      await run.configure(config);
      await page.getByText(/Configuration loaded .*: 1 closed/).waitFor();
      expect(await alert.count()).toBe(0);
      await expect.poll(() => rowOf(page, 'more').count()).toBe(0);
      expect(opened.complaints).toEqual([]);
    },
    PATIENCE,
  );

  it(
    'reads the configuration again on request',
    async () => {
      await using opened = await openPage(browser, run.url);
      const { page } = opened;
      await page.getByRole('button', { name: 'Reload configuration' }).click();
      await page.getByRole('textbox', { name: 'Token' }).fill(TOKEN);
      await page.keyboard.press('Enter');
      await page.getByText('The configuration was read again; what it came to stands on top.').waitFor();
      await page.getByText(/Configuration loaded .*: nothing had changed/).waitFor();
    },
    PATIENCE,
  );
});

describe('without a mouse, on a phone, with a screen reader', () => {
  it('leads by keyboard from the search to a resource, into a dialog and out again, and keeps the focus', async () => {
    await using opened = await openPage(browser, run.url);
    const { page } = opened;
    await rowOf(page, 'good').waitFor();
    const focused = () => page.evaluate('document.activeElement.textContent') as Promise<string>;
    await page.keyboard.press('/');
    await page.keyboard.type('good');
    await expect.poll(() => namesOf(page)).toEqual(['good']);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('good');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'good' }).waitFor();
    await expect.poll(focused).toBe('good');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Disable…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Disable good' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expect.poll(focused).toBe('Disable…');
    await page.goBack();
    // The filter is still there.
    await expect.poll(() => namesOf(page)).toEqual(['good']);
  });

  it(
    'says aloud what broke and what is well again, and nothing of collects',
    async () => {
      await using opened = await openPage(browser, run.url);
      const { page } = opened;
      await rowOf(page, 'probe').waitFor();
      const spoken = page.locator('.unseen[role=status]');
      await change('broken', 'disable');
      await expect.poll(() => textOf(spoken), { timeout: 60_000 }).toBe('broken is disabled.');
      await change('broken', 'enable');
      await expect.poll(() => textOf(spoken), { timeout: 60_000 }).toBe('broken is target failed.');
    },
    PATIENCE,
  );

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'gives axe nothing serious to find, %s at %d pixels, and does not scroll sideways',
    async (colorScheme, width) => {
      await using opened = await openPage(browser, run.url, '', {
        colorScheme,
        viewport: { width, height: 700 },
      });
      const { page } = opened;
      await rowOf(page, 'good').waitFor();
      const found: Record<string, unknown> = {};
      const look = async (what: string) => {
        found[what] = { axe: await seriousViolations(page), sideways: await scrollsSideways(page) };
      };
      await look('list');
      await page.getByRole('button', { name: 'Disable broken' }).click();
      await look('change');
      await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
      await page.getByRole('textbox', { name: 'Token' }).waitFor();
      await look('token');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.goto(`${run.url}/#/resources/good`);
      await page.getByRole('button', { name: 'Show the series' }).click();
      await page.getByText('queue_messages{queue="bb",resource="good"}').waitFor();
      await page.getByText(/queues:\s+- a\s+- bb/).waitFor();
      await look('resource');
      const nothing = { axe: [], sideways: false };
      expect(found).toEqual({ list: nothing, change: nothing, token: nothing, resource: nothing });
      expect(opened.complaints).toEqual([]);
    },
  );
});

it('takes at most 100 KB over the wire, its chart included', async () => {
  await using opened = await openPage(browser, run.url);
  const { page } = opened;
  const sizes = new Map<string, number>();
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.startsWith('/api/')) return;
    const { responseBodySize, responseHeadersSize } = await response.request().sizes();
    sizes.set(pathname, responseBodySize + responseHeadersSize);
  });
  // What was read before this listener began is read anew.
  const client = await page.context().newCDPSession(page);
  await client.send('Network.clearBrowserCache');
  await page.reload();
  await rowOf(page, 'good').getByRole('link').click();
  await page.locator('.chart canvas').waitFor();
  // The document, its style, its script, and the chart.
  await expect.poll(() => sizes.size).toBe(4);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(20_000);
  expect(total).toBeLessThan(100_000);
});

it('lets browsers keep what is named after its content, and asks them to come again for the document', async () => {
  const document = await fetch(run.url);
  expect(document.headers.get('cache-control')).toBe('no-cache');
  const script = /src="(page\/[^"]+)"/.exec(await document.text())?.[1];
  const kept = await fetch(`${run.url}/${script}`);
  expect(kept.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const tag = document.headers.get('etag') ?? '';
  expect((await fetch(run.url, { headers: { 'if-none-match': tag } })).status).toBe(304);
  expect((await fetch(`${run.url}/page/page-00000000.js`)).status).toBe(404);
  expect((await fetch(`${run.url}/page/..%2fbuiltins.json`)).status).toBe(404);
});

it('lists the resources for a browser without JavaScript', async () => {
  await using opened = await openPage(browser, run.url, '', { javaScriptEnabled: false });
  const { page } = opened;
  await page.getByRole('rowheader', { name: 'deadly' }).waitFor();
  expect(await textOf(page.locator('tbody tr').nth(1))).toMatch(/broken\s+target\s+The broker answered 503/);
  expect(opened.complaints).toEqual([]);
});
