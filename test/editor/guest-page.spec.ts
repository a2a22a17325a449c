// The guests' page in a browser: on a phone, in the light and in the dark, for who joins and for who only looks.
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { pageAssets } from '../../lib/web/guest-page/assets';
import { notApplicable, requirePrograms, waitFor } from '../support';
import { seriousFaults } from '../support/axe';
import { INVITATION, SERVER, entryView, startPage, type PageRig } from '../support/guest-page';
import { findBrowser, isNodeRed5, startBrowser } from './support';

const root = join(__dirname, '..', '..');
const built = join(root, 'dist', 'pages', 'guest-queue');
const pictures = join(root, 'build', 'pictures');
const PHONE = { width: 390, height: 844 };

describe('the guest page in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let rig: PageRig;
  const faults: string[] = [];
  const contexts: BrowserContext[] = [];

  before(async function () {
    if (isNodeRed5) notApplicable(this, 'the page knows nothing of Node-RED');
    if (!findBrowser()) requirePrograms(this, ['chromium']);
    browser = await startBrowser();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    rig = await startPage({ assets: pageAssets(built, 'Guest night') });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    await rig.close();
    assert.deepEqual(faults.splice(0), []);
  });

  /** A visitor with a browser of his own. */
  async function visitor(options: { dark?: boolean; script?: boolean; path?: string } = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: PHONE,
      deviceScaleFactor: 2,
      hasTouch: true,
      colorScheme: options.dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      javaScriptEnabled: options.script ?? true,
    });
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // a refused wish is an answer like any other
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) faults.push(message.text());
    });
    await page.goto(`${rig.origin}/${options.path ?? ''}`);
    return page;
  }

  async function joinAs(page: Page, name: string, code = INVITATION): Promise<void> {
    await page.getByLabel('Invitation code').fill(code);
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Join' }).click();
  }

  async function picture(page: Page, name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }

  const ana = (more: object = {}) => entryView('guest-1', { name: 'Ana', turn: 't1', ...more });
  const evening = () => ({
    lead: entryView('bea', {
      name: 'Bea & the Long Distance Runners',
      state: 'live' as const,
      place: 0,
      remainingMs: 312_000,
      counting: true,
    }),
    waiting: [
      entryView('cem', { name: 'Cem', place: 1 }),
      entryView('dora', { name: 'Dora', place: 2, held: true }),
      ana({ place: 3 }),
    ],
  });

  it('a performer joins, gets a key once, comes on air and sees his time run', async () => {
    const page = await visitor();
    await joinAs(page, 'Ana', 'a guess');
    await page.getByText('This is not the invitation code.').waitFor();
    assert.equal(await page.getByLabel('Invitation code').getAttribute('aria-invalid'), 'true');
    await joinAs(page, 'Ana');
    await page.getByRole('heading', { name: 'Hello Ana' }).waitFor();
    const { key } = rig.keys.people.get('guest-1')!;
    assert.equal(await page.locator('#server').innerText(), SERVER);
    assert.equal(await page.locator('#key').innerText(), 'guest-1?key=••••••••••••');
    await page.getByRole('button', { name: 'Show Stream Key' }).click();
    assert.equal(await page.locator('#key').innerText(), `guest-1?key=${key}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy Stream Key' }).click();
    await page.getByRole('button', { name: 'Copied Stream Key' }).waitFor();
    await page.getByText('You are not in line yet').waitFor();
    await picture(page, 'guest-page-key');

    rig.queue.show(evening());
    await page.locator('.place', { hasText: 'You are number 3 in line.' }).waitFor();
    assert.match(await page.title(), /^\(3\) Guest night$/);
    assert.deepEqual(await page.locator('li .when').allInnerTexts(), [
      'within 6 min',
      'held back',
      'within 16 min',
    ]);
    await picture(page, 'guest-page-waiting');

    rig.queue.show({
      lead: ana({ state: 'live', place: 0, remainingMs: 62_000, counting: true }),
      waiting: [],
    });
    await page.locator('.place', { hasText: 'You are on air.' }).waitFor();
    const time = page.getByRole('timer');
    await waitFor(async () => (await time.innerText()) === '0:59');
    await page.getByText('One minute left.').waitFor({ state: 'attached' });
    await picture(page, 'guest-page-on-air');
    // time stands still where the server says so, and the phone's clock has no say
    rig.queue.show({ lead: ana({ state: 'live', place: 0, remainingMs: 40_000 }), waiting: [] });
    await page.getByText('time runs only while somebody waits').waitFor();
    await page.evaluate('Date.now = () => 0');
    await page.waitForTimeout(600);
    assert.equal(await time.innerText(), '0:40');

    // the key is gone with the page
    await page.reload();
    await page.getByText('Settings for OBS').click();
    await page.getByText('It was shown once').waitFor();
    assert.ok(!(await page.content()).includes(key));
    assert.equal(await page.getByRole('button', { name: 'Copy Stream Key' }).isVisible(), false);
  });

  it('a stolen link, and even the same page in another browser, show no key', async () => {
    const page = await visitor();
    await joinAs(page, 'Ana');
    await page.getByRole('heading', { name: 'Hello Ana' }).waitFor();
    const { key } = rig.keys.people.get('guest-1')!;
    rig.queue.show(evening());
    const thief = await visitor();
    await thief.goto(page.url());
    await thief.getByText('Bea & the Long Distance Runners').waitFor();
    await thief.getByRole('heading', { name: 'Join' }).waitFor();
    const seen = `${await thief.content()} ${await thief.evaluate<string>('fetch("queue").then((a) => a.text())')}`;
    assert.ok(!seen.includes(key) && !seen.includes('guest-1') && !seen.includes('Hello Ana'));
    assert.equal(await page.evaluate('document.cookie'), '', 'no script reads the cookie');
    assert.equal(page.url(), `${rig.origin}/`);
  });

  it('a new key and leaving are asked for, with the keyboard too', async () => {
    const page = await visitor();
    await joinAs(page, 'Ana');
    await page.getByRole('heading', { name: 'Hello Ana' }).waitFor();
    const first = rig.keys.people.get('guest-1')!.key;
    await page.getByRole('button', { name: 'New key' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'New key');
    assert.equal(rig.keys.people.get('guest-1')!.key, first);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Get a new key' }).click();
    await waitFor(() => rig.keys.people.get('guest-1')!.key !== first);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('button', { name: 'Leave the queue' }).click();
    await page.getByRole('heading', { name: 'Join' }).waitFor();
    assert.equal(rig.keys.people.size, 0);
    assert.deepEqual(await page.context().cookies(), []);
  });

  it('says that it is not connected, and is again by itself', async () => {
    const page = await visitor();
    rig.queue.show(evening());
    await page.getByText('Cem').waitFor();
    rig.server.closeAllConnections();
    const { port } = rig;
    await new Promise((resolve) => rig.server.close(resolve));
    await page.getByText('Not connected.').waitFor();
    faults.splice(0);
    rig.server.listen(port, '127.0.0.1');
    rig.queue.show({ waiting: [entryView('eve', { name: 'Eve' })] });
    await page.getByText('Eve').waitFor();
    await page.getByText('Not connected.').waitFor({ state: 'hidden' });
    faults.splice(0);
  });

  it('names that are written to do harm are names', async () => {
    const name = '<img src=x onerror="document.title=1">\u202eabc';
    rig.queue.show({
      lead: entryView('x', { name, place: 0, state: 'live' }),
      waiting: [entryView('y', { name: 'x'.repeat(80) })],
    });
    const page = await visitor();
    await page.getByText('<img src=x').waitFor();
    assert.equal(await page.locator('img').count(), 0);
    assert.equal(await page.title(), 'Guest night');
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= width, `${width}`);
    }
  });

  it('without script the queue can be read', async () => {
    rig.queue.show(evening());
    const page = await visitor({ script: false });
    await page.getByRole('link', { name: 'The queue as a plain list' }).click();
    await page.getByText('Dora (held back)').waitFor();
    await picture(page, 'guest-page-plain');
  });

  for (const dark of [false, true])
    it(`axe-core finds nothing serious ${dark ? 'in the dark' : 'in the light'}: empty, full, joined, asking`, async () => {
      const page = await visitor({ dark });
      await page.getByText('Nobody is on air.').waitFor();
      const found = async (what: string) => {
        assert.deepEqual(await seriousFaults(page), [], what);
        await picture(page, `guest-page-${what}${dark ? '-dark' : ''}`);
      };
      await found('empty');
      rig.queue.show({ ...evening(), onHold: true });
      await page.getByText('Cem').waitFor();
      await found('queue');
      await joinAs(page, 'Ana', 'wrong');
      await page.getByText('This is not the invitation code.').waitFor();
      await found('wrong-code');
      await joinAs(page, 'Ana Maria');
      await page.getByRole('heading', { name: 'Hello Ana Maria' }).waitFor();
      await page.locator('.place', { hasText: 'You are number 3' }).waitFor();
      await found('joined');
      await page.getByText('Settings for OBS').click();
      await found('joined-open');
      await page.getByRole('button', { name: 'Leave' }).click();
      await found('asks');
      await page.keyboard.press('Escape');
      await page.goto(`${rig.origin}/queue-list`);
      assert.deepEqual(await seriousFaults(page), [], 'plain');
    });

  it('stays small', () => {
    assert.ok(statSync(join(built, 'page.js')).size <= 30_000);
  });
});
