// The dialogs of record, output and switch scene on vMix: what it can do and nothing else, and nothing of value is lost.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { vmixRehearsal } from '../package/shared-nodes';
import { requirePrograms, waitFor } from '../support';
import { Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const CONNECTION = { ...vmixRehearsal, id: 'vmix1', name: '' };

describe('The dialogs of what acts on vMix', function () {
  this.timeout(120_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB, CONNECTION]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const shows = (property: string) =>
    editor.page.locator(`.form-row:has(> #node-input-${property})`).isVisible();
  const choices = (property: string) =>
    editor.page
      .locator(`#node-input-${property} option`)
      .evaluateAll((options) =>
        options.map((one) => one as HTMLOptionElement).flatMap((one) => (one.hidden ? [] : [one.value])),
      );
  const choose = (property: string, value: string) =>
    editor.page.locator(`#node-input-${property}`).selectOption(value);

  it('record: start and stop only; what was typed for OBS stays to be seen until it is taken out', async () => {
    const id = await editor.drag('live-record', { x: 200, y: 100 });
    await editor.edit(id);
    assert.deepEqual(await choices('action'), ['start', 'stop', 'message']);
    assert.equal(await shows('folder'), false);
    await choose('application', 'obs');
    assert.equal((await choices('action')).length, 7);
    assert.equal(await shows('folder'), true);
    const typeFolder = async (text: string) => {
      await editor.typedField('folder').fill(text);
      await editor.typedField('folder').press('Tab');
    };
    await typeFolder('/videos');
    await choose('application', 'vmix');
    assert.equal(await shows('folder'), true, 'vMix would refuse it');
    assert.equal(await shows('fileName'), false);
    await typeFolder('');
    await editor.done();
  });

  it('output: what the application has; a choice for OBS is still there when one goes back', async () => {
    const id = await editor.drag('live-output', { x: 200, y: 200 });
    await editor.edit(id);
    assert.deepEqual(await choices('output'), ['external', 'multicorder', 'fullscreen']);
    assert.equal(await editor.page.locator('#node-input-output').inputValue(), 'external');
    await choose('application', 'obs');
    assert.deepEqual(await choices('output'), ['virtualcam', 'replay_buffer', 'other']);
    await choose('output', 'replay_buffer');
    await choose('application', 'vmix');
    await choose('output', 'multicorder');
    await choose('application', 'obs');
    assert.equal(await editor.page.locator('#node-input-output').inputValue(), 'replay_buffer');
    await choose('application', 'vmix');
    assert.equal(await editor.page.locator('#node-input-output').inputValue(), 'multicorder');
    await editor.done();
  });

  it('switch scene: an input, and the transitions of vMix with what is set for each button', async () => {
    const id = await editor.drag('live-switch-scene', { x: 200, y: 300 });
    await editor.edit(id);
    const label = editor.page.locator('label[for=node-input-scene]');
    assert.equal((await label.innerText()).trim(), 'Input');
    await choose('to', 'transition');
    assert.equal(await shows('durationMs'), true);
    await editor.page
      .locator('#node-input-transition + .red-ui-typedInput-container .red-ui-typedInput-option-expand')
      .click();
    const items = editor.page.locator('.live-list:visible a');
    await waitFor(async () =>
      (await items.allInnerTexts()).some((one) => /Transition1: Fade, 500 ms/.test(one)),
    );
    assert.ok((await items.allInnerTexts()).some((one) => one.trim() === 'Stinger1'));
    await editor.page.keyboard.press('Escape');
    await choose('application', 'obs');
    assert.equal((await label.innerText()).trim(), 'Scene');
  });
});
