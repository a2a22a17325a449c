// The dialog of the ingest, what it says to paste into OBS, and the dialogs of nodes that take it as their application.
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { ingestHere } from '../package/shared-nodes';
import { requirePrograms, waitFor } from '../support';
import { CONTRAST, Editor, findBrowser, type NodeRed, startBrowser, startNodeRed } from './support';

const TAB = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };
const TOKEN = 'players-of-the-studio';

describe('The dialog of the ingest', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed | undefined;
  let browser: Browser | undefined;
  let editor: Editor;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    nodeRed = await startNodeRed();
    await nodeRed.deploy([TAB]);
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });
  afterEach(() => editor?.assertNoFaults());

  const open = async (type: string, which = '_ADD_', first = 'name'): Promise<void> => {
    await editor.page.evaluate(`RED.editor.editConfig('', '${type}', ${JSON.stringify(which)})`);
    await editor.configField(first).waitFor();
    await editor.settled();
  };
  const idOf = (type: string) =>
    editor.page.evaluate<string>(
      `(() => { let id = ''; RED.nodes.eachConfig((node) => { if (node.type === '${type}') id = node.id; }); return id; })()`,
    );
  const pasted = (index: number) => editor.page.locator('.live-paste input').nth(index).inputValue();
  const isShown = (place: string) => editor.page.locator(place).isVisible();

  it('has no more than seven fields on its first tab, and every text', async () => {
    await open('live-rtmp-ingest');
    const first = editor.form
      .locator('.live-tab[data-tab="setup"]')
      .locator('.form-row:not(.live-state-row)');
    assert.ok((await first.count()) + 1 <= 7, `${await first.count()} rows and the name`);
    for (const name of ['Setup', 'Players', 'Advanced']) {
      await editor.tab(name);
      assert.deepEqual(await editor.page.evaluate(CONTRAST), [], name);
    }
    const untranslated = await editor.page.evaluate<string[]>(
      `$('.live-form [data-i18n]').toArray().map((one) => one.textContent.trim()).filter((text) => /^[a-z]+(\\.[\\w-]+)+$/i.test(text))`,
    );
    assert.deepEqual(untranslated, []);
    await editor.tab('Setup');
  });

  it('shows what goes into OBS, and warns where others can reach it', async () => {
    assert.equal(await pasted(0), 'rtmp://127.0.0.1/live');
    assert.equal(await isShown('.live-warn-reached'), false);
    await editor.picture('rtmp-ingest');
    await editor.configField('host').fill('0.0.0.0');
    await editor.configField('port').fill('1936');
    await editor.configField('app').fill('studio');
    await waitFor(async () => (await pasted(0)) === 'rtmp://address-of-this-machine:1936/studio');
    assert.equal(await isShown('.live-warn-plain'), true);
    await editor.tab('Advanced');
    await editor.configField('publishAddress').fill('rtmp://studio.example/live/');
    await editor.tab('Setup');
    await waitFor(async () => (await pasted(0)) === 'rtmp://studio.example/live');
    await editor.tab('Players');
    assert.equal(await isShown('.live-warn-players'), false);
    await editor.configField('playFrom').fill('192.168.1.0/24');
    await waitFor(async () => await isShown('.live-warn-players'));
    await editor.configField('playToken').fill(TOKEN);
    await waitFor(async () => !(await isShown('.live-warn-players')));
  });

  it('rehearses: what says how others reach it is not asked for then', async () => {
    await editor.tab('Setup');
    assert.equal(await isShown('.live-rehearsal'), false);
    await editor.configField('simulate').check();
    await waitFor(async () => await isShown('.live-rehearsal'));
    for (const name of ['host', 'port'])
      assert.equal(await editor.configField(name).isVisible(), false, name);
    for (const place of ['.live-paste', '.live-warn-reached'])
      assert.equal(await isShown(place), false, place);
    assert.deepEqual(await editor.page.evaluate(CONTRAST), []);
    await editor.picture('rtmp-ingest-rehearsal');
    await editor.configField('simulate').uncheck();
    await waitFor(async () => await editor.configField('host').isVisible());
  });

  it('is saved and deployed, and its token stands in no flow', async () => {
    await editor.configField('name').fill('Guests');
    await editor.tab('Setup');
    await editor.configField('host').fill('127.0.0.1');
    await editor.configDone();
    const id = await idOf('live-rtmp-ingest');
    const node = await editor.node(id);
    assert.deepEqual(
      [node.name, node.host, node.port, node.app, node.keys, node.tls, node.valid],
      ['Guests', '127.0.0.1', '1936', 'studio', '', '', true],
      String(node.validationErrors),
    );
    await editor.deploy();
    assert.ok(!JSON.stringify(await nodeRed!.flows()).includes(TOKEN));
    await waitFor(() => nodeRed!.program.log().includes('Nobody says who may publish'), {
      timeoutMs: 20_000,
      message: () => nodeRed!.program.log(),
    });
  });

  it('is a media server: nothing else has to be filled in', async () => {
    await open('live-media-server');
    await editor.configField('kind').selectOption('ingest');
    await waitFor(
      async () => (await editor.configField('ingest').inputValue()) === (await idOf('live-rtmp-ingest')),
    );
    for (const name of ['api', 'control', 'user', 'password'])
      assert.equal(await editor.configField(name).isVisible(), false, name);
    for (const name of ['Guests', 'Hooks', 'Lines to paste']) {
      await editor.tab(name);
      assert.equal(await editor.form.locator('.live-tab:visible .form-row:visible').count(), 0, name);
    }
    await editor.tab('Setup');
    await editor.picture('media-server-ingest');
    await editor.configDone();
    const node = await editor.node(await idOf('live-media-server'));
    assert.deepEqual([node.kind, node.valid], ['ingest', true], String(node.validationErrors));
  });

  it('is missed where it is not chosen, as every application is, by all nodes that cannot do without', async () => {
    // with every property as a new node has it; Node-RED asks no validator of an empty reference that is not required
    const faults = await editor.page.evaluate<Record<string, string>>(`(() => {
      const faults = {};
      const isRef = ([, one]) => one.type && RED.nodes.getType(one.type);
      const judge = (type, more) => {
        const def = RED.nodes.getType(type);
        const node = { id: 'new-' + type, type, z: 'tab1', _def: def, users: [] };
        for (const [property, one] of Object.entries(def.defaults))
          node[property] = isRef([property, one]) ? '' : structuredClone(one.value);
        RED.editor.validateNode(Object.assign(node, more));
        faults[[type.slice(5), ...Object.values(more)].join(' ')] = node.validationErrors.join('; ');
      };
      for (const type of RED.nodes.registry.getNodeTypes()) {
        if (!type.startsWith('live-')) continue;
        const { defaults } = RED.nodes.getType(type);
        if ('application' in defaults)
          for (const application of ['obs', 'vmix', 'ingest'])
            if (application in defaults) judge(type, { application });
      }
      judge('live-media-server', { kind: 'ingest' });
      judge('live-capture-frames', { source: 'ingest' });
      judge('live-capture-frames', { source: 'server' });
      judge('live-event', { source: 'raw', application: 'obs' });
      judge('live-start-stream', { targetFrom: 'target' });
      judge('live-stream-session', {});
      return faults;
    })()`);
    assert.ok(Object.keys(faults).length > 40, Object.keys(faults).join());
    // without a connection these hear all of that application, and their dialog says so
    const hearsAll = /^(stream-started|stream-stopped|event) (obs|vmix|ingest)$/;
    for (const [which, fault] of Object.entries(faults))
      if (hearsAll.test(which)) assert.equal(fault, '', which);
      else assert.match(fault, /(Connection|Ingest|Media server|Keys|Target): none is chosen/, which);
  });

  it('is what nodes may work on: each with what it can do there', async () => {
    const node = { z: 'tab1', x: 200, name: '', configVersion: 1, application: 'ingest', obs: '', vmix: '' };
    const ingest = ingestHere.id;
    const common = { ...node, ingest, wires: [[]] };
    await editor.show([
      TAB,
      { ...ingestHere, keys: '' },
      {
        ...common,
        id: 'started',
        y: 100,
        type: 'live-stream-started',
        channel: '',
        stream: '',
        present: false,
      },
      {
        ...{ ...common, id: 'picture', y: 200, type: 'live-snapshot', show: 'program', source: '' },
        ...{ sourceType: 'str', to: 'message', path: '', pathType: 'str', overwrite: false, format: 'jpg' },
        ...{ width: '', height: '', quality: '80', waitSeconds: '0' },
      },
      {
        ...{ ...common, id: 'told', y: 300, type: 'live-event', source: 'show', events: [], rawEvents: '' },
        ...{ filters: [], limit: '100', present: false },
      },
    ]);
    await editor.edit('started');
    assert.equal(await editor.field('channel').isVisible(), false);
    await editor.typedField('stream').fill('anna');
    await editor.done();
    assert.equal((await editor.node('started')).stream, 'anna');

    await editor.edit('picture');
    const options = (property: string) =>
      editor.page.evaluate<string[]>(
        `$('#node-input-${property} option').toArray().filter((one) => !one.disabled).map((one) => one.value)`,
      );
    assert.deepEqual(await options('to'), ['message', 'here']);
    await editor.field('show').selectOption('source');
    assert.ok((await editor.form.innerText()).includes('a stream'));
    await editor.typedField('source').fill('anna');
    await editor.tab('Advanced');
    assert.deepEqual(await options('format'), ['jpg']);
    await editor.done();
    assert.deepEqual((await editor.node('picture')).valid, true);

    await editor.edit('told');
    assert.deepEqual(await options('source'), ['show']);
    await editor.done();
    for (const id of ['started', 'picture', 'told'])
      assert.deepEqual(
        [(await editor.node(id)).application, (await editor.node(id)).ingest, (await editor.node(id)).obs],
        ['ingest', ingest, ''],
        id,
      );
  });
});
