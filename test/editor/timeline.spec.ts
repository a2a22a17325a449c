// The timeline page in a browser: 100,000 pictures without a blank, by keyboard and by thumb, in the light and in the dark.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { fail } from '../../lib/errors';
import { pageAssets } from '../../lib/web/guest-page/assets';
import { loops, requirePrograms, waitFor } from '../support';
import { PaperFrames } from '../support/paper-frames';
import { startTimeline, type TimelineRig } from '../support/timeline';
import { drawn, seen as seenOn, whole } from '../support/timeline-page';
import { findBrowser, startBrowser } from './support';

const root = join(__dirname, '..', '..');
const built = join(root, 'dist', 'pages', 'timeline');
const pictures = join(root, 'build', 'pictures');
const AXE = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
const HOUR = 3_600_000;
/** 20:00 in the time zone of whoever runs this: the page shows local times */
const EVENING = new Date(2026, 10, 20, 20).getTime();

/** What axe-core finds that is serious or worse, in one line each. */
async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return await page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 150) + ' ' + failureSummary)))`,
  );
}

describe('the timeline page in a browser', function () {
  this.timeout(120_000);
  let browser: Browser;
  let rig: TimelineRig;
  const faults: string[] = [];
  const contexts: BrowserContext[] = [];

  before(async function () {
    if (!findBrowser()) requirePrograms(this, ['chromium']);
    browser = await startBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    await rig?.close();
    assert.deepEqual(faults.splice(0), []);
  });

  async function start(frames: PaperFrames): Promise<void> {
    rig = await startTimeline({ frames, assets: pageAssets(built, 'Friday night') });
  }

  async function visitor(
    options: { phone?: boolean; dark?: boolean; path?: string; streams?: string[]; zone?: string } = {},
  ): Promise<Page> {
    const context = await browser.newContext({
      viewport: options.phone ? { width: 390, height: 844 } : { width: 1280, height: 860 },
      ...(options.phone ? { hasTouch: true, deviceScaleFactor: 2 } : {}),
      colorScheme: options.dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      ...(options.zone ? { timezoneId: options.zone } : {}),
    });
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
    page.on('console', (message) => {
      // what is refused is an answer like any other
      if (message.type() === 'error' && !/status of [45]\d\d|ERR_/.test(message.text()))
        faults.push(message.text());
    });
    const { token } = rig.keeper.link(options.streams ?? null, HOUR);
    await page.goto(`${rig.origin}/${options.path ?? `#${token}`}`);
    return page;
  }

  async function picture(page: Page, name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  const evening = () =>
    new PaperFrames([
      { stream: 'camera-1', from: EVENING, frames: 1_500, everyMs: 1_000 },
      { stream: 'camera-2', from: EVENING + 300_000, frames: 300, everyMs: 3_000 },
      { stream: 'guest-ana', from: EVENING + 900_000, frames: 60, everyMs: 8_000, scene: 9 },
    ]);

  it('100,000 pictures: never a blank while scrolling fast, each its own within seconds, and no more elements than a screen needs', async () => {
    await start(
      new PaperFrames([{ stream: 'camera-1', from: EVENING - 26 * HOUR, frames: 100_000, everyMs: 1_000 }]),
    );
    const page = await visitor();
    await whole(page);
    await page.getByRole('button', { name: 'More pictures' }).click();
    await page.getByText('100,000 pictures').waitFor();
    await whole(page);
    const height = await page.evaluate<number>('document.querySelector(".sheet").scrollHeight');
    assert.ok(height > 1_000_000, `${height} px`);
    // so that what stands in for others is there
    await waitFor(() => rig.frames.asked.filter((one) => one === 'small').length > 100);
    const took: number[] = [];
    let most = 0;
    for (let stop = 0; stop < loops(6, 3); stop++) {
      // as the scroll bar is pulled: many places a second
      for (let n = 0; n < 12; n++) {
        const share = ((stop * 12 + n) * 0.61803) % 1;
        await page.evaluate(`document.querySelector('.sheet').scrollTop = ${Math.round(share * height)}`);
        await drawn(page);
        const seen = await seenOn(page);
        assert.ok(seen.cells >= 20, `${seen.cells} cells`);
        assert.equal(seen.blank, 0, `${seen.blank} of ${seen.cells} are blank`);
        most = Math.max(most, seen.elements);
      }
      took.push(await whole(page));
    }
    assert.ok(most < 600, `${most} elements`);
    took.sort((one, other) => one - other);
    // 0.3 s where nothing else runs
    assert.ok(took[took.length >> 1]! < 10_000, `${took.join(', ')} ms`);
    console.log(`      each its own after ${took.join(', ')} ms; at most ${most} elements`);
    await picture(page, 'timeline-many');
  });

  it('where there are no small pictures: the pictures themselves, few at once, and still never a blank', async () => {
    const frames = evening();
    frames.withoutSmall = true;
    await start(frames);
    const page = await visitor({ streams: ['camera-1'] });
    await whole(page);
    const height = await page.evaluate<number>('document.querySelector(".sheet").scrollHeight');
    let [flying, most] = [0, 0];
    page.on('request', (request) => {
      if (request.url().includes('/small/')) most = Math.max(most, ++flying);
    });
    const over = (request: Request) => void (flying -= request.url().includes('/small/') ? 1 : 0);
    page.on('requestfinished', over);
    page.on('requestfailed', over);
    for (const share of [0.5, 0.2, 0.8]) {
      await page.evaluate(`document.querySelector('.sheet').scrollTop = ${Math.round(share * height)}`);
      await drawn(page);
      assert.equal((await seenOn(page)).blank, 0);
      await whole(page);
    }
    assert.ok(frames.asked.includes('picture'));
    assert.ok(most < 5, `${most} at once`);
  });

  it('the link is exchanged at once: it stands in no address, no history, no request and no cookie', async () => {
    await start(evening());
    const { token } = rig.keeper.link(null, HOUR);
    const context = await browser.newContext();
    contexts.push(context);
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'POST') asked.push(`${request.url()} ${JSON.stringify(request.headers())}`);
    });
    await page.goto(`${rig.origin}/#${token}`);
    await page.locator('.cell').first().waitFor();
    assert.equal(page.url(), `${rig.origin}/`);
    assert.ok(asked.length > 5 && asked.every((one) => !one.includes(token)));
    const [cookie, ...others] = await context.cookies();
    assert.equal(others.length, 0);
    assert.ok(cookie!.httpOnly && cookie!.sameSite === 'Strict' && cookie!.value !== token);
    assert.equal(await page.evaluate('document.cookie'), '');
    await page.reload();
    await page.locator('.cell').first().waitFor();
    await page.goto('about:blank');
    await page.goBack();
    assert.ok(!page.url().includes(token));
  });

  it('by keyboard: arrows, page, home, end, zoom, jump, large and back', async () => {
    await start(evening());
    const page = await visitor({ streams: ['camera-1'] });
    await whole(page);
    const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""');
    const hears = (text: string) =>
      waitFor(async () => (await focused()).startsWith(text), { message: `${text} to have the keyboard` });
    await page.keyboard.press('Home');
    await hears('20:00:00');
    await page.keyboard.press('ArrowRight');
    await hears('20:00:01');
    await page.keyboard.press('ArrowDown');
    await hears('20:00:08');
    await page.keyboard.press('ArrowUp');
    await hears('20:00:01');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await hears('20:00:00');
    await page.keyboard.press('PageDown');
    await waitFor(async () => !(await focused()).startsWith('20:00:00'));
    assert.equal(await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed'), 'false');
    await page.keyboard.press('g');
    await page.getByLabel('Time', { exact: true }).fill('2026-11-20T20:10:20');
    await page.keyboard.press('Enter');
    await hears('20:10:20');
    assert.match(await focused(), /scene change/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('the picture had changed, 84 % of it').waitFor();
    const frame = rig.frames.byStream.get('camera-1')![620]!;
    await dialog.getByText(frame.sha256).waitFor();
    await dialog.getByText(new Date(frame.at).toISOString()).waitFor();
    assert.match(
      (await dialog.getByRole('link', { name: 'Download' }).getAttribute('href')) ?? '',
      /^picture\//,
    );
    await page.keyboard.press('ArrowRight');
    await dialog.getByRole('heading', { name: 'camera-1, 20:10:21' }).waitFor();
    await page.keyboard.press('Escape');
    await hears('20:10:21');
    await page.keyboard.press('-');
    await page.getByText('one a minute', { exact: true }).waitFor();
    await hears('20:10:00');
    await page.keyboard.press('+');
    await page.keyboard.press('End');
    await hears('20:24:59');
    assert.equal(await page.getByRole('button', { name: 'Live' }).getAttribute('aria-pressed'), 'true');
  });

  it('follows the newest picture, and no more once somebody scrolls back', async () => {
    await start(evening());
    const page = await visitor({ streams: ['camera-1'] });
    await whole(page);
    const live = page.getByRole('button', { name: 'Live' });
    assert.equal(await live.getAttribute('aria-pressed'), 'true');
    const at = EVENING + 1_600_000;
    rig.frames.keep('camera-1', at);
    await page.locator(`.cell[aria-label^="20:26:40"]`).waitFor();
    await waitFor(async () => (await seenOn(page)).waiting === 0);
    await page.locator('.sheet').hover();
    await page.mouse.wheel(0, -2_000);
    await waitFor(async () => (await live.getAttribute('aria-pressed')) === 'false');
    const top = await page.evaluate<number>('document.querySelector(".sheet").scrollTop');
    rig.frames.keep('camera-1', at + 1_000);
    await page.getByText('1,502 pictures').waitFor();
    assert.equal(await page.evaluate<number>('document.querySelector(".sheet").scrollTop'), top);
    await live.click();
    await page.locator(`.cell[aria-label^="20:26:41"]`).waitFor();
    assert.equal(await live.getAttribute('aria-pressed'), 'true');
  });

  it('says what is wrong: no pictures, store away, link over', async () => {
    await start(new PaperFrames());
    const page = await visitor();
    await page.getByText('There are no pictures yet.').waitFor();
    rig.frames.keep('camera-1', EVENING);
    await page.locator('.cell').first().waitFor({ timeout: 15_000 });
    rig.frames.fault = fail('FRAMES_BUSY', { path: '/x' });
    await page.reload();
    await page.getByText('cannot be read at the moment').waitFor();
    rig.frames.fault = null;
    await page.locator('.cell').first().waitFor({ timeout: 15_000 });
    rig.secret = randomBytes(32);
    await page.reload();
    await page.getByText('This link has expired, or was withdrawn.').waitFor();
    await picture(page, 'timeline-over');
    const stranger = await visitor({ path: '#not-a-link' });
    await stranger.getByText('This link has expired, or was withdrawn.').waitFor();
  });

  it('says whose times they are, and has each day once, also where the clock is changed', async () => {
    // the night of 25 October 2026 has an hour more in Berlin
    const from = Date.UTC(2026, 9, 24, 12);
    await start(new PaperFrames([{ stream: 'a.b-c', from, frames: 2_300, everyMs: 60_000 }]));
    const page = await visitor({ zone: 'Europe/Berlin' });
    await page.getByText('a.b-c · 2,300 pictures').waitFor();
    for (let n = 0; n < 2; n++) await page.getByRole('button', { name: 'Fewer pictures' }).click();
    await page.getByText('one an hour', { exact: true }).waitFor();
    await page.getByText('Sat, Oct 24 · GMT+2', { exact: true }).waitFor();
    await whole(page);
    const headings = await page.locator('.heading').allInnerTexts();
    // those that came on screen last stand last
    assert.deepEqual(headings.sort(), ['Mon, Oct 26', 'Sat, Oct 24', 'Sun, Oct 25']);
    const times = await page.locator('.cell .when').allInnerTexts();
    // two hours begin at two o'clock
    assert.equal(times.filter((one) => one === '02:00').length, 3);
    for (const key of ['End', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('dialog').getByText('GMT+1').waitFor();
  });

  it('shows older pictures when asked, and leads back to the newest', async () => {
    // 20,000 minutes are shown at once
    const from = EVENING - 25_000 * 60_000;
    await start(new PaperFrames([{ stream: 'camera-1', from, frames: 25_000, everyMs: 60_000 }]));
    const page = await visitor();
    await whole(page);
    const count = async () => Number((await page.locator('.count').innerText()).replace(/\D/g, '').slice(1));
    const newest = await count();
    assert.ok(newest <= 20_100 && newest > 19_000, `${newest}`);
    await page.getByRole('button', { name: 'Show older pictures' }).click();
    await waitFor(async () => (await count()) !== newest);
    assert.ok(Math.abs((await count()) + newest - 25_000) <= 60, `${await count()} and ${newest}`);
    await whole(page);
    await page.keyboard.press('Home');
    await waitFor(async () =>
      (await page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""')).endsWith(
        'camera-1',
      ),
    );
    assert.equal(await page.getByRole('button', { name: 'Show older pictures' }).isVisible(), false);
    await page.getByRole('button', { name: 'Live' }).click();
    await waitFor(async () => (await count()) === newest);
    await page.locator('.cell[aria-label^="19:59:00"]').last().waitFor();
    await whole(page);
  });

  it('one picture only is a page like any other', async () => {
    await start(new PaperFrames([{ stream: 'camera-1', from: EVENING, frames: 1, everyMs: 1_000 }]));
    const page = await visitor();
    await page.getByText('camera-1 · 1 picture', { exact: true }).waitFor();
    await whole(page);
    for (const key of ['Home', 'ArrowRight', 'PageDown', 'End', '-', '+', 'Enter'])
      await page.keyboard.press(key);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('the first of this connection').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.cell').count(), 1);
  });

  it('on a phone: three in a row, large by a touch, on by a swipe, nothing wider than the screen', async () => {
    await start(evening());
    const page = await visitor({ phone: true, dark: true });
    await whole(page);
    await picture(page, 'timeline-phone');
    const wide = () => page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok((await wide()) <= 390);
    await page.locator('.cell').nth(20).tap();
    const heading = page.getByRole('dialog').getByRole('heading', { level: 2 });
    await heading.waitFor();
    const first = await heading.innerText();
    await page.evaluate(`(() => {
      const stage = document.querySelector('.stage');
      const touch = (clientX) => new Touch({ identifier: 1, target: stage, clientX, clientY: 200 });
      stage.dispatchEvent(new TouchEvent('touchstart', { touches: [touch(300)] }));
      stage.dispatchEvent(new TouchEvent('touchend', { changedTouches: [touch(100)] }));
    })()`);
    await waitFor(async () => (await heading.innerText()) !== first);
    await waitFor(() => page.evaluate<boolean>('document.querySelector(".large").complete'));
    await picture(page, 'timeline-phone-large');
    for (const width of [320, 390]) {
      await page.setViewportSize({ width, height: 700 });
      assert.ok((await wide()) <= width, `${width}`);
    }
  });

  for (const dark of [false, true])
    it(`axe-core finds nothing serious ${dark ? 'in the dark' : 'in the light'}: sheet, streams side by side, large, jump, keys, empty`, async () => {
      await start(evening());
      const page = await visitor({ dark });
      await whole(page);
      const found = async (what: string) => {
        assert.deepEqual(await seriousFaults(page), [], what);
        await picture(page, `timeline-${what}${dark ? '-dark' : ''}`);
      };
      await found('streams');
      for (const stream of ['camera-2', 'guest-ana'])
        await page.getByRole('button', { name: stream, exact: true }).click();
      await page.keyboard.press('Home');
      await whole(page);
      await found('sheet');
      await page.locator('.cell').nth(20).click();
      await page.getByText('At the same time').or(page.getByText('SHA-256')).first().waitFor();
      await waitFor(() => page.evaluate<boolean>('document.querySelector(".large").complete'));
      await found('large');
      await page.keyboard.press('Escape');
      await page.keyboard.press('g');
      await page.getByLabel('Time', { exact: true }).waitFor();
      await found('jump');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('heading', { name: 'Keys' }).waitFor();
      await found('keys');
    });

  it('stays small', () => {
    assert.ok(statSync(join(built, 'page.js')).size <= 52_000);
  });
});
