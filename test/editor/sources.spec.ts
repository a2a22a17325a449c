// The dialog of switch gstreamer source: lists read live before any deploy, what makes no sense marked with its reason, and what was
// filled in is there again.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { obsRehearsal } from '../package/shared-nodes';
import { requirePrograms, waitFor } from '../support';
import { CONTRAST, Editor, findBrowser, type NodeRed, startBrowser, startNodeRed, UNTIDY } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const OBS = { ...obsRehearsal, id: 'obs1', name: '' };

describe('The dialog of switch gstreamer source', function () {
  this.timeout(120_000);
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
    // a connection as the menu's import brings it: in the editor, and not deployed
    await editor.page.evaluate(`RED.nodes.import(${JSON.stringify([OBS])}, { generateIds: false })`);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const choose = (property: string, value: string) => editor.field(property).selectOption(value);
  const typed = async (property: string, text: string) => {
    await editor.typedField(property).fill(text);
    await editor.typedField(property).press('Tab');
  };
  const plain = async (property: string, text: string) => {
    await editor.field(property).fill(text);
    await editor.field(property).blur();
  };
  const shown = async (...properties: string[]) => {
    const found: string[] = [];
    for (const property of properties)
      if (await editor.page.locator(`.form-row:has(> #node-input-${property})`).isVisible())
        found.push(property);
    return found;
  };
  const tidy = async (tab: string, picture: string) => {
    await editor.tab(tab);
    await editor.picture(`switch-source-${picture}`);
    assert.deepEqual(await editor.page.evaluate<string[]>(UNTIDY), [], tab);
    await editor.dark();
    assert.deepEqual(await editor.page.evaluate<string[]>(CONTRAST), [], `${tab}, in the dark`);
    await editor.picture(`switch-source-${picture}-dark`);
    await editor.page.evaluate('document.documentElement.classList.remove("nr-theme-dark")');
  };
  const reasons = async (): Promise<string> => {
    await editor.done();
    const { valid, validationErrors } = await editor.node(id);
    assert.equal(valid, false);
    await editor.edit(id);
    return (validationErrors ?? []).join('\n');
  };

  it('lists the scenes and sources of OBS before any deploy', async () => {
    id = await editor.drag('live-switch-gstreamer-source', { x: 200, y: 100 });
    await editor.edit(id);
    await choose('obs', 'obs1');
    const { page } = editor;
    const listed = async (property: string, chosen: string) => {
      await page
        .locator(`#node-input-${property} + .red-ui-typedInput-container .red-ui-typedInput-option-expand`)
        .click();
      const entries = page.locator('.live-list:visible a');
      await entries.first().waitFor();
      const found = (await entries.allTextContents()).map((one) => one.trim());
      await entries.filter({ hasText: chosen }).first().click();
      await waitFor(async () => (await editor.field(property).inputValue()) === chosen);
      return found;
    };
    const scenes = await listed('scene', 'Live');
    for (const scene of ['Starting soon', 'Live', 'Break']) assert.ok(scenes.includes(scene), scene);
    await editor.tab('Watch');
    assert.ok((await listed('fallback', 'Camera')).includes('Camera'));
    assert.deepEqual(
      (await nodeRed!.flows()).map(({ type }) => type),
      ['tab'],
    );
  });

  it('says of an address and of a pipeline of one’s own why they will not do', async () => {
    await editor.tab('Setup');
    await editor.page
      .locator('#node-input-address + .red-ui-typedInput-container .red-ui-typedInput-type-select')
      .click();
    await editor.page.locator('.red-ui-typedInput-options:visible a[value="str"]').click();
    await typed('address', 'udp://239.0.0.1:5000');
    assert.match(await reasons(), /^Address: it must begin with rtmp:/m);
    await typed('address', 'rtmp://media.example/live/a" ! filesink');
    await editor.tab('Advanced');
    await choose('pipeline', 'own');
    await plain('pipelineText', 'videotestsrc ! video.');
    const wrong = await reasons();
    assert.match(wrong, /^Address: /m);
    assert.match(wrong, /^Own text: .*\{address\}/m);
    const frame = async (property: string) =>
      ((await editor.field(property).getAttribute('class')) ?? '').includes('input-error');
    assert.ok(await frame('pipelineText'));
    const around = editor.page.locator('#node-input-address + .red-ui-typedInput-container');
    assert.match((await around.getAttribute('class')) ?? '', /input-error/);
    await editor.tab('Advanced');
    await editor.picture('switch-source-wrong');
    await plain('pipelineText', 'uridecodebin uri="{address}" ! videoconvert ! autovideosink');
    assert.match(await reasons(), /^Own text: .*video\./m);
  });

  it('asks for what the action and the pipeline need', async () => {
    await editor.tab('Advanced');
    await plain('pipelineText', 'uridecodebin uri="{address}" ! videoconvert ! video.');
    const rows = ['pipelineText', 'width'];
    assert.deepEqual(await shown(...rows), ['pipelineText'], 'an own text says its size itself');
    await choose('pipeline', 'smooth');
    assert.deepEqual(await shown(...rows), ['width']);
    await plain('width', '1280');
    await plain('height', '720');
    await choose('kind', 'ffmpeg');
    assert.deepEqual(await shown(...rows, 'pipeline'), []);
    await choose('kind', 'gstreamer');
    await editor.tab('Setup');
    const setUp = ['address', 'transition', 'fadeMs', 'waitSeconds'];
    await choose('action', 'metrics');
    assert.deepEqual(await shown(...setUp), []);
    await choose('action', 'take');
    assert.deepEqual(await shown(...setUp), ['transition', 'waitSeconds']);
    await choose('action', 'prepare');
    assert.deepEqual(await shown(...setUp), ['address', 'waitSeconds']);
    await choose('action', 'message');
    await choose('transition', 'crossfade');
    assert.deepEqual(await shown(...setUp), setUp);
    await typed('address', 'rtmp://media.example/live/guest1');
    await plain('fadeMs', '800');
  });

  it('is tidy on each tab, in the light and in the dark', async () => {
    await tidy('Setup', 'setup');
    await tidy('Watch', 'watch');
    await tidy('Advanced', 'advanced');
    await choose('pipeline', 'own');
    await tidy('Advanced', 'own');
  });

  it('is deployed, and shows the same when it is opened again', async () => {
    await choose('place', 'from-top');
    await plain('fromTop', '2');
    await plain('slot', 'guest-left');
    await editor.done();
    const { valid, validationErrors } = await editor.node(id);
    assert.equal(valid, true, String(validationErrors));
    await editor.deploy();
    await editor.badge(id, 'sim ready');
    const expected: Record<string, string> = {
      scene: 'Live',
      address: 'rtmp://media.example/live/guest1',
      addressType: 'str',
      action: 'message',
      transition: 'crossfade',
      fadeMs: '800',
      fallback: 'Camera',
      slot: 'guest-left',
      kind: 'gstreamer',
      pipeline: 'own',
      pipelineText: 'uridecodebin uri="{address}" ! videoconvert ! video.',
      place: 'from-top',
      fromTop: '2',
    };
    const deployed = (await nodeRed!.flows()).find((node) => node.id === id)!;
    await editor.load();
    await editor.edit(id);
    for (const [property, value] of Object.entries(expected)) {
      assert.equal(deployed[property], value, property);
      assert.equal(await editor.field(property).inputValue(), value, property);
    }
    await editor.done();
    assert.equal(await editor.page.evaluate('RED.nodes.dirty()'), false, 'nothing was changed by looking');
  });
});
