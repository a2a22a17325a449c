// Stream keys and sessions in the editor: people are added, get new keys and go in the dialog; a key is shown once.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { requirePrograms, waitFor } from '../support';
import { Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };

describe('The dialogs of stream session and stream keys', function () {
  this.timeout(60_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;
  let id: string;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const openKeys = async (button: 'add' | 'edit'): Promise<void> => {
    await editor.edit(id);
    await editor.page.locator(`#node-input-btn-keys-${button}`).click();
    await editor.configField('name').waitFor();
    await editor.settled();
  };
  const said = (place: string) => editor.page.locator(place).innerText();
  const newKey = () => editor.form.locator('.live-keys-new input.live-key');

  it('belong to the nodes for guests, which stand in the palette in the order of a night', async () => {
    const types = await editor.page.evaluate<string[]>(
      `$('#red-ui-palette-container-live_guests .red-ui-palette-node').toArray().map((node) => node.dataset.paletteType)`,
    );
    assert.deepEqual(types, [
      'live-publish-gate',
      'live-stream-queue',
      'live-stream-session',
      'live-capture-frames',
      'live-find-frames',
    ]);
  });

  it('are filled and saved; the list waits for the first deploy', async () => {
    id = await editor.drag('live-stream-session', { x: 300, y: 60 });
    await openKeys('add');
    await waitFor(async () => (await said('.live-keys-list')).includes('Deploy first'));
    await editor.configField('name').fill('guests');
    await editor.configDone();
    await editor.field('action').selectOption('token');
    assert.equal(await editor.typedField('guest').isVisible(), false);
    await editor.typedField('minutes').fill('5');
    await editor.field('action').selectOption('create');
    assert.equal(await editor.typedField('minutes').isVisible(), false);
    await editor.typedField('guest').fill('');
    await editor.done();
    assert.deepEqual((await editor.node(id)).validationErrors, ['For whom: something must be filled in']);
    await editor.edit(id);
    await editor.typedField('guest').fill('payload.name');
    await editor.picture('stream-session');
    await editor.done();
    const { valid, action, minutes, mediaServer, configVersion } = await editor.node(id);
    assert.deepEqual([valid, action, minutes, mediaServer, configVersion], [true, 'create', '5', '', 1]);
    await editor.deploy();
    await editor.badge(id, 'ready');
  });

  it('show who has a key, make one, and show it once', async () => {
    await openKeys('edit');
    await waitFor(async () => (await said('.live-keys-list')).includes('Nobody has a key yet'));
    await editor.form.getByLabel('New', { exact: true }).fill('Anna & Bö <b>');
    await editor.form.getByRole('button', { name: 'Make a key' }).click();
    await newKey().waitFor();
    const key = await newKey().inputValue();
    assert.match(key, /^anna-bo-b\?key=[a-z2-7]{32}$/);
    await editor.form.getByRole('button', { name: 'Copy' }).click();
    await waitFor(async () => (await said('.live-keys-list')).includes('Anna & Bö <b>'));
    await editor.picture('stream-keys');

    const rotate = editor.form.getByRole('button', { name: /^New key/ });
    await rotate.click();
    assert.equal(await newKey().inputValue(), key, 'one press does nothing yet');
    await rotate.click();
    await waitFor(async () => (await newKey().inputValue()) !== key);

    const box = editor.form.getByLabel('Anna & Bö <b> may publish');
    await box.uncheck();
    await waitFor(async () => (await newKey().count()) === 0);
    await editor.configDone();
    await editor.done();
    await openKeys('edit');
    await waitFor(async () => (await said('.live-keys-list')).includes('anna-bo-b'));
    assert.equal(await box.isChecked(), false);
    assert.equal(await newKey().count(), 0, 'a key is shown once');
    const remove = editor.form.getByRole('button', { name: /^Delete/ });
    await remove.click();
    await remove.click();
    await waitFor(async () => (await said('.live-keys-list')).includes('Nobody has a key yet'));
    await editor.configDone();
    await editor.done();
  });
});
