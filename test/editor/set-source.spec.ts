// The dialog of set source: what is asked follows what is changed, and its lists have only sources that fit, before any deploy.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { obsRehearsal, vmixRehearsal } from '../package/shared-nodes';
import { requirePrograms, waitFor } from '../support';
import { Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const OBS = { ...obsRehearsal, id: 'obs1', name: '' };
const VMIX = { ...vmixRehearsal, id: 'vmix1', name: '' };

describe('The dialog of set source', function () {
  this.timeout(120_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB, OBS, VMIX]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const ROWS = [
    ...['scene', 'source', 'filter', 'field', 'overlay', 'state', 'text', 'file', 'db', 'rampMs'],
    ...['monitoring', 'media'],
  ];
  const shown = async () => {
    const found: string[] = [];
    for (const property of ROWS)
      if (await editor.page.locator(`.form-row:has(> #node-input-${property})`).isVisible())
        found.push(property);
    return found;
  };
  const choices = (property: string) =>
    editor.page
      .locator(`#node-input-${property} option`)
      .evaluateAll((options) =>
        options.map((one) => one as HTMLOptionElement).flatMap((one) => (one.hidden ? [] : [one.value])),
      );
  const choose = (property: string, value: string) => editor.field(property).selectOption(value);
  const type = async (property: string, value: string) => {
    await editor.typedField(property).fill(value);
    await editor.typedField(property).press('Tab');
  };
  /** What the list at the end of a field offers. */
  const listed = async (property: string): Promise<string[]> => {
    const { page } = editor;
    await page
      .locator(`#node-input-${property} + .red-ui-typedInput-container .red-ui-typedInput-option-expand`)
      .click();
    const entries = page.locator('.live-list:visible a');
    await entries.first().waitFor();
    const found = (await entries.allTextContents()).map((one) => one.trim());
    await page.keyboard.press('Escape');
    await page
      .locator('.live-list:visible')
      .waitFor({ state: 'detached' })
      .catch(() => undefined);
    return found;
  };

  it('on OBS asks for what the change needs, and lists what it fits', async () => {
    const id = await editor.drag('live-set-source', { x: 200, y: 100 });
    await editor.edit(id);
    await choose('application', 'obs');
    assert.deepEqual(await choices('what'), [
      ...['visible', 'text', 'image', 'mute', 'volume', 'monitoring', 'media', 'filter'],
    ]);
    assert.deepEqual(await shown(), ['scene', 'source', 'state']);
    await type('scene', 'Live');
    assert.deepEqual(await listed('source'), ['Title', 'Microphone', 'Camera']);
    await type('scene', 'Break');
    assert.deepEqual(await listed('source'), ['Clip'], 'another scene, another list');
    await choose('what', 'text');
    assert.deepEqual(await shown(), ['source', 'text']);
    assert.deepEqual(await listed('source'), ['Title']);
    await choose('what', 'volume');
    assert.deepEqual(await shown(), ['source', 'db', 'rampMs']);
    assert.deepEqual(await listed('source'), ['Microphone', 'Clip']);
    await choose('what', 'media');
    assert.deepEqual(await shown(), ['source', 'media']);
    assert.deepEqual(await listed('source'), ['Clip']);
    await choose('what', 'filter');
    assert.deepEqual(await shown(), ['source', 'filter', 'state']);
    await choose('what', 'image');
    assert.deepEqual(await shown(), ['source', 'file']);
    await choose('what', 'visible');
    await choose('state', 'message');
    assert.match(await editor.page.locator('.live-tip-message').innerText(), /show or hide/);
    await type('source', 'Clip');
    await editor.done();
    const { what, source, scene, state, valid } = await editor.node(id);
    assert.deepEqual([what, source, scene, state, valid], ['visible', 'Clip', 'Break', 'message', true]);
  });

  it('on vMix offers what vMix can, with the fields of the title', async () => {
    const id = await editor.drag('live-set-source', { x: 200, y: 200 });
    await editor.edit(id);
    await choose('application', 'vmix');
    // without anybody choosing it
    assert.equal(await editor.page.locator('#node-input-what').inputValue(), 'text');
    assert.deepEqual(await choices('what'), ['text', 'image', 'mute', 'volume', 'media', 'overlay']);
    assert.deepEqual(await shown(), ['source', 'field', 'text']);
    assert.deepEqual(await listed('source'), ['5 Lower third']);
    await type('source', 'Lower third');
    assert.deepEqual(await listed('field'), ['Name.Text', 'Role.Text']);
    await choose('what', 'overlay');
    assert.deepEqual(await shown(), ['source', 'overlay', 'state']);
    assert.equal((await listed('source')).length, 7);
    await choose('what', 'media');
    assert.deepEqual(await choices('media'), ['play', 'pause', 'restart', 'message']);
    await editor.done();
    await waitFor(async () => (await editor.node(id)).what === 'media');
  });

  it('marks a source that is missing, and a volume that there is not', async () => {
    const id = await editor.drag('live-set-source', { x: 200, y: 300 });
    await editor.edit(id);
    await choose('application', 'obs');
    await choose('what', 'volume');
    await type('db', '40');
    await editor.done();
    const { valid, validationErrors } = await editor.node(id);
    assert.equal(valid, false);
    const all = JSON.stringify(validationErrors);
    assert.match(all, /Source/);
    assert.match(all, /-100 to 26/);
  });
});
