// The frame store's dialog where people log in: the page is set up, links go out and are withdrawn, and the button opens the timeline.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { freePort, requirePrograms, tempDir, waitFor } from '../support';
import { seriousFaults } from '../support/axe';
import { fillStore } from '../support/frames';
import { Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const LOADED = ['settings.read', 'flows.read', 'nodes.read', 'context.read', 'plugins.read', 'library.read'];
/** of those pictures that can be seen, at least one, each whole */
const PICTURES_SEEN = `(() => {
  const all = [...document.querySelectorAll('.cell img')];
  return all.length > 0 && all.every((one) => one.complete && one.naturalWidth > 0);
})()`;

describe("The frame store's dialog", function () {
  this.timeout(90_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;
  const saved: Record<string, unknown> = {
    ...{ page: true, pageTitle: 'Friday night', pageHost: 'localhost', pagePort: '' },
    ...{ pageAddress: '', pageProxies: '127.0.0.1, fd00::/8', pageTls: '' },
  };

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    const userDir = tempDir('frame-store-dialog');
    const folder = join(userDir, 'pictures');
    fillStore(folder, { frames: 60, streams: ['anna', 'bob'] });
    saved.pagePort = String(await freePort());
    const limits = { keepDays: '0', mostGb: '0', leastFreeGb: '0' };
    const store = {
      id: 'store1',
      type: 'live-frame-store',
      name: 'Pictures',
      configVersion: 1,
      folder,
      ...limits,
    };
    const find = {
      id: 'find1',
      type: 'live-find-frames',
      z: 'tab1',
      store: 'store1',
      action: 'streams',
      wires: [[]],
    };
    writeFileSync(join(userDir, 'flows.json'), JSON.stringify([TAB, store, { ...find, x: 300, y: 60 }]));
    nodeRed = await startNodeRed({ userDir, users: { boss: '*', viewer: 'read', stranger: LOADED } });
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed, 'boss');
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const open = async (by = editor): Promise<void> => {
    await by.page.evaluate(`RED.editor.editConfig('', 'live-frame-store', 'store1')`);
    await by.configField('folder').waitFor();
    await by.settled();
  };
  const openPage = async (): Promise<void> => {
    await open();
    await editor.tab('Page');
  };
  const wrong = (name: string): Promise<boolean> =>
    editor.configField(name).evaluate((field) => field.classList.contains('input-error'));
  const button = (name: string) => editor.form.getByRole('button', { name });
  const said = () => editor.form.locator('.live-frames-link-new').innerText();

  it('marks what is wrong of each field, once the page is wanted', async () => {
    await openPage();
    assert.equal(await editor.configField('pagePort').isVisible(), false);
    assert.equal(await button('Make a link').isVisible(), false);
    await editor.configField('page').check();
    await editor.configField('pageHost').fill('a host');
    await editor.configField('pagePort').fill('99999');
    await editor.configField('pageAddress').fill('pictures.example.org');
    await editor.configField('pageProxies').fill('10.0.0.0/8, the proxy');
    await editor.configField('pageTitle').fill('Friday');
    await waitFor(
      async () =>
        (await Promise.all(['pageHost', 'pagePort', 'pageAddress', 'pageProxies'].map(wrong))).every(Boolean),
      { message: 'every wrong field to be marked' },
    );
    assert.equal(await wrong('pageTitle'), false);
    await button('Make a link').click();
    await waitFor(async () => (await said()).includes('page of this frame store is off'));
    await editor.configDone();
    const errors = (await editor.node('store1')).validationErrors!.join('\n');
    for (const one of [
      /^Listen on: this is no host/m,
      /^Port: a whole number from 1 to 65535/m,
      /^Address: the address must begin with http/m,
      /^Proxies: addresses and networks are needed/m,
    ])
      assert.match(errors, one);
    // the browser tells of the link that was refused
    editor.faults.splice(0);
  });

  it('saves what is filled in; a link is shown once, opens the page for its stream, and is withdrawn', async () => {
    await openPage();
    for (const name of ['pageTitle', 'pageHost', 'pagePort', 'pageAddress', 'pageProxies'])
      await editor.configField(name).fill(String(saved[name]));
    await editor.configDone();
    const node = await editor.node('store1');
    assert.deepEqual(node.validationErrors ?? [], []);
    assert.deepEqual(Object.fromEntries(Object.keys(saved).map((name) => [name, node[name]])), saved);
    await editor.deploy();

    await openPage();
    await editor.page.locator('#live-frames-link-streams').fill('anna');
    await editor.page.locator('#live-frames-link-hours').fill('2');
    await button('Make a link').click();
    const made = editor.form.locator('.live-frames-link-new input.live-key');
    await made.waitFor();
    const link = await made.inputValue();
    const [address, token = ''] = link.split('#');
    assert.equal(address, `http://localhost:${String(saved.pagePort)}/`);
    assert.match(await said(), /shown now and never again/);
    await button('Copy').click();
    assert.deepEqual(await seriousFaults(editor.page, '.live-tab[data-tab=page]'), []);
    await editor.picture('frame-store-page');

    const context = await browser!.newContext();
    const guest = await context.newPage();
    await waitFor(() => guest.goto(link).catch(() => null), { message: () => nodeRed!.program.log() });
    await waitFor(() => guest.evaluate<boolean>(PICTURES_SEEN), { message: 'the pictures' });
    assert.equal(await guest.title(), 'Friday night');
    assert.equal(await guest.getByText('bob', { exact: true }).count(), 0);

    await button('Withdraw all links').click();
    assert.equal(await made.inputValue(), link, 'one press does nothing yet');
    await button('Press again to withdraw').click();
    await waitFor(async () => (await said()).includes('No link opens anything any more'));
    await guest.reload();
    await guest.getByText('This link has expired, or was withdrawn.').waitFor();
    await context.close();

    await editor.configDone();
    await openPage();
    assert.equal(await made.count(), 0, 'a link is shown once');
    await editor.configDone();
    assert.ok(token.length > 40 && !nodeRed!.program.log().includes(token));
    const there = await editor.node('store1');
    assert.deepEqual(there, { ...node, ...there });
  });

  it('opens the timeline for who may read, by its button, and not for who may not', async () => {
    const viewer = await Editor.open(browser!, nodeRed!, 'viewer');
    await open(viewer);
    const timeline = viewer.form.getByRole('button', { name: 'Open the timeline' });
    await waitFor(() => timeline.isEnabled());
    const [page] = await Promise.all([viewer.page.context().waitForEvent('page'), timeline.click()]);
    await page.waitForURL('**/live-production/frames/store1/');
    await waitFor(() => page.evaluate<boolean>(PICTURES_SEEN), { message: 'the pictures' });
    assert.ok((await page.getByText('bob', { exact: true }).count()) > 0);
    viewer.assertNoFaults();
    const asks = () => page.evaluate<number>(`fetch('about').then(({ status }) => status)`);
    assert.equal(await asks(), 200);
    await viewer.page.evaluate(
      `$.ajax({ url: 'auth/revoke', type: 'POST', data: { token: RED.settings.get('auth-tokens').access_token } })`,
    );
    assert.equal(await asks(), 401, 'the session ends with the login');
    await viewer.page.context().close();

    const stranger = await Editor.open(browser!, nodeRed!, 'stranger');
    await open(stranger);
    await waitFor(async () =>
      (await stranger.form.locator('.live-frames-use').innerText()).includes('Your user may not do this'),
    );
    assert.equal(await stranger.form.getByRole('button', { name: 'Open the timeline' }).isDisabled(), true);
    const status = await stranger.page.evaluate<number>(
      `$.ajax({ url: 'live-production/timeline/ticket', type: 'POST', contentType: 'application/json', data: '{"id":"store1"}' }).then(() => 200, ({ status }) => status)`,
    );
    assert.equal(status, 401);
    // the page itself is given to anybody, and no picture with it
    await stranger.page.goto(`${nodeRed!.url}live-production/frames/store1/`);
    await stranger.page.getByText('Open this page from the editor again').waitFor();
    assert.equal(await stranger.page.locator('.cell').count(), 0);
    await stranger.page.context().close();
  });
});
