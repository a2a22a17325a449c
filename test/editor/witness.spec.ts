// The witness log's dialog: filled before any deploy, and what it shows of a log that is in use.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { generateSeed, parseVerifier, signerOf } from '../../lib/witness/keys';
import { freePort, requirePrograms, tempDir, waitFor } from '../support';
import { Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const INJECT = {
  id: 'say',
  type: 'inject',
  z: 'tab1',
  name: 'say',
  props: [{ p: 'payload' }, { p: 'topic', vt: 'str' }],
  repeat: '0.2',
  crontab: '',
  once: true,
  onceDelay: 0.1,
  topic: 'cue',
  payload: '',
  payloadType: 'date',
  x: 140,
  y: 40,
  wires: [[]],
};

describe("The witness log's dialog", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;
  let id: string;
  const folder = join(tempDir('witness-dialog'), 'log');

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

  const tab = async (name: string, shows: string): Promise<void> => {
    // Node-RED takes two clicks on tabs in a row for a double click
    await waitFor(async () => {
      await editor.form.getByText(name, { exact: true }).click();
      return await editor.page.locator(shows).isVisible();
    });
  };
  const openLog = async (button: 'add' | 'edit'): Promise<void> => {
    await editor.edit(id);
    await editor.page.locator(`#node-input-btn-log-${button}`).click();
    await editor.configField('folder').waitFor();
    await editor.settled();
  };
  const said = (place: string) => editor.page.locator(place).innerText();

  it('is opened from a new witness, and says before any deploy whether the folder can be written', async () => {
    id = await editor.drag('live-witness', { x: 300, y: 60 });
    await openLog('add');
    assert.equal(await editor.configField('folder').getAttribute('placeholder'), 'live-witness/main');
    await editor.configField('name').fill('Friday show');
    assert.equal(await editor.configField('folder').getAttribute('placeholder'), 'live-witness/Friday show');
    await waitFor(async () =>
      (await said('.live-log-state')).includes('The key is made when the log is first deployed'),
    );
    await editor.configField('folder').fill('/proc/none');
    await editor.page.locator('#node-config-input-test').click();
    await waitFor(async () => /may not write there|cannot|not there/.test(await said('.live-test')));
    await editor.configField('folder').fill(folder);
    assert.equal(await said('.live-test'), '', 'the old answer is gone with the value it was about');
    await editor.page.locator('#node-config-input-test').click();
    await waitFor(async () => (await said('.live-test')).includes(`Yes. The folder will be made: ${folder}`));
    await editor.picture('witness-log');
    assert.deepEqual(readdirSync(join(folder, '..')), [], 'trying leaves nothing behind');
  });

  it('takes cosigners and logs to countersign, and says which of them is wrong', async () => {
    await tab('Cosigners', '#node-config-input-needed');
    await editor.form.getByText('add a cosigner').click();
    await editor.form.getByLabel('address', { exact: true }).fill(`http://127.0.0.1:${await freePort()}`);
    await editor.form.getByLabel('public key of the cosigner').fill('not a key');
    await editor.configField('countersign').check();
    await editor.configField('port').fill(String(await freePort()));
    await editor.form.getByText('add a log').click();
    await editor.form
      .getByLabel('public key of the log')
      .fill(signerOf('friend/live-witness/main', generateSeed()).verifier.text);
    await editor.picture('witness-cosigners');
    await editor.configDone();
    await editor.done();
    const log = String((await editor.node(id)).log);
    assert.deepEqual((await editor.node(log)).validationErrors, [
      'Who countersigns this log: each needs a public key, as the other side shows it: name+id+key',
    ]);
    assert.equal((await editor.node(id)).valid, false);
    await openLog('edit');
    await tab('Cosigners', '#node-config-input-needed');
    assert.equal(await editor.form.getByLabel('public key of the cosigner').inputValue(), 'not a key');
    await editor.form
      .locator('#live-cosigners')
      .locator('..')
      .locator('.red-ui-editableList-item-remove')
      .click();
    await editor.page.locator('.live-cosigner-vkey').waitFor({ state: 'detached' });
    await editor.configDone();
    await editor.done();
    assert.equal((await editor.node(id)).valid, true, String((await editor.node(log)).validationErrors));
  });

  it('shows, once it is deployed, the key to give away, the entries and the last checkpoint', async () => {
    await editor.page.evaluate(
      `RED.nodes.addLink({ source: RED.nodes.node('say'), sourcePort: 0, target: RED.nodes.node('${id}') })`,
    );
    await editor.deploy();
    await editor.badge(id, /^\d+ entries$/);
    await waitFor(() => readdirSync(folder).includes('checkpoint'));
    await openLog('edit');
    await waitFor(async () => /\d+ entries, signed over [\d,]+/.test(await said('.live-log-state')));
    const key = await editor.form.getByLabel('Public key', { exact: true }).inputValue();
    assert.match(parseVerifier(key)!.name, /\/live-witness\/Friday-show$/);
    await editor.form.getByRole('button', { name: 'Copy' }).first().click();
    assert.ok((await said('.live-log-state')).includes(folder));
    await editor.picture('witness-log-in-use');
    await tab('Cosigners', '#node-config-input-needed');
    const cosigner = await editor.form.getByLabel('Own key as a cosigner').inputValue();
    assert.match(parseVerifier(cosigner)!.name, /\/cosigner$/);
    await editor.picture('witness-cosigner-in-use');
    await tab('Advanced', '#node-config-input-origin');
    await editor.configField('longestText').fill('4096');
    await editor.configDone();
    await editor.done();
    await editor.deploy();
    // saved from the dialog with the key in the credentials: it is the same one
    await openLog('edit');
    await waitFor(async () => (await said('.live-log-state')).includes('signed over'));
    assert.equal(await editor.form.getByLabel('Public key', { exact: true }).inputValue(), key);
    await editor.page.locator('#node-config-dialog-cancel').click();
    await editor.settled();
    await editor.page.locator('#node-dialog-cancel').click();
    await editor.settled();
  });

  it('exports no key, as a person would see it', async () => {
    const flows = JSON.stringify(await nodeRed!.flows());
    assert.ok(!/cosignKey|"key"|credentials/.test(flows));
    const exported = await editor.page.evaluate<string>(
      `JSON.stringify(RED.nodes.createExportableNodeSet([RED.nodes.node('${id}')]))`,
    );
    assert.match(exported, /live-witness-log/);
    assert.ok(!/cosignKey|"key"|credentials/.test(exported), exported);
  });

  it('of a query offers what fits the action', async () => {
    const query = await editor.drag('live-witness-query', { x: 300, y: 160 });
    await editor.edit(query);
    const rows = async () =>
      await editor.page.evaluate<string[]>(
        `$('.live-form .form-row:visible [id^=node-input-]').toArray().map((one) => one.id.slice(11)).filter((name) => !/Type$|^btn|^lookup/.test(name))`,
      );
    const of: Record<string, string[]> = {};
    for (const action of ['entries', 'verify', 'report', 'export', 'prove', 'checkpoint', 'message']) {
      await editor.field('action').selectOption(action);
      of[action] = await rows();
      assert.ok(of[action].length <= 8, `${action}: ${of[action].join()}`);
      if (action === 'report') await editor.picture('witness-query');
    }
    assert.deepEqual(of.verify, ['name', 'log', 'action']);
    assert.deepEqual(of.prove, ['name', 'log', 'action', 'entry']);
    assert.deepEqual(of.report, ['name', 'log', 'action', 'from', 'to', 'give']);
    await editor.field('action').selectOption('report');
    await tab('Advanced', '#node-input-title');
    await editor.done();
  });
});
