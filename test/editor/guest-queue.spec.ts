// The guest queue's dialog, as somebody fills it who sets up a guest night.
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { freePort, requirePrograms, tempDir, waitFor } from '../support';
import { certificates } from '../support/certificates';
import { seriousFaults } from '../support/axe';
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

  describe('its tab Page', () => {
    /** What the tab says after it is filled. */
    const page: Record<string, unknown> = {
      page: true,
      pageTitle: 'Open stage',
      pageHost: 'localhost',
      pagePort: '',
      pageJoin: true,
      keys: 'people',
      pageAddress: 'https://queue.example.org',
      pageProxies: '127.0.0.1, fd00::/8',
      pageTls: 'tls1',
      openOperator: true,
    };
    const CODE = 'summer night';
    const fields = ['pageTitle', 'pageHost', 'pagePort', 'pageJoin', 'keys', 'invitation'];
    const allFields = [...fields, 'pageAddress', 'pageProxies', 'pageTls'];
    const shown = async (): Promise<string[]> => {
      const seen: string[] = [];
      for (const name of [...allFields, 'openOperator'])
        if (await editor.configField(name).isVisible()) seen.push(name);
      return seen;
    };
    const openTab = async (): Promise<void> => {
      await open(id);
      await editor.tab('Page');
    };
    const wrong = (name: string): Promise<boolean> =>
      editor.configField(name).evaluate((field) => field.classList.contains('input-error'));
    const log = () => nodeRed!.program.log();
    const joinAs = async (guest: Page, name: string): Promise<void> => {
      await guest.getByLabel('Invitation code').fill(CODE);
      await guest.getByLabel('Your name').fill(name);
      await guest.getByRole('button', { name: 'Join' }).click();
      await guest.getByRole('heading', { name: `Hello ${name}` }).waitFor();
    };

    before(async function () {
      requirePrograms(this, ['openssl']);
      page.pagePort = String(await freePort());
      const { cert, key } = certificates(tempDir('page-tls'));
      const rest = { configVersion: 1, name: '' };
      const server = { kind: 'rehearsal', apps: 'live', otherApps: 'deny', allowFrom: 'localhost' };
      const at = { hookHost: '127.0.0.1', hookPort: String(await freePort()), hookName: '', reachedAt: '' };
      const addresses = {
        publishAddress: 'rtmp://studio.example/live',
        playAddress: 'rtmp://a/{app}/{stream}',
      };
      await nodeRed!.deploy([
        TAB,
        INJECT,
        {
          id: 'server1',
          type: 'live-media-server',
          ...rest,
          ...server,
          ...at,
          ...addresses,
          api: '',
          control: '',
        },
        { id: 'people', type: 'live-stream-keys', ...rest, folder: '', mostPeople: '10' },
        {
          id: 'tls1',
          type: 'tls-config',
          name: '',
          cert,
          key,
          ca: '',
          certname: '',
          keyname: '',
          caname: '',
        },
      ]);
      await editor.load();
      await open('_ADD_');
      await editor.configField('name').fill('Page');
      await editor.configDone();
      id = await editor.page.evaluate<string>(
        `(() => { let found = ''; RED.nodes.eachConfig((one) => { if (one.type === 'live-guest-queue') found = one.id; }); return found; })()`,
      );
    });

    it('shows its fields once the page is wanted, and asks for no code where nobody joins', async () => {
      await openTab();
      assert.deepEqual(await shown(), ['openOperator']);
      await editor.configField('page').check();
      assert.deepEqual(await shown(), [...allFields, 'openOperator']);
      await editor.configField('pageJoin').uncheck();
      assert.deepEqual(
        await shown(),
        [...allFields, 'openOperator'].filter((name) => name !== 'keys' && name !== 'invitation'),
      );
      assert.equal(await wrong('invitation'), false);
      await editor.configField('pageJoin').check();
      await waitFor(() => wrong('invitation'), { message: 'the missing code to be marked' });
      await editor.configDone();
    });

    it('says what is wrong of each field', async () => {
      await openTab();
      await editor.configField('pageHost').fill('a host');
      await editor.configField('pagePort').fill('99999');
      await editor.configField('keys').selectOption('_ADD_');
      await editor.configField('invitation').fill('short');
      await editor.configField('pageAddress').fill('queue.example.org');
      await editor.configField('pageProxies').fill('10.0.0.0/8, the proxy');
      const marked = ['pageHost', 'pagePort', 'keys', 'invitation', 'pageAddress', 'pageProxies'];
      await editor.configField('pageTitle').fill('Open stage');
      await waitFor(async () => (await Promise.all(marked.map(wrong))).every(Boolean), {
        message: 'every wrong field to be marked',
      });
      assert.equal(await wrong('pageTitle'), false);
      await editor.configDone();
      const errors = (await editor.node(id)).validationErrors!.join('\n');
      for (const said of [
        /^Listen on: this is no host/m,
        /^Port: a whole number from 1 to 65535/m,
        /^Keys: none is chosen/m,
        /^Address: the address must begin with http/m,
        /^Proxies: addresses and networks are needed/m,
      ])
        assert.match(errors, said);
    });

    it('is saved and deployed: the page answers, guests join with the code, and nobody reads it', async () => {
      await openTab();
      for (const name of ['pageTitle', 'pageHost', 'pagePort', 'pageAddress', 'pageProxies'])
        await editor.configField(name).fill(String(page[name]));
      for (const name of ['keys', 'pageTls']) await editor.configField(name).selectOption(String(page[name]));
      await editor.configField('openOperator').check();
      await editor.configField('invitation').fill(CODE);
      await editor.configField('pageTitle').focus();
      assert.equal(await wrong('invitation'), false);
      assert.deepEqual(await seriousFaults(editor.page, '.live-tab[data-tab=page]'), []);
      await editor.picture('guest-queue-page');
      await editor.configDone();
      const node = await editor.node(id);
      assert.deepEqual(Object.fromEntries(Object.keys(page).map((name) => [name, node[name]])), page);
      assert.deepEqual(node.validationErrors ?? [], []);
      await editor.deploy();
      const saved = (await nodeRed!.flows()).find((one) => one.id === id)!;
      assert.deepEqual(Object.fromEntries(Object.keys(page).map((name) => [name, saved[name]])), page);
      assert.ok(!JSON.stringify(await nodeRed!.flows()).includes(CODE));

      const context = await browser!.newContext({ ignoreHTTPSErrors: true });
      const guest = await context.newPage();
      const address = `https://localhost:${String(page.pagePort)}/`;
      await waitFor(() => guest.goto(address).catch(() => null), { message: () => `the page; ${log()}` });
      await guest.getByRole('heading', { name: 'Open stage' }).waitFor();
      await joinAs(guest, 'Ana');
      assert.equal(await guest.locator('#server').innerText(), 'rtmp://studio.example/live');

      // opened again, the code is not there to be read, and stays; another title is what guests see
      await openTab();
      assert.equal(await editor.configField('invitation').inputValue(), '__PWRD__');
      assert.equal(await wrong('invitation'), false);
      await editor.configField('pageTitle').fill('Late stage');
      await editor.configField('pageTls').selectOption('_ADD_');
      await editor.configDone();
      await editor.deploy();
      const plain = address.replace('https', 'http');
      await waitFor(() => guest.goto(plain).catch(() => null), { message: () => `the page; ${log()}` });
      await guest.getByRole('heading', { name: 'Late stage' }).waitFor();
      // who joined before is still known, and another one joins
      await guest.getByRole('heading', { name: 'Hello Ana' }).waitFor();
      await guest.context().clearCookies();
      await guest.reload();
      await joinAs(guest, 'Bea');
      await context.close();
      assert.ok(!log().includes(CODE));
    });
  });
});
