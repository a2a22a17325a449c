// The guest queue's dialog, as somebody fills it who sets up a guest night.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { requirePrograms } from '../support';
import { Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const INJECT = {
  ...{ id: 'say', type: 'inject', z: 'tab1', name: 'say', props: [], repeat: '', crontab: '', once: false },
  ...{ onceDelay: 0.1, topic: '', payload: '', payloadType: 'date', x: 140, y: 40, wires: [[]] },
};
/** What a person changes in the dialog, and what must be saved then. */
const SAVED = {
  name: 'Friday',
  limitMinutes: '15',
  onlyIfWaiting: false,
  afterTurn: 'tail',
  graceSeconds: '20',
  mostEntries: '12',
  warnAt: '120, 30',
  secondPublisher: 'takeover',
  rejoinSeconds: '0',
};

describe("The guest queue's dialog", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;
  let id = '';

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB, INJECT]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const open = async (which: string): Promise<void> => {
    await editor.page.evaluate(`RED.editor.editConfig('', 'live-guest-queue', ${JSON.stringify(which)})`);
    await editor.configField('limitMinutes').waitFor();
    await editor.settled();
  };

  it('shows seven fields at first, and says that a media server is missing', async () => {
    await open('_ADD_');
    const shown = await editor.page.evaluate<number>(
      `$('.live-form').last().find('.form-row').filter(':visible').has('input, select').length`,
    );
    assert.ok(shown >= 5 && shown <= 7, `${shown} fields`);
    const untranslated = await editor.page.evaluate<string[]>(
      `$('.live-form [data-i18n]').toArray().map((one) => one.textContent.trim()).filter((text) => /^[a-z]+(\\.[\\w-]+)+$/i.test(text))`,
    );
    assert.deepEqual(untranslated, [], 'texts that are missing in strings.json');
    await editor.configField('name').fill(SAVED.name);
    await editor.configField('limitMinutes').fill('soon');
    await editor.picture('guest-queue');
    await editor.configDone();
    id = await editor.page.evaluate<string>(
      `(() => { let found = ''; RED.nodes.eachConfig((one) => { if (one.type === 'live-guest-queue') found = one.id; }); return found; })()`,
    );
    const { valid, validationErrors } = await editor.node(id);
    assert.equal(valid, false);
    const errors = validationErrors!.join('\n');
    assert.match(errors, /^Media server: /m);
    assert.match(errors, /^A turn: a number from 0 to 10080 is needed/m);
  });

  it('saves what is filled in, and the same again', async () => {
    await open(id);
    await editor.configField('limitMinutes').fill(SAVED.limitMinutes);
    await editor.configField('onlyIfWaiting').uncheck();
    await editor.configField('afterTurn').selectOption(SAVED.afterTurn);
    await editor.configField('graceSeconds').fill(SAVED.graceSeconds);
    await editor.configField('mostEntries').fill(SAVED.mostEntries);
    await editor.tab('Advanced');
    await editor.configField('warnAt').fill(SAVED.warnAt);
    await editor.configField('secondPublisher').selectOption(SAVED.secondPublisher);
    await editor.configField('rejoinSeconds').fill(SAVED.rejoinSeconds);
    await editor.configDone();
    const node = await editor.node(id);
    const names = Object.keys(SAVED);
    assert.deepEqual(Object.fromEntries(names.map((name) => [name, node[name]])), SAVED);
    assert.equal(node.configVersion, 1);
    await open(id);
    await editor.configDone();
    assert.deepEqual(await editor.node(id), node);
  });
});
