// The page of the show report in a browser: on a screen, a phone and paper, and with hostile texts.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { reportHtml, showReport } from '../../lib/witness/report';
import { requirePrograms, tempDir } from '../support';
import { sampleEvening } from '../support/sample-evening';
import { Told, honest } from '../support/told';
import { findBrowser, startBrowser } from './support';

const pictures = join(__dirname, '..', '..', 'build', 'pictures');
const HOSTILE =
  '"><script>document.title="x"</script><img src="http://127.0.0.1:9/x" onerror="document.title=\'y\'"><style>body{display:none}</style>';

describe('the page of the show report', function () {
  this.timeout(60_000);
  let browser: Browser;
  before(async function () {
    if (!findBrowser()) requirePrograms(this, ['chromium']);
    browser = await startBrowser();
  });
  after(() => browser?.close());

  /** The page, opened from a file; fails when anything else is asked for or the page complains. */
  async function open(markup: string, check: (page: Page) => Promise<void>): Promise<void> {
    const file = join(tempDir('report'), 'report.html');
    writeFileSync(file, markup);
    const page = await browser.newPage({ viewport: { width: 1000, height: 1200 } });
    const heard: string[] = [];
    page.on('request', (request) => heard.push(request.url()));
    page.on('console', (message) => heard.push(message.text()));
    page.on('dialog', (dialog) => heard.push(dialog.message()));
    await page.goto(`file://${file}`);
    await check(page);
    assert.deepEqual(heard, [`file://${file}`]);
    await page.close();
  }

  it('an ordinary evening: no wider than a phone, two sheets of paper, and a picture', async () => {
    const now = Date.parse('2026-11-20T20:10:00Z');
    const options = { timeZone: 'Europe/Berlin', title: 'Friday service, St. Mary', now };
    const report = await showReport(sampleEvening().entries, honest(), options);
    await open(reportHtml(report), async (page) => {
      assert.equal(await page.title(), 'Show report: Friday service, St. Mary');
      mkdirSync(pictures, { recursive: true });
      const box = await page.locator('main').boundingBox();
      const clip = { x: box!.x - 20, y: 0, width: box!.width + 40, height: 1320 };
      await page.screenshot({ path: join(pictures, 'show-report.png'), fullPage: true, clip });
      const bars = await page.locator('svg rect.cut').count();
      assert.equal(bars, 1);
      // the style is the one the policy knows, or nothing would have a colour
      const colour = await page.evaluate<string>(
        "getComputedStyle(document.querySelector('rect.live')).fill",
      );
      assert.equal(colour, 'rgb(47, 125, 91)');
      const pdf = await page.pdf({ preferCSSPageSize: true });
      assert.ok(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length <= 2, 'two sheets at most');
      for (const width of [320, 375, 640, 641]) {
        await page.setViewportSize({ width, height: 800 });
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        assert.ok(wide <= width, `${wide} of ${width}`);
      }
    });
  });

  it('hostile texts do nothing', async () => {
    const told = new Told();
    told.from = { application: 'obs', connection: { id: HOSTILE, name: HOSTILE } };
    told
      .goLive(10, { target: HOSTILE, server: HOSTILE }, { user: HOSTILE })
      .scene(20, HOSTILE, `x${HOSTILE}`);
    told.event(30, 'recording_started', { outputPath: HOSTILE }, { output: 'recording' });
    told.alert(40, 'opened', { title: HOSTILE, detail: HOSTILE, worst: HOSTILE });
    const problems = [
      {
        code: 'ENTRY_INVALID' as const,
        severity: 'unknown' as const,
        seq: 1,
        file: HOSTILE,
        offset: 1,
        detail: HOSTILE,
      },
    ];
    const verification = honest({
      verdict: 'unknown',
      sentence: HOSTILE,
      vkey: HOSTILE,
      checkpoint: HOSTILE,
      problems,
    });
    const report = await showReport(told.entries, verification, { title: HOSTILE });
    await open(reportHtml(report), async (page) => {
      assert.equal(await page.title(), `Show report: ${HOSTILE}`);
      assert.deepEqual(
        [await page.locator('script, img, iframe, a, form').count(), await page.locator('style').count()],
        [0, 1],
      );
      assert.ok(await page.locator('main').isVisible());
      assert.ok((await page.locator('main').innerText()).includes(HOSTILE));
    });
  });
});
