// The connection's dialog before any deploy: tested with a wrong and the right password, and lists read through it.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { startObsSimulator } from '../../simulators/obs';
import { freePort, obsVersion, requirePrograms, sceneNames, startObs, waitFor } from '../support';
import { Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const PASSWORD = 'correct horse battery';

/** An OBS to connect to: the simulated one, and the real one where it is installed. */
interface Target {
  port: number;
  scenes: string[];
  /** what the dialog says when connected */
  says: RegExp;
  close(): Promise<void>;
}

async function simulatedObs(): Promise<Target> {
  const simulator = await startObsSimulator({ password: PASSWORD });
  return {
    port: simulator.port,
    scenes: [],
    says: /^Connected: OBS 29\.0\.2, obs-websocket 5\.1\.0$/,
    close: () => simulator.close(),
  };
}

async function realObs(): Promise<Target> {
  const obs = await startObs({ password: PASSWORD });
  const version = (obsVersion() ?? []).join('.').replaceAll('.', '\\.');
  return {
    port: obs.port,
    scenes: [...sceneNames],
    says: new RegExp(`^Connected: OBS ${version}, obs-websocket 5\\.`),
    close: () => obs.close(),
  };
}

for (const [name, start, programs] of [
  ['a simulated OBS', simulatedObs, []],
  ['a real OBS', realObs, ['obs', 'Xvfb']],
] as const)
  describe(`The connection's dialog, with ${name}`, function () {
    let nodeRed: NodeRed | undefined;
    let browser: Browser | undefined;
    let obs: Target | undefined;
    let editor: Editor;
    let id: string;

    before(async function () {
      requirePrograms(this, [findBrowser() ?? 'chromium', ...programs]);
      obs = await start();
      nodeRed = await startNodeRed();
      await nodeRed.deploy([TAB]);
      browser = await startBrowser();
      editor = await Editor.open(browser, nodeRed);
    });
    after(async () => {
      await browser?.close();
      await nodeRed?.close();
      await obs?.close();
    });
    afterEach(() => editor?.assertNoFaults());

    const result = () => editor.page.locator('.live-test');
    const test = async (expected: RegExp): Promise<void> => {
      await editor.page.locator('#node-config-input-test').click();
      let said = '';
      await waitFor(async () => expected.test((said = (await result().innerText()).trim())), {
        message: () => `${expected} (it says "${said}")`,
      });
    };

    it('is opened from a new node, and says why nothing answers', async () => {
      id = await editor.drag('live-switch-scene', { x: 200, y: 100 });
      await editor.edit(id);
      await editor.page.locator('#node-input-btn-obs-add').click();
      await editor.configField('host').waitFor();
      await editor.settled();
      assert.equal(await editor.configField('host').inputValue(), '127.0.0.1');
      assert.equal(await editor.configField('port').inputValue(), '4455');
      await editor.configField('port').fill(String(await freePort()));
      await test(/^Nothing listens at 127\.0\.0\.1:\d+/);
    });

    it('tells a wrong password from the right one, before any deploy', async () => {
      await editor.configField('port').fill(String(obs!.port));
      assert.equal(
        (await result().innerText()).trim(),
        '',
        'the old answer is gone with the value it was about',
      );
      await test(/wants a password and none is set/);
      await editor.configField('password').fill('wrong');
      await test(/refused the password/);
      await editor.picture('connection-wrong-password');
      await editor.configField('password').fill(PASSWORD);
      await test(obs!.says);
      await editor.picture('connection-tested');
      assert.deepEqual(
        (await nodeRed!.flows()).map(({ type }) => type),
        ['tab'],
      );
    });

    it('hides what a rehearsal does not need', async () => {
      await editor.configField('connectTo').selectOption('rehearsal');
      for (const property of ['host', 'port', 'password', 'tls'])
        assert.ok(!(await editor.configField(property).isVisible()), property);
      await test(/^Connected: simulated OBS /);
      await editor.configField('connectTo').selectOption('obs');
      for (const property of ['host', 'port', 'password', 'tls'])
        assert.ok(await editor.configField(property).isVisible(), property);
    });

    it('lets a scene be chosen from the list read live, before any deploy', async () => {
      await editor.configDone();
      const box = editor.page.locator('#node-input-scene + .red-ui-typedInput-container');
      await box.locator('.red-ui-typedInput-option-expand').click();
      const entries = editor.page.locator('.live-list a');
      await entries.first().waitFor();
      await waitFor(() => editor.page.evaluate<boolean>('!!document.activeElement.closest(".live-list")'));
      const scenes = await entries.allInnerTexts();
      assert.ok(scenes.length > 1, scenes.join());
      if (obs!.scenes.length) assert.deepEqual([...scenes].sort(), [...obs!.scenes].sort());
      await editor.picture('scene-list');
      // with the keyboard, as in every menu of Node-RED
      await editor.page.keyboard.press('ArrowDown');
      await editor.page.keyboard.press('Enter');
      await waitFor(async () => (await editor.field('scene').inputValue()) === scenes[1]);
      // and by typing a part of its name
      await editor.typedField('scene').fill('');
      await editor.typedField('scene').pressSequentially(scenes[0]!.slice(0, 3).toLowerCase());
      await editor.page.locator('.red-ui-autoComplete-container a').first().waitFor();
      await editor.page.keyboard.press('Tab');
      await waitFor(async () =>
        (await editor.field('scene').inputValue()).startsWith(scenes[0]!.slice(0, 3)),
      );
      await editor.done();
      const node = await editor.node(id);
      assert.equal(node.valid, true, String(node.validationErrors));
      assert.deepEqual(
        (await nodeRed!.flows()).map(({ type }) => type),
        ['tab'],
      );
    });

    it('is deployed, and the badge says ready', async () => {
      await editor.deploy();
      await editor.badge(id, 'ready');
      const flows = JSON.stringify(await nodeRed!.flows());
      assert.ok(!flows.includes(PASSWORD), 'the password is in the flow');
    });

    it('uses the stored password for the address it was stored for, and for no other', async () => {
      await editor.edit(id);
      await editor.page.locator('#node-input-btn-obs-edit').click();
      await editor.configField('host').waitFor();
      await editor.settled();
      await test(obs!.says);
      await editor.configField('port').fill(String(await freePort()));
      await test(/Type the password again to test/);
      await editor.page.locator('#node-config-dialog-cancel').click();
      await editor.settled();
    });

    it('stays a text field with the reason beside it when the list cannot be read', async () => {
      await obs!.close();
      await editor.badge(id, /waiting|disconnected|connecting/);
      await editor.page
        .locator('#node-input-scene + .red-ui-typedInput-container .red-ui-typedInput-option-expand')
        .click();
      const note = editor.page.locator('.live-note-fault');
      await note.waitFor();
      assert.match(await note.innerText(), /No list, so type the name\. .{20}/);
      await editor.picture('list-with-reason');
      await editor.typedField('scene').fill('Backup scene');
      await editor.done();
      assert.equal((await editor.node(id)).scene, 'Backup scene');
    });
  });
