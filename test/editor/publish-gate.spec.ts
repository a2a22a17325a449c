// The publish gate's dialog: what each way to let people in needs, and a rehearsal that runs with it.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { freePort, requirePrograms } from '../support';
import { CONTRAST, Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };

describe("The publish gate's dialog", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;
  let id: string;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    const server = {
      id: 'server1',
      type: 'live-media-server',
      name: 'Rehearsal',
      configVersion: 1,
      kind: 'rehearsal',
      api: '',
      control: '',
      publishAddress: 'rtmp://127.0.0.1/live',
      playAddress: 'rtmp://127.0.0.1/{app}/{stream}',
      apps: 'live',
      otherApps: 'deny',
      hookHost: '127.0.0.1',
      hookPort: String(await freePort()),
      hookName: 'main',
      allowFrom: 'localhost',
      reachedAt: '',
    };
    const keys = {
      id: 'keys1',
      type: 'live-stream-keys',
      name: 'Guests',
      configVersion: 1,
      folder: '',
      mostPeople: '1000',
    };
    await nodeRed.deploy([TAB, server, keys]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
    id = await editor.drag('live-publish-gate', { x: 160, y: 60 });
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const shown = async (...properties: string[]) =>
    await Promise.all(properties.map((property) => editor.field(property).isVisible()));

  it('has every text, and no more than seven fields on its first tab', async () => {
    await editor.edit(id);
    const first = editor.form.locator('.live-tab[data-tab="setup"]').locator('input, select');
    assert.ok((await first.count()) + 1 <= 7, String(await first.count()));
    for (const name of ['Advanced', 'Setup']) {
      await editor.tab(name);
      assert.deepEqual(await editor.page.evaluate(CONTRAST), [], name);
    }
    const untranslated = await editor.page.evaluate<string[]>(
      `$('.live-form [data-i18n]').toArray().map((one) => one.textContent.trim()).filter((text) => /^[a-z]+(\\.[\\w-]+)+$/i.test(text))`,
    );
    assert.deepEqual(untranslated, []);
  });

  it('shows what the chosen way needs', async () => {
    assert.deepEqual(await shown('keys', 'answerMs'), [true, false]);
    await editor.field('admission').selectOption('flow');
    assert.deepEqual(await shown('keys', 'answerMs'), [false, true]);
    await editor.field('answerMs').fill('5000');
    await editor.field('server').selectOption('server1');
    await editor.done();
    assert.equal((await editor.node(id)).valid, false);
    await editor.edit(id);
    await editor.field('answerMs').fill('500');
    await editor.done();
    const saved = await editor.node(id);
    assert.equal(saved.valid, true, String(saved.validationErrors));
    assert.deepEqual(
      [saved.server, saved.admission, saved.answerMs, saved.queue],
      ['server1', 'flow', '500', ''],
    );
  });

  it('saves what it shows, shows it again, and runs', async () => {
    await editor.edit(id);
    await editor.field('admission').selectOption('keys');
    await editor.field('keys').selectOption('keys1');
    await editor.tab('Advanced');
    await editor.field('players').selectOption('token');
    await editor.field('playToken').fill('token of the players');
    await editor.done();
    const saved = await editor.node(id);
    assert.equal(saved.valid, true, String(saved.validationErrors));
    assert.deepEqual([saved.keys, saved.players], ['keys1', 'token']);
    await editor.edit(id);
    await editor.done();
    assert.deepEqual(await editor.node(id), saved);
    await editor.deploy();
    await editor.badge(id, 'sim ready');
    assert.ok(!JSON.stringify(await nodeRed!.flows()).includes('token of the players'));
    await editor.edit(id);
    await editor.picture('publish-gate');
  });
});
