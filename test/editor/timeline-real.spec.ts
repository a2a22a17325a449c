// The timeline page over a frame store on the disk that was there before, as people use it: 100,000 pictures in the long form.
import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { FolderFrameStore } from '../../lib/frames/store/store';
import { pageAssets } from '../../lib/web/guest-page/assets';
import { loops, requirePrograms, tempDir, waitFor } from '../support';
import { scale } from '../support/scale';
import { fillStore, stageFrame, stageVerdict } from '../support/full-store';
import { startTimeline, type TimelineRig } from '../support/timeline';
import { drawn, seen, watch, whole } from '../support/timeline-page';
import { findBrowser, startBrowser } from './support';

const built = join(__dirname, '..', '..', 'dist', 'pages', 'timeline');
const HOUR = 3_600_000;
const MANY = scale < 1 ? 2_800 : 96_000;
const FEW = scale < 1 ? 200 : 4_000;
/** 22:00 in the time zone of whoever runs this */
const END = new Date(2026, 10, 20, 22).getTime();
const MAIN = { stream: 'camera-1', from: END - MANY * 1_000, frames: MANY, everyMs: 1_000 };
/** names may have dots, and be of people */
const SIDE = { stream: 'guest.ana-b_2.x', from: END - FEW * 3_000, frames: FEW, everyMs: 3_000 };

