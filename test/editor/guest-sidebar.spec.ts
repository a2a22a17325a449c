// The operator's sidebar and the guests' page together: a rehearsal in a real Node-RED, in a browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { freePort, requirePrograms, waitFor } from '../support';
import { seriousFaults } from '../support/axe';
import { Editor, findBrowser, isNodeRed5, type NodeRed, startBrowser, startNodeRed } from './support';

const root = join(__dirname, '..', '..');
const EXAMPLE = join(root, 'examples', '12 Guests', '01 Guest night.json');

interface SavedNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

describe('the operator’s sidebar', function () {
  this.timeout(120_000);
  let browser: Browser;
  let nodeRed: NodeRed;
  let editor: Editor;
  let port = 0;
  let hookPort = 0;

  /** The example of a guest night, a rehearsal, with the page on and the sidebar open to who has no login. */
  function night(change: object): object[] {
    const nodes = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as SavedNode[];
    const keys = nodes.find(({ type }) => type === 'live-stream-keys')?.id ?? 'people';
    const own = {
      id: keys,
      type: 'live-stream-keys',
      name: 'guests',
      configVersion: 1,
      folder: '',
      mostPeople: '100',
    };
    return [
      ...nodes.map((node) => {
        if (node.type === 'live-guest-queue') return { ...node, keys, ...change };
        return node.type === 'live-media-server' ? { ...node, hookPort: String(hookPort) } : node;
      }),
      ...(keys === 'people' ? [own] : []),
    ];
  }

  before(async function () {
    if (!findBrowser()) requirePrograms(this, ['chromium']);
    port = await freePort();
    hookPort = await freePort();
    browser = await startBrowser();
    nodeRed = await startNodeRed();
    await nodeRed.deploy(night({ openOperator: false }));
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });

  const sidebar = (page: Page) => page.locator('.live-guests');

  it('is there with the queue, and off without a login unless the dialog allows it', async () => {
    await editor.page.evaluate('RED.sidebar.show("live-guest-queue")');
    await sidebar(editor.page).getByText('this Node-RED asks nobody for a login').waitFor();
    await nodeRed.deploy(
      night({ openOperator: true, limitMinutes: '60', page: true, pageJoin: false, pagePort: String(port) }),
    );
    await sidebar(editor.page).getByRole('heading', { name: 'On air' }).waitFor();
  });

  it('shows who is on air and waits; the operator holds, moves, bans and skips, and guests see it', async () => {
    const bar = sidebar(editor.page);
    const rows = bar.locator('ol li[data-turn]');
    await waitFor(async () => (await rows.count()) >= 2, {
      timeoutMs: 60_000,
      message: 'invented guests to wait',
    });
    await waitFor(async () => /\d:\d\d left/.test(await bar.locator('.live-guests-time').innerText()), {
      message: 'the time to run',
    });
    const lead = () => bar.locator('.live-guests-lead .live-guests-name').innerText();
    const phone = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await phone.goto(`http://127.0.0.1:${port}/`);
    await phone.locator('.lead-name', { hasText: await lead() }).waitFor();

    // with the keyboard: whoever is on a button stays on it
    const second = (await rows.nth(1).locator('.live-guests-name').innerText()).replace(/^2\. /, '');
    await bar.getByRole('button', { name: `Move ${second} up` }).focus();
    await editor.page.keyboard.press('Enter');
    await rows.first().getByText(`1. ${second}`).waitFor();
    await waitFor(() =>
      editor.page.evaluate<boolean>('document.activeElement.closest(".live-guests li[data-turn]") !== null'),
    );
    await bar.getByRole('button', { name: `Hold ${second} back` }).click();
    await rows.first().getByText('held back').waitFor();
    await bar.getByRole('button', { name: `Let ${second} follow again` }).click();

    await bar.getByRole('button', { name: `Ban ${second}` }).click();
    await bar.getByLabel('for minutes').fill('10');
    await bar.getByLabel('reason').fill('a loud dog');
    await bar.locator('form button[type=submit]', { hasText: 'Ban' }).click();
    await bar.getByText('a loud dog').waitFor();
    assert.ok(!(await phone.content()).includes('a loud dog'));
    assert.deepEqual(await seriousFaults(editor.page, '.live-guests'), []);
    // Editor.picture waits for notes to go, and the one of the deploy from elsewhere only hides
    const file = isNodeRed5 ? '../pictures-other/guest-sidebar-5.png' : 'guest-sidebar.png';
    await editor.page.screenshot({ path: join(root, 'build', 'pictures', file) });
    await bar.getByRole('button', { name: `Unban ${second}` }).click();
    await bar.getByText('Nobody is banned.').waitFor();

    await waitFor(async () => (await rows.count()) >= 1, { timeoutMs: 60_000 });
    const before = await lead();
    await bar.getByRole('button', { name: 'Skip', exact: true }).click();
    await waitFor(async () => (await lead()) !== before, {
      timeoutMs: 60_000,
      message: 'the next one on air',
    });
    await phone.locator('.lead-name', { hasText: await lead() }).waitFor();
    assert.ok(!(await phone.locator('.lead-name').innerText()).includes(before));
    await phone.close();
    editor.assertNoFaults();
  });
});
