// Every example, imported again and again as somebody looking around does: it stays one connection.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { foreignTypes, modulesOf, packageJson } from '../package/files';
import { loops, requirePrograms, scale, waitFor } from '../support';
import {
  Editor,
  findBrowser,
  type FlowNode,
  isNodeRed5,
  type NodeRed,
  startBrowser,
  startNodeRed,
} from './support';

const folder = join(__dirname, '..', '..', 'examples');
const examples = (existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])
  .map(String)
  .filter((name) => name.endsWith('.json'))
  .sort();
/**
 * The first time nothing is there, every other time all of it is. What becomes of a connection then is up to the editor, whatever the
 * example: in the short form the first example of each folder shows it, and the other Node-RED imports only those.
 */
const TIMES = loops(8, 2);
const isFirst = (name: string): boolean => examples.find((one) => dirname(one) === dirname(name)) === name;
const timesOf = (name: string): number => (scale < 1 && !isFirst(name) ? 1 : TIMES);
const imported = isNodeRed5 && scale < 1 ? examples.filter(isFirst) : examples;
const SHOW: FlowNode = { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' };

describe('The examples', function () {
  let browser: Browser | undefined;
  let nodeRed: NodeRed | undefined;
  let editor: Editor;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    browser = await startBrowser();
    nodeRed = await startNodeRed();
    await nodeRed.deploy([SHOW]);
    editor = await Editor.open(browser, nodeRed);
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });

  it('are there', () => assert.ok(examples.length > 0));

  for (const name of imported) {
    const text = readFileSync(join(folder, name), 'utf8');
    const nodes = JSON.parse(text) as FlowNode[];
    // not installed here: the ring "services" imports these examples with their modules
    const missing = Object.keys(modulesOf(nodes)).filter((module) => module !== packageJson.name);
    const times = missing.length > 0 ? 1 : timesOf(name);

    it(`${name}: imported ${times === 1 ? 'once' : `${times} times`}, with no connection more`, async () => {
      const isConnection = (type: string) => /^live-(obs|vmix)-connection$/.test(type);
      const wanted = nodes.filter(({ type }) => isConnection(type)).length;
      // what Node-RED offers for one example stands until it is closed
      const offer = editor.page.locator('.red-ui-notification', { hasText: 'Install all' });
      await editor.page.evaluate('$(".red-ui-notification").each((_, offer) => offer.close())');
      await offer.waitFor({ state: 'detached' });
      await editor.show([SHOW]);
      // what Node-RED says about modules, and what becomes of a connection, is up to the dialog; whether nodes are good is not
      if (times === 1 && missing.length === 0) await editor.show([SHOW, ...nodes]);
      else for (let time = 1; time <= times; time++) await editor.import(text);
      const types = await editor.page.evaluate<string[]>(
        '(() => { const types = []; RED.nodes.eachConfig((node) => { types.push(node.type); }); return types; })()',
      );
      assert.equal(types.filter(isConnection).length, wanted, types.join());
      const invalid = await editor.page.evaluate<string[]>(
        '(() => { const names = []; RED.nodes.eachNode((node) => { if (node.type.startsWith("live-") && node.valid === false) names.push(`${node.type}: ${node.validationErrors}`); }); return names; })()',
      );
      assert.deepEqual(invalid, [], 'nodes that are not filled in');
      const unknown = await editor.page.evaluate<string[]>(
        '(() => { const types = new Set(); const look = (node) => { if (node.type === "unknown") types.add(node.name); }; RED.nodes.eachNode(look); RED.nodes.eachConfig(look); return [...types]; })()',
      );
      const expected = nodes
        .map(({ type }) => type)
        .filter((type) => missing.some((module) => foreignTypes[module]?.test(type)));
      assert.deepEqual(unknown.sort(), [...new Set(expected)].sort(), 'types that are not there');
      // Node-RED offers to install what the global-config names
      assert.equal(await offer.count(), missing.length > 0 ? 1 : 0);
      for (const module of missing)
        assert.deepEqual(await offer.locator('li').allTextContents(), [module], 'what it offers to install');
      editor.assertNoFaults();
    });
  }

  it('while a package is missing Node-RED runs nothing, not even with its tab switched off: as the examples say', async () => {
    const show: FlowNode[] = [
      { id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' },
      { id: 'say', type: 'inject', z: 'tab1', once: true, props: [{ p: 'payload' }], wires: [['log']] },
      { id: 'log', type: 'debug', z: 'tab1', active: true, console: true, complete: 'payload', wires: [] },
    ];
    const started = () => nodeRed!.program.log().split('Started flows').length;
    const waits = () => nodeRed!.program.log().split('Waiting for missing types').length;
    for (const disabled of [false, true]) {
      const before = { started: started(), waits: waits() };
      await nodeRed!.deploy([
        ...show,
        { id: 'tab2', type: 'tab', label: 'Mail', disabled, info: '' },
        { id: 'mail', type: 'a-type-nobody-has', z: 'tab2', d: disabled, wires: [] },
      ]);
      await waitFor(() => waits() > before.waits, { message: 'Node-RED to wait' });
      assert.equal(started(), before.started);
    }
    const before = started();
    await nodeRed!.deploy(show);
    await waitFor(() => started() > before, { message: 'the show to run again' });
  });
});

describe('The first example, for a newcomer', function () {
  let browser: Browser | undefined;
  let nodeRed: NodeRed | undefined;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    browser = await startBrowser();
    nodeRed = await startNodeRed();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });

  it('imported and deployed, one press goes live: badges follow, and the message is in the debug sidebar', async () => {
    const text = readFileSync(join(folder, examples[0]!), 'utf8');
    const nodes = JSON.parse(text) as FlowNode[];
    const first = (type: string) => nodes.find((node) => node.type === type)!.id;
    const editor = await Editor.open(browser!, nodeRed!);
    await editor.import(text);
    const tab = nodes.find(({ type }) => type === 'tab')!;
    await editor.page
      .locator('.red-ui-workspace-tab-label, .red-ui-tab-label', { hasText: String(tab.label) })
      .first()
      .click();
    await editor.deploy();
    await editor.badge(first('live-start-stream'), 'sim ready');
    await editor.page.evaluate('RED.sidebar.show("debug")');
    const press = editor.page.locator(`[id="${first('inject')}"] .red-ui-flow-node-button-button`);
    // the editor takes no press while it takes the deploy over
    await waitFor(async () => {
      await press.click();
      await editor.badge(first('live-start-stream'), 'sim busy', 3000);
      return true;
    });
    for (const type of ['live-start-stream', 'live-stream-started'])
      await editor.badge(first(type), 'sim live');
    await editor.page.locator('.red-ui-debug-msg', { hasText: 'stream_started' }).first().waitFor();
    await editor.page.evaluate('RED.view.select({ nodes: [] })');
    await editor.picture('first-show');
    editor.assertNoFaults();
  });
});