describe('the timeline page over a store on the disk', function () {
  this.timeout(900_000);
  let browser: Browser;
  let store: FolderFrameStore;
  let rig: TimelineRig;
  const folder = tempDir('timeline-real');
  const contexts: BrowserContext[] = [];
  const faults: string[] = [];
  const settings = { folder, keepDays: null, mostBytes: null, leastFreeBytes: null };

  before(async function () {
    if (!findBrowser()) requirePrograms(this, ['chromium']);
    await fillStore(folder, [MAIN, SIDE]);
    store = new FolderFrameStore(settings);
    rig = await startTimeline({
      open: () => ({ value: store, release: () => undefined }),
      assets: pageAssets(built, 'Friday night'),
    });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await rig?.close();
    await store?.close();
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    assert.deepEqual(faults.splice(0), []);
  });

  async function visitor({ phone = false, streams = [MAIN.stream] as string[] | null } = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: phone ? { width: 390, height: 844 } : { width: 1280, height: 860 },
      ...(phone ? { hasTouch: true, isMobile: true } : {}),
      colorScheme: phone ? 'dark' : 'light',
    });
    contexts.push(context);
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
    await page.goto(`${rig.origin}/#${rig.keeper.link(streams, HOUR).token}`);
    return page;
  }

  const every = async (page: Page) => {
    const more = page.getByRole('button', { name: 'More pictures' });
    if (await more.isEnabled()) await more.click();
    await page.getByText('every picture', { exact: true }).waitFor();
    return await whole(page);
  };
  const top = (page: Page) => page.evaluate<number>('document.querySelector(".sheet").scrollTop');
  /** Nothing that was drawn since had a place without a picture. */
  const neverBlank = ({
    blank,
    mostBlank,
    drawn: all,
  }: {
    blank: number;
    mostBlank: number;
    drawn: number;
  }) => assert.deepEqual({ blank, mostBlank }, { blank: 0, mostBlank: 0 }, `of ${all} screens drawn`);

  for (const phone of [false, true])
    it(`${MANY + FEW} pictures on a ${phone ? 'phone' : 'desk'}: jumps, flings and pulls without a blank, and each soon its own`, async () => {
      const began = performance.now();
      const page = await visitor({ phone });
      await page.locator('.cell').first().waitFor();
      const first = Math.round(performance.now() - began);
      await whole(page);
      const screen = Math.round(performance.now() - began);
      const closer = await every(page);
      const box = (await page.locator('.sheet').boundingBox())!;
      const height = await page.evaluate<number>('document.querySelector(".sheet").scrollHeight');
      const over = await watch(page);
      const jumps: number[] = [];
      for (let n = 1; n <= loops(20, 3); n++) {
        const to = Math.round(((n * 0.61803) % 1) * height);
        await page.evaluate(`document.querySelector('.sheet').scrollTop = ${to}`);
        await drawn(page);
        jumps.push(await whole(page));
      }
      const middle = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
      if (phone) {
        const cdp = await page.context().newCDPSession(page);
        for (const yDistance of [6_000, -4_000])
          await cdp.send('Input.synthesizeScrollGesture', {
            ...middle,
            yDistance,
            speed: 12_000,
            gestureSourceType: 'touch',
          });
      } else {
        await page.mouse.move(middle.x, middle.y);
        for (let n = 0; n < loops(120, 30); n++) await page.mouse.wheel(0, n % 3 < 2 ? -2_500 : 900);
      }
      const bar = (await page.locator('.bar').boundingBox())!;
      const at = (share: number) => [bar.x + bar.width * share, bar.y + bar.height / 2] as const;
      await page.mouse.move(...at(0.9));
      await page.mouse.down();
      for (let n = 0; n <= loops(60, 15); n++) await page.mouse.move(...at(0.9 - (0.8 * n) / loops(60, 15)));
      await page.mouse.up();
      const settled = await whole(page);
      const zooms = phone ? 1 : 3;
      for (let n = 0; n < zooms; n++) {
        await page.getByRole('button', { name: 'Fewer pictures' }).click();
        await whole(page);
      }
      for (let n = 0; n < zooms; n++) {
        await page.getByRole('button', { name: 'More pictures' }).click();
        await whole(page);
      }
      const told = await over();
      neverBlank(told);
      assert.ok(told.drawn > 20, `${told.drawn} screens were drawn`);
      const { elements } = await seen(page);
      assert.ok(elements < 600, `${elements} elements`);
      jumps.sort((one, other) => one - other);
      // 0.3 s where nothing else runs
      assert.ok(jumps[Math.floor(jumps.length / 2)]! < 15_000, `${jumps.join(', ')} ms`);
      console.log(
        `      first picture ${first} ms, first screen ${screen} ms, every picture ${closer} ms; jumps ${jumps[0]} to ${jumps.at(-1)} ms, middle ${jumps[Math.floor(jumps.length / 2)]} ms; after pulling ${settled} ms; ${told.drawn} screens, none with a blank`,
      );
    });

  it('a picture of the disk large: its own bytes by time and hash, and the other stream beside it', async () => {
    const page = await visitor({ streams: null });
    await every(page);
    await page.getByRole('button', { name: SIDE.stream, exact: true }).waitFor();
    await page.keyboard.press('g');
    const n = MANY - 100;
    const local = new Date(MAIN.from + n * 1_000);
    const two = (value: number) => String(value).padStart(2, '0');
    const clock = [local.getHours(), local.getMinutes(), local.getSeconds()].map(two).join(':');
    await page.getByLabel('Time', { exact: true }).fill(`2026-11-20T${clock}`);
    await page.keyboard.press('Enter');
    await waitFor(async () =>
      (await page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? ""')).startsWith(
        clock,
      ),
    );
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    const { frame, jpeg } = await store.picture(`${MAIN.stream}/${MAIN.from + n * 1_000}-${n}`);
    await dialog.getByText(frame.sha256).waitFor();
    await dialog.getByText(new Date(frame.at).toISOString()).waitFor();
    await dialog.getByText('At the same time').waitFor();
    const href = (await dialog.getByRole('link', { name: 'Download' }).getAttribute('href'))!;
    const bytes = await page.evaluate<number>(
      `fetch(${JSON.stringify(href)}).then((answer) => answer.arrayBuffer()).then(({ byteLength }) => byteLength)`,
    );
    assert.equal(bytes, jpeg.length);
  });

  it('a new one is there at once at the end, and moves nothing elsewhere', async () => {
    const page = await visitor();
    await every(page);
    const live = page.getByRole('button', { name: 'Live' });
    await waitFor(async () => (await live.getAttribute('aria-pressed')) === 'true');
    let n = MANY;
    const put = async () => {
      const { id } = await store.put(stageFrame(MAIN, n), stageVerdict(MAIN, n));
      n++;
      return id;
    };
    const shows = (id: string) =>
      waitFor(() =>
        page.evaluate<boolean>(
          `[...document.querySelectorAll('.cell img')].some((image) => image.complete && (image.getAttribute('src') ?? '').includes(${JSON.stringify(id)}))`,
        ),
      );
    await shows(await put());
    assert.equal(await live.getAttribute('aria-pressed'), 'true');
    await page.evaluate('document.querySelector(".sheet").scrollTop -= 3000');
    await waitFor(async () => (await live.getAttribute('aria-pressed')) === 'false');
    await whole(page);
    const before = await top(page);
    const last = await put();
    await page.getByText(`${(MANY + 2).toLocaleString('en')} pictures`).waitFor();
    assert.equal(await top(page), before);
    await live.click();
    await shows(last);
  });

  it('a picture that retention took while somebody looks says so, and a folder that is gone too', async () => {
    const page = await visitor({ streams: [SIDE.stream] });
    await every(page);
    const frames = (await store.find({ stream: SIDE.stream, limit: 2, order: 'newest' })).frames;
    rmSync(store.pathOf(frames[0]!.id));
    await page.locator('.cell').last().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This picture is no longer kept.').waitFor();
    await page.keyboard.press('Escape');
    // what is left is as it was
    await page.locator('.cell').nth(-2).click();
    await waitFor(() => page.evaluate<boolean>('document.querySelector(".large").naturalWidth > 0'));
    await page.keyboard.press('Escape');
    renameSync(folder, `${folder}-away`);
    try {
      await page.locator('.cell').nth(-3).click();
      await dialog.locator('.fault').filter({ hasText: /./ }).waitFor();
      assert.match(await dialog.locator('.fault').innerText(), /no longer kept|cannot be read/);
      await page.keyboard.press('Escape');
    } finally {
      renameSync(`${folder}-away`, folder);
    }
    await page.locator('.cell').nth(-4).click();
    await waitFor(() => page.evaluate<boolean>('document.querySelector(".large").naturalWidth > 0'));
  });
});
