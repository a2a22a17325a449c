// The dialog of a connection to vMix before any deploy: each fault by its name, rehearsal, lists; and every node dragged where vMix is
// the only application there is.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { startVmixSimulator, type VmixSimulator } from '../../simulators/vmix';
import { nodeNames, read } from '../package/files';
import { vmixRehearsal } from '../package/shared-nodes';
import { freePort, notApplicable, requirePrograms, scale, waitFor } from '../support';
import {
  CONTRAST,
  Editor,
  findBrowser,
  isNodeRed5,
  type NodeRed,
  startBrowser,
  startNodeRed,
} from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const PASSWORD = 'correct horse & battery';
/** Texts of the form that still are names of strings. */
const UNTRANSLATED = `$('.live-form [data-i18n]').toArray().map((one) => one.textContent.trim())
  .filter((text) => /^[a-z]+(\\.[\\w-]+)+$/i.test(text))`;
/** The nodes that may drive a vMix; in the short form the other Node-RED sees those that have more than the choice. */
const MORE = ['preflight', 'start-stream', 'switch-scene', 'health-alert', 'snapshot', 'vmix-function'];
const ON_VMIX = nodeNames.filter((name) => {
  if (isNodeRed5 && scale < 1 && !MORE.includes(name)) return false;
  const source = read(`nodes/${name}/editor.ts`);
  return /^ {4}vmix: \{/m.test(source) && !source.includes("category: 'config'");
});
const REHEARSAL = { ...vmixRehearsal, id: 'vmix1', name: '' };

describe('The dialog of a connection to vMix', function () {
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let vmix: VmixSimulator | undefined;
  let editor: Editor;
  let id: string;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    vmix = await startVmixSimulator({ user: 'desk', password: PASSWORD });
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
    await vmix?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const result = () => editor.page.locator('.live-test');
  const fill = async (fields: Record<string, string>) => {
    for (const [property, value] of Object.entries(fields)) {
      await editor.configField(property).fill(value);
      await editor.configField(property).blur();
    }
  };
  const test = async (expected: RegExp): Promise<void> => {
    await editor.page.locator('#node-config-input-test').click();
    let said = '';
    await waitFor(async () => expected.test((said = (await result().innerText()).trim())), {
      message: () => `${expected} (it says "${said}")`,
    });
  };
  const shown = async (property: string) => editor.configField(property).isVisible();
  const ports = () => ({ port: String(vmix!.httpPort), tcpPort: String(vmix!.tcpPort) });

  it('is opened from a new node, with the ports of vMix', async () => {
    id = await editor.drag('live-switch-scene', { x: 200, y: 100 });
    await editor.edit(id);
    await editor.field('application').selectOption('vmix');
    assert.ok(!(await editor.field('obs').isVisible()));
    await editor.page.locator('#node-input-btn-vmix-add').click();
    await editor.configField('host').waitFor();
    await editor.settled();
    for (const [property, value] of Object.entries({ host: '127.0.0.1', port: '8088', tcpPort: '8099' }))
      assert.equal(await editor.configField(property).inputValue(), value);
    await editor.picture('vmix-connection-new');
  });

  it('takes a whole address apart, user and password with it', async () => {
    await fill({ host: 'http://desk:p%40ss@studio.example:9000/api/' });
    const expected = { host: 'studio.example', port: '9000', user: 'desk', password: 'p@ss' };
    for (const [property, value] of Object.entries(expected))
      assert.equal(await editor.configField(property).inputValue(), value, property);
    await fill({ host: '127.0.0.1:8088', user: '', password: '' });
    assert.equal(await editor.configField('port').inputValue(), '8088');
  });

  it('names each fault, before any deploy', async () => {
    const [free, freeTcp] = [String(await freePort()), String(await freePort())];
    await fill({ port: free, tcpPort: freeTcp });
    await test(/^Nothing listens at 127\.0\.0\.1:\d+/);
    // somebody mixed the two ports up
    await fill({ port: ports().tcpPort, tcpPort: ports().port });
    await test(/is the TCP port of vMix\. Its web controller is usually 8088/);
    await editor.picture('vmix-connection-ports-swapped');
    await fill(ports());
    assert.equal((await result().innerText()).trim(), '', 'the old answer is gone with its values');
    await test(/wants a user and a password and none are set/);
    await fill({ user: 'desk', password: 'wrong' });
    await test(/refused user or password/);
    await fill({ password: PASSWORD });
    vmix!.faults.failHttp('browser', { times: 1 });
    await test(/took this for a web page and refused it/);
    vmix!.faults.failHttp('html', { times: 1 });
    await test(/is not vMix/);
    await vmix!.webController(false);
    await test(/vMix runs, since its TCP port answers, but nothing listens/);
    await vmix!.webController(true);
    // the web controller does, and the TCP port does not: a warning beside the good news
    await fill({ tcpPort: freeTcp });
    await test(/^Connected: vMix 29[\s\S]*Nothing listens at .* the TCP port of vMix/);
    await editor.picture('vmix-connection-no-tcp');
    await fill({ tcpPort: '' });
    assert.match(await editor.page.locator('.live-tcp').innerText(), /with the next look/);
    assert.doesNotMatch((await editor.configField('tcpPort').getAttribute('class')) ?? '', /input-error/);
    await test(/^Connected: vMix 29\.0\.0\.49 4K, 5 channels, 7 inputs$/);
    await fill(ports());
    await test(/^Connected: vMix 29\.0\.0\.49 4K, 5 channels, 7 inputs$/);
    await editor.picture('vmix-connection-tested');
    assert.deepEqual(
      (await nodeRed!.flows()).map(({ type }) => type),
      ['tab'],
    );
  });

  it('hides what a rehearsal does not need', async () => {
    await editor.configField('connectTo').selectOption('rehearsal');
    for (const property of ['host', 'port', 'tcpPort', 'user', 'password'])
      assert.ok(!(await shown(property)), property);
    await test(/^Connected: simulated vMix 29/);
    await editor.picture('vmix-connection-rehearsal');
    await editor.configField('connectTo').selectOption('vmix');
    for (const property of ['host', 'port', 'tcpPort', 'user', 'password'])
      assert.ok(await shown(property), property);
  });

  it('says what allowing scripts means, and which fields are wrong', async () => {
    await editor.tab('Advanced');
    const warning = editor.page.locator('.live-scripts');
    assert.ok(!(await warning.isVisible()));
    await editor.configField('allowScripts').check();
    assert.match(await warning.innerText(), /run programs and press keys/);
    const isWrong = async (property: string) =>
      ((await editor.configField(property).getAttribute('class')) ?? '').includes('input-error');
    await fill({ pollSeconds: '0.1', sharedHere: '/mnt/pictures' });
    assert.ok(await isWrong('pollSeconds'));
    assert.ok(await isWrong('sharedThere'), 'the other name of the folder is missing');
    await editor.picture('vmix-connection-advanced');
    await fill({ pollSeconds: '0.5', sharedThere: 'D:\\pictures' });
    assert.ok(!(await isWrong('pollSeconds')));
    assert.ok(!(await isWrong('sharedThere')));
    await editor.configField('allowScripts').uncheck();
    assert.deepEqual(await editor.page.evaluate<string[]>(UNTRANSLATED), []);
  });

  it('lets an input be chosen from the list read live, before any deploy', async () => {
    await editor.configDone();
    const box = editor.page.locator('#node-input-scene + .red-ui-typedInput-container');
    await box.locator('.red-ui-typedInput-option-expand').click();
    const entries = editor.page.locator('.live-list a');
    await entries.first().waitFor();
    assert.deepEqual((await entries.allInnerTexts()).slice(0, 2), ['1 Intro.mp4', '2 Camera 1']);
    await editor.picture('vmix-input-list');
    await entries.nth(1).click();
    await waitFor(async () => (await editor.field('scene').inputValue()) === 'Camera 1');
    await editor.done();
    const node = await editor.node(id);
    assert.equal(node.valid, true, String(node.validationErrors));
    assert.deepEqual([node.application, node.obs, node.scene], ['vmix', '', 'Camera 1']);
  });

  it('is deployed, the badge says ready, and no password is in the flow', async () => {
    await editor.deploy();
    await editor.badge(id, 'ready');
    const flows = await nodeRed!.flows();
    assert.ok(!JSON.stringify(flows).includes('battery'));
    const { name, host, port, pollSeconds, sharedThere } = flows.find(
      ({ type }) => type === 'live-vmix-connection',
    )!;
    assert.deepEqual(
      { name, host, port, pollSeconds, sharedThere },
      {
        name: '',
        host: '127.0.0.1',
        port: ports().port,
        pollSeconds: '0.5',
        sharedThere: 'D:\\pictures',
      },
    );
  });

  it('uses the stored password for the address it was stored for, and for no other', async () => {
    await editor.edit(id);
    await editor.page.locator('#node-input-btn-vmix-edit').click();
    await editor.configField('host').waitFor();
    await editor.settled();
    await test(/^Connected: vMix 29/);
    const asked = vmix!.calls.length;
    await fill({ host: 'localhost' });
    await test(/Type the password again to test/);
    assert.ok(
      vmix!.calls.slice(asked).every(({ name }) => name === 'state'),
      'only the polls of the connection',
    );
    await editor.page.locator('#node-config-dialog-cancel').click();
    await editor.settled();
    await editor.page.locator('#node-dialog-cancel').click();
    await editor.settled();
  });
});

describe('Every node, where vMix is the only application', function () {
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB, REHEARSAL]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const placed = new Map<string, string>();
  for (const [index, name] of ON_VMIX.entries())
    it(`${name} belongs to vMix when it is dragged, and is the same when it is opened again`, async () => {
      const type = `live-${name}`;
      const id = await editor.drag(type, {
        x: 160 + Math.floor(index / 6) * 260,
        y: 60 + (index % 6) * 70,
      });
      placed.set(type, id);
      await editor.edit(id);
      const isForBoth = 'obs' in (await editor.node(id));
      assert.equal(await editor.field('application').isVisible(), isForBoth);
      assert.ok(await editor.field('vmix').isVisible());
      assert.ok(!isForBoth || !(await editor.field('obs').isVisible()));
      assert.deepEqual(await editor.page.evaluate<string[]>(UNTRANSLATED), []);
      await editor.picture(`vmix-${name}`);
      await editor.done();
      const node = await editor.node(id);
      assert.equal(node.application, 'vmix');
      assert.ok(!isForBoth || node.obs === '');
      await editor.edit(id);
      await editor.done();
      assert.deepEqual(await editor.node(id), node);
    });

  it('has a list from the rehearsal, and none of OBS', async () => {
    const id = placed.get('live-switch-scene')!;
    await editor.edit(id);
    await editor.page
      .locator('#node-input-scene + .red-ui-typedInput-container .red-ui-typedInput-option-expand')
      .click();
    const entries = editor.page.locator('.live-list a');
    await entries.first().waitFor();
    assert.equal((await entries.allInnerTexts())[1], '2 Camera 1');
    await entries.nth(1).click();
    await editor.done();
    assert.equal((await editor.node(id)).valid, true);
  });

  it('asks for nothing that vMix has not: a snapshot for no size, a preflight for no scenes', async () => {
    await editor.edit(placed.get('live-snapshot')!);
    assert.match(await editor.field('to').innerText(), /the computer vMix runs on/);
    assert.ok(await editor.form.getByText(/needs a picture folder that Node-RED can read/).isVisible());
    await editor.tab('Advanced');
    assert.ok(await editor.field('format').isVisible());
    for (const name of ['width', 'height', 'quality'])
      assert.ok(!(await editor.field(name).isVisible()), name);
    await editor.done();
    await editor.edit(placed.get('live-preflight')!);
    await editor.tab('Expected');
    for (const label of ['Preset', 'Inputs', 'Must sound'])
      assert.ok(await editor.form.getByText(label, { exact: true }).isVisible(), label);
    for (const label of ['Collection', 'Scenes', 'Profile', 'Sources'])
      assert.ok(!(await editor.form.getByText(label, { exact: true }).isVisible()), label);
    await editor.picture('vmix-preflight-expected');
    await editor.done();
  });

  it('is deployed, and its badge says that this is a rehearsal', async () => {
    await editor.deploy();
    for (const [type, id] of placed)
      if (!['live-preflight', 'live-stream-target'].includes(type))
        await editor.badge(id, /^sim (ready|live)$/, 5000);
  });

  it('can be read in the dark theme, as its connection can', async function () {
    if (!isNodeRed5) notApplicable(this, 'Node-RED 4 has no dark theme');
    await editor.dark();
    await editor.edit(placed.get('live-switch-scene')!);
    await editor.page.locator('#node-input-btn-vmix-edit').click();
    await editor.configField('connectTo').waitFor();
    await editor.settled();
    await editor.configField('connectTo').selectOption('vmix');
    await editor.configField('tcpPort').fill('');
    assert.deepEqual(await editor.page.evaluate<string[]>(CONTRAST), []);
    await editor.picture('vmix-connection-dark');
    await editor.tab('Advanced');
    await editor.configField('allowScripts').check();
    assert.deepEqual(await editor.page.evaluate<string[]>(CONTRAST), []);
    await editor.picture('vmix-connection-advanced-dark');
  });
});
