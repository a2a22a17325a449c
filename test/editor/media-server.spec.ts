// The media server's dialog: kinds, test, the secret, and the lines to paste.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { startMediaServerSimulator, type MediaServerSimulator } from '../../simulators/media-servers';
import { requirePrograms, waitFor } from '../support';
import { CONTRAST, Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const PASSWORD = 'api-password';

describe("The media server's dialog", function () {
  this.timeout(60_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let simulator: MediaServerSimulator | undefined;
  let editor: Editor;
  let id: string;
  let secret: string;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB]);
    simulator = await startMediaServerSimulator('nginx-rtmp', { user: 'desk', password: PASSWORD });
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
    await simulator?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const open = async (which = '_ADD_'): Promise<void> => {
    await editor.page.evaluate(`RED.editor.editConfig('', 'live-media-server', ${JSON.stringify(which)})`);
    await editor.configField('kind').waitFor();
    await editor.settled();
  };
  const said = (place: string) => editor.page.locator(place).innerText();
  const shownFields = () =>
    editor.page.evaluate<string[]>(
      `$('.live-form').last().find('.live-tab').toArray().flatMap((tab) => $(tab).find('.form-row').toArray()
        .filter((row) => row.style.display !== 'none').flatMap((row) => $(row).find('input, select').toArray())
        .map((one) => one.id.replace('node-config-input-', '')))`,
    );

  it('has no more than seven fields on its first tab, and every text', async () => {
    await open();
    const first = editor.form.locator('.live-tab[data-tab="setup"]').locator('input, select');
    assert.ok((await first.count()) + 1 <= 7);
    for (const name of ['Setup', 'Guests', 'Hooks', 'Lines to paste']) {
      await editor.tab(name);
      assert.deepEqual(await editor.page.evaluate(CONTRAST), [], name);
    }
    const untranslated = await editor.page.evaluate<string[]>(
      `$('.live-form [data-i18n]').toArray().map((one) => one.textContent.trim()).filter((text) => /^[a-z]+(\\.[\\w-]+)+$/i.test(text))`,
    );
    assert.deepEqual(untranslated, []);
    await editor.tab('Setup');
  });

  it('shows what the kind needs, and where its API usually is', async () => {
    const api = editor.configField('api');
    assert.equal(await api.inputValue(), 'http://127.0.0.1:1985');
    assert.ok(!(await shownFields()).includes('control'));
    await editor.configField('kind').selectOption('oryx');
    assert.equal(await api.inputValue(), 'http://127.0.0.1:2022');
    assert.ok((await editor.form.innerText()).includes('Token') && !(await shownFields()).includes('user'));
    await editor.configField('kind').selectOption('rehearsal');
    assert.deepEqual(
      (await shownFields()).filter((name) => ['api', 'control', 'user', 'password', 'secret'].includes(name)),
      [],
    );
    await editor.page.evaluate(`$('#node-config-input-api').val('http://studio:1985')`);
    await editor.configField('kind').selectOption('nginx-rtmp');
    assert.equal(await api.inputValue(), 'http://studio:1985', 'what somebody typed stays');
    assert.ok(
      (await editor.form.innerText()).includes('Statistics') && (await shownFields()).includes('control'),
    );
  });

  it('tests what it shows, before any deploy, and names what is wrong', async () => {
    await editor.configField('api').fill(simulator!.api);
    await editor.configField('control').fill(simulator!.control!);
    await editor.configField('user').fill('desk');
    await editor.configField('password').fill('wrong');
    const test = editor.page.locator('#node-config-input-test');
    await test.click();
    await waitFor(async () => (await said('.live-test')).includes('refused the login'));
    await editor.configField('password').fill(PASSWORD);
    assert.equal(await said('.live-test'), '', 'the old answer is gone with the value it was about');
    await test.click();
    await waitFor(async () => /Connected: nginx-rtmp \d\S*, 0 publishing/.test(await said('.live-test')));
    await editor.picture('media-server-tested');
  });

  it('makes a secret by itself, and another one when asked', async () => {
    await editor.tab('Hooks');
    const field = editor.configField('secret');
    const made = await field.inputValue();
    assert.match(made, /^[A-Za-z0-9_-]{22}$/);
    await editor.page.locator('#node-config-input-make').click();
    secret = await field.inputValue();
    assert.match(secret, /^[A-Za-z0-9_-]{22}$/);
    assert.notEqual(secret, made);
  });

  it('shows the lines to paste when asked, and they go when a field changes', async () => {
    await editor.tab('Lines to paste');
    const areas = editor.page.locator('.live-config-lines textarea');
    assert.equal(await areas.count(), 0);
    await editor.page.locator('#node-config-input-show').click();
    await waitFor(async () => (await areas.count()) === 2);
    assert.ok(
      (await areas.first().inputValue()).includes(`http://127.0.0.1:8931/hooks/nginx-rtmp/${secret};`),
    );
    await editor.page.locator('.live-config-lines button').first().click();
    await waitFor(async () => (await editor.form.innerText()).includes('Copied'));
    await editor.picture('media-server-lines');
    await editor.tab('Hooks');
    await editor.configField('hookPort').fill('8940');
    assert.equal(await areas.count(), 0);
  });

  it('is saved, keeps its secrets to itself, and still tests and shows its lines', async () => {
    await editor.configField('name').fill('Guests');
    await editor.configDone();
    id = await editor.page.evaluate<string>(
      `(() => { let id = ''; RED.nodes.eachConfig((node) => { if (node.type === 'live-media-server') id = node.id; }); return id; })()`,
    );
    const node = await editor.node(id);
    assert.deepEqual(
      [node.kind, node.hookPort, node.valid],
      ['nginx-rtmp', '8940', true],
      String(node.validationErrors),
    );
    await editor.deploy();
    assert.ok(!JSON.stringify(await nodeRed!.flows()).includes(secret));
    await editor.load();
    await open(id);
    assert.equal(await editor.configField('secret').inputValue(), '__PWRD__');
    await editor.page.locator('#node-config-input-test').click();
    await waitFor(async () => (await said('.live-test')).includes('Connected: nginx-rtmp'));
    await editor.tab('Lines to paste');
    await editor.page.locator('#node-config-input-show').click();
    const area = editor.page.locator('.live-config-lines textarea').first();
    await area.waitFor();
    assert.ok((await area.inputValue()).includes(`:8940/hooks/nginx-rtmp/${secret};`));
    await editor.configDone();
  });

  it('says which field is wrong', async () => {
    await open(id);
    await editor.configField('api').fill('http://desk:word@studio');
    await editor.tab('Guests');
    await editor.configField('playAddress').fill('rtmp://127.0.0.1/live');
    await editor.configDone();
    assert.deepEqual((await editor.node(id)).validationErrors, [
      'API address: the address must begin with http:// or https:// and hold no user, password or space',
      'Play from: it reads like rtmp://host/{app}/{stream}, with {stream} in it once',
    ]);
  });
});
