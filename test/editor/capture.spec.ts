// The dialogs of capture frames and find frames: every source and every action, what makes no sense marked with its reason, and an
// address that is a secret in no flow.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { frameStore, ingestHere } from '../package/shared-nodes';
import { freePort, requirePrograms, tempDir, waitFor } from '../support';
import {
  CONTRAST,
  Editor,
  findBrowser,
  type FlowNode,
  isNodeRed5,
  type NodeRed,
  startBrowser,
  startNodeRed,
  UNTIDY,
} from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const SECRET = 'nobody-may-read-this';
/** Nobody listens on this port. */
const ADDRESS = `rtmp://127.0.0.1:9/live/anna?token=${SECRET}`;

describe('The dialogs of capture frames and find frames', function () {
  this.timeout(120_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;
  let id: string;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    const server = {
      ...{ id: 'server1', type: 'live-media-server', name: 'Rehearsal', configVersion: 1, kind: 'rehearsal' },
      ...{ api: '', control: '', publishAddress: 'rtmp://127.0.0.1/live', apps: 'live', otherApps: 'deny' },
      ...{ playAddress: 'rtmp://127.0.0.1:9/{app}/{stream}', hookHost: '127.0.0.1', hookName: 'main' },
      ...{ hookPort: String(await freePort()), allowFrom: 'localhost', reachedAt: '' },
    };
    const ingest = { ...ingestHere, id: 'ingest1', keys: '', port: String(await freePort()) };
    const store = { ...frameStore, id: 'store1', folder: join(tempDir('capture'), 'pictures') };
    await nodeRed.deploy([TAB, server, ingest, store]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const choose = (property: string, value: string) => editor.field(property).selectOption(value);
  /** Of these properties those whose row is to be seen; on the tab that is open. */
  const shown = async (...properties: string[]) => {
    const found: string[] = [];
    for (const property of properties)
      if (await editor.page.locator(`.form-row:has(#node-input-${property})`).last().isVisible())
        found.push(property);
    return found;
  };
  const untranslated = () =>
    editor.page.evaluate<string[]>(
      `$('.live-form [data-i18n]').toArray().map((one) => one.textContent.trim()).filter((text) => /^[a-z]+(\\.[\\w-]+)+$/i.test(text))`,
    );
  /** What the field of the stream says of its list. */
  const said = (what: RegExp) =>
    editor.form
      .locator('.form-row:has(#node-input-stream) .live-note')
      .filter({ hasText: what })
      .waitFor({ timeout: 20_000 });
  /** What is saved, with its reasons where it makes no sense; the dialog is open again. */
  const reasons = async (): Promise<string[]> => {
    await editor.done();
    const { valid, validationErrors } = await editor.node(id);
    await editor.edit(id);
    return valid ? [] : (validationErrors ?? ['no reason']);
  };
  const saved = async (expected: Record<string, unknown>) => {
    const node = await editor.node(id);
    assert.equal(node.valid, true, String(node.validationErrors));
    assert.deepEqual(
      Object.fromEntries(Object.keys(expected).map((property) => [property, node[property]])),
      expected,
    );
    return node;
  };
  const deployed = async () => (await nodeRed!.flows()).find((one) => one.id === id) as FlowNode;
  /** Each tab can be read and is tidy, in the light and, where there is one, in the dark. */
  const tidy = async (picture: string) => {
    for (const tab of await editor.form.locator('ul.live-tabs li').allInnerTexts()) {
      const name = tab.trim();
      await editor.tab(name);
      await editor.picture(name === 'Setup' ? picture : `${picture}-${name.toLowerCase()}`);
      assert.deepEqual(await editor.page.evaluate(UNTIDY), [], name);
      assert.deepEqual(await editor.page.evaluate(CONTRAST), [], name);
      if (!isNodeRed5) continue;
      await editor.dark();
      assert.deepEqual(await editor.page.evaluate(CONTRAST), [], `${name}, in the dark`);
      await editor.picture(`${picture}-${name.toLowerCase()}-dark`);
      await editor.page.evaluate('document.documentElement.classList.remove("nr-theme-dark")');
    }
    await editor.tab('Setup');
  };
  /** The fields that Tab comes to, from the name on. */
  const reached = async () => {
    await editor.field('name').focus();
    const found = new Set<string>();
    for (let press = 0; press < 24; press++) {
      found.add(
        await editor.page.evaluate<string>(
          '(({ activeElement: at }) => at.id || $(at).closest(".form-row").find("[id^=node-input-]").attr("id") || "")(document)',
        ),
      );
      await editor.page.keyboard.press('Tab');
    }
    return [...found].map((one) => one.replace('node-input-', ''));
  };

  it('capture frames: dragged, with every text, and no more than seven fields on its first tab', async () => {
    id = await editor.drag('live-capture-frames', { x: 300, y: 60 });
    await editor.edit(id);
    assert.deepEqual(await untranslated(), []);
    for (const source of ['ingest', 'server', 'address']) {
      await choose('source', source);
      const rows = editor.form.locator('.form-row:visible:not(:has(ul.live-tabs))');
      assert.ok((await rows.count()) <= 7, `${source}: ${await rows.count()}`);
      assert.deepEqual(await shown('ingest', 'server', 'address'), [source]);
    }
    await choose('source', 'ingest');
    assert.deepEqual(await reasons(), ['Ingest: none is chosen']);
  });

  it('capture frames: of an ingest into a store, and with the keyboard alone', async () => {
    await choose('ingest', 'ingest1');
    // nobody publishes there, and the field says so
    await editor.typedField('stream').fill('anna');
    await said(/^The list is empty there/);
    await editor.field('everySeconds').fill('0.5');
    await choose('store', 'store1');
    await choose('picture', 'path');
    for (const property of ['name', 'source', 'ingest', 'stream', 'everySeconds', 'store', 'picture'])
      assert.ok((await reached()).includes(property), property);
    await editor.tab('Changes');
    await editor.field('cells').fill('10');
    await editor.field('delta').fill('20');
    await editor.field('masks').fill('0 0 20 10; 70, 85, 30, 15');
    await editor.field('keepAliveSeconds').fill('60');
    await editor.tab('Advanced');
    assert.deepEqual(await shown('ffmpeg'), [], 'the ingest has it');
    await choose('sampling', 'keyframes');
    await editor.field('width').fill('640');
    await editor.field('quality').fill('80');
    await editor.form.getByLabel('Wait for a message that says start').check();
    await tidy('capture-frames');
    await editor.done();
    const expected = {
      ...{ source: 'ingest', ingest: 'ingest1', server: '', stream: 'anna', everySeconds: '0.5' },
      ...{ store: 'store1', picture: 'path', cells: '10', delta: '20', masks: '0 0 20 10; 70, 85, 30, 15' },
      ...{ keepAliveSeconds: '60', sampling: 'keyframes', width: '640', quality: '80', waits: true },
    };
    const node = await saved(expected);
    await editor.deploy();
    await editor.badge(id, 'paused');
    const there = await deployed();
    for (const [property, value] of Object.entries(expected)) assert.deepEqual(there[property], value);
    // opened again, it shows what was saved, and saving it again changes nothing
    await editor.edit(id);
    await editor.done();
    assert.deepEqual(await editor.node(id), node);
  });

  it('capture frames: what makes no sense is marked, with words', async () => {
    await editor.edit(id);
    await editor.typedField('stream').fill('../anna');
    await editor.field('everySeconds').fill('often');
    await choose('store', '_ADD_');
    await editor.tab('Changes');
    await editor.field('cells').fill('0');
    await editor.field('delta').fill('255');
    await editor.field('masks').fill('0 0 20; 0 0 101 1');
    await editor.field('keepAliveSeconds').fill('-1');
    await editor.tab('Advanced');
    await editor.field('width').fill('wide');
    await editor.field('quality').fill('101');
    assert.deepEqual(
      (await reasons()).sort(),
      [
        'Noise up to: a number from 0 to 254 is needed',
        'Changed: a number from 1 to 2304 is needed',
        'Every: a number from 0.1 to 3600 is needed',
        'At most: a number from 16 to 7680 is needed',
        'One every: a number from 0 to 86400 is needed',
        'Leave out: four numbers from 0 to 100 for each part, with semicolons between them',
        'Send: a path needs a frame store',
        'Quality: a number from 1 to 100 is needed',
        'Stream: letters, digits, dots, hyphens and underscores, 100 at most',
      ].sort(),
    );
    const good = {
      stream: '',
      everySeconds: '${EVERY}',
      cells: '2',
      delta: '12',
      masks: '',
      keepAliveSeconds: '',
    };
    for (const [property, text] of Object.entries({ ...good, width: '1280', quality: '90' })) {
      const tab = ['stream', 'everySeconds'].includes(property)
        ? 'Setup'
        : ['width', 'quality'].includes(property)
          ? 'Advanced'
          : 'Changes';
      if (property !== 'stream' && !(await editor.field(property).isVisible())) await editor.tab(tab);
      await (property === 'stream' ? editor.typedField(property) : editor.field(property)).fill(text);
    }
    await editor.tab('Setup');
    await choose('picture', 'buffer');
    assert.deepEqual(await reasons(), []);
  });

  it('capture frames: of a media server, and no config node stays that is not used', async () => {
    await choose('source', 'server');
    assert.deepEqual(await reasons(), ['Media server: none is chosen']);
    await choose('server', 'server1');
    // asked who publishes there now: nobody
    await editor.typedField('stream').fill('b');
    await said(/^The list is empty there/);
    await editor.typedField('stream').fill('');
    await editor.field('everySeconds').fill('2');
    await editor.tab('Advanced');
    assert.deepEqual(await shown('ffmpeg'), ['ffmpeg']);
    await editor.form.getByLabel('Wait for a message that says start').uncheck();
    await editor.done();
    await saved({
      source: 'server',
      server: 'server1',
      ingest: '',
      store: '',
      picture: 'buffer',
      waits: false,
    });
    await editor.deploy();
    await editor.badge(id, /waiting/);
    assert.equal((await deployed()).server, 'server1');
  });

  it('capture frames: of an address, which is a secret and stands in no flow', async () => {
    await editor.edit(id);
    await editor.tab('Setup');
    await choose('source', 'address');
    assert.match((await editor.typedField('stream').getAttribute('placeholder')) ?? '', /called/);
    assert.deepEqual(
      [...new Set(await reasons())],
      ['Address: something must be filled in'],
      'without an address there is nothing to take pictures of',
    );
    await editor.field('address').fill('ftp://studio.example/anna');
    assert.match((await reasons())[0] ?? '', /^Address: it must begin with rtmp:/);
    for (const text of ['${ADDRESS}', '/films/anna.mp4', 'file:///films/anna.mp4', ADDRESS]) {
      await editor.field('address').fill(text);
      assert.deepEqual(await reasons(), [], text);
    }
    assert.equal(await editor.field('address').getAttribute('type'), 'password');
    await editor.picture('capture-frames-address');
    await editor.typedField('stream').fill('anna');
    await editor.done();
    await saved({ source: 'address', server: '', ingest: '', stream: 'anna' });
    await editor.deploy();
    await editor.badge(id, /degraded|waiting|no ffmpeg/);
    await editor.load();
    await editor.edit(id);
    assert.equal(await editor.field('address').inputValue(), '__PWRD__', 'it never comes back');
    await editor.done();
    await saved({ source: 'address', stream: 'anna' });
    const exported = await editor.page.evaluate<string>(
      'JSON.stringify([RED.nodes.createExportableNodeSet(RED.nodes.filterNodes({})), RED.nodes.createCompleteNodeSet({ credentials: false })])',
    );
    for (const [where, text] of Object.entries({
      exported,
      deployed: JSON.stringify(await nodeRed!.flows()),
      page: await editor.page.content(),
      log: nodeRed!.program.log(),
    }))
      assert.ok(!text.includes(SECRET), `the address is in what is ${where}`);
  });

  it('capture frames: an address nobody uses any more is forgotten', async () => {
    await editor.edit(id);
    await choose('source', 'ingest');
    await choose('ingest', 'ingest1');
    await editor.done();
    await editor.deploy();
    await editor.badge(id, 'waiting');
    await editor.edit(id);
    await choose('source', 'address');
    assert.equal(await editor.field('address').inputValue(), '');
    await editor.page.locator('#node-dialog-cancel').click();
    await editor.settled();
  });

  it('find frames: dragged, with every text, and each action shows its fields alone', async () => {
    id = await editor.drag('live-find-frames', { x: 300, y: 160 });
    await editor.edit(id);
    assert.deepEqual(await untranslated(), []);
    assert.equal(await editor.field('store').inputValue(), 'store1', 'the only one there is');
    const first = ['stream', 'from', 'to', 'at', 'picture'];
    const more = ['everySeconds', 'changedOnly', 'similarTo', 'mostBits', 'order', 'limit', 'cursor'];
    const fields: Record<string, string[]> = {
      find: ['stream', 'from', 'to', 'picture', ...more],
      nearest: ['stream', 'at', 'picture'],
      segments: ['stream', 'from', 'to', 'order', 'limit', 'cursor'],
      buckets: ['stream', 'from', 'to', 'everySeconds'],
      streams: [],
      verify: ['stream'],
      message: [...first, ...more],
    };
    for (const [action, expected] of Object.entries(fields)) {
      await editor.tab('Setup');
      await choose('action', action);
      const before = await shown(...first);
      // what comes by a message may be any of them
      if (action !== 'message')
        assert.ok(before.length + 3 <= 7, `${action}: ${before.length} and the name, the store, the action`);
      assert.equal(await editor.form.locator('.live-by-message').isVisible(), action === 'message');
      await editor.tab('Advanced');
      assert.deepEqual([...before, ...(await shown(...more))], expected, action);
    }
    await editor.tab('Setup');
  });

  it('find frames: what makes no sense is marked, with words', async () => {
    await choose('action', 'nearest');
    await editor.typedField('at').fill('at noon');
    assert.deepEqual(await reasons(), [
      'Stream: something must be filled in',
      'At: a time such as 2026-11-20T19:00 is needed, or a number of milliseconds since 1970',
    ]);
    await choose('action', 'verify');
    assert.deepEqual(await reasons(), ['Stream: something must be filled in']);
    await choose('action', 'find');
    await editor.typedField('from').fill('yesterday');
    await editor.typedField('to').fill('20.11.2026');
    await editor.tab('Advanced');
    await editor.typedField('similarTo').fill('anna');
    await editor.field('everySeconds').fill('now and then');
    await editor.field('mostBits').fill('65');
    await editor.field('limit').fill('0');
    assert.deepEqual(await reasons(), [
      'From: a time such as 2026-11-20T19:00 is needed, or a number of milliseconds since 1970',
      'To: a time such as 2026-11-20T19:00 is needed, or a number of milliseconds since 1970',
      'One every: a number from 0 to 31536000 is needed',
      'Like: the id of a picture or its dhash is needed',
      'How alike: a number from 0 to 64 is needed',
      'At most: a number from 1 to 1000 is needed',
    ]);
  });

  it('find frames: filled, tidy, deployed and read back, and with the keyboard alone', async () => {
    await editor.tab('Setup');
    await editor.typedField('stream').fill('anna');
    await editor.typedField('from').fill('2026-11-20');
    await editor.typedField('to').fill('2026-11-20T19:00:30Z');
    await choose('picture', 'attachments');
    const keys = await reached();
    for (const property of ['name', 'store', 'action', 'stream', 'from', 'to', 'picture'])
      assert.ok(keys.includes(property), `${property} is not among ${keys.join()}`);
    await editor.tab('Advanced');
    await editor.field('everySeconds').fill('60');
    await editor.form.getByLabel('Only those that show something new').check();
    await editor.typedField('similarTo').fill('0123456789abcdef');
    await editor.field('mostBits').fill('10');
    await choose('order', 'newest');
    await editor.field('limit').fill('20');
    await tidy('find-frames');
    await editor.done();
    const expected = {
      ...{ store: 'store1', action: 'find', stream: 'anna', streamType: 'str', from: '2026-11-20' },
      ...{ to: '2026-11-20T19:00:30Z', picture: 'attachments', everySeconds: '60', changedOnly: true },
      ...{ similarTo: '0123456789abcdef', mostBits: '10', order: 'newest', limit: '20', cursor: '' },
    };
    const node = await saved(expected);
    await editor.deploy();
    await editor.badge(id, 'ready');
    const there = await deployed();
    for (const [property, value] of Object.entries(expected)) assert.deepEqual(there[property], value);
    await editor.edit(id);
    await editor.done();
    assert.deepEqual(await editor.node(id), node);
    await waitFor(() => !nodeRed!.program.log().includes('[error]'), {
      message: () => nodeRed!.program.log(),
    });
  });
});
