// Every example, imported again and again as somebody looking around does: it stays one connection.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { loops, requirePrograms, waitFor } from '../support';
import { Editor, findBrowser, type FlowNode, type NodeRed, startBrowser, startNodeRed } from './support';

const folder = join(__dirname, '..', '..', 'examples');
const examples = (existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])
  .map(String)
  .filter((name) => name.endsWith('.json'))
  .sort();
/** The first time nothing is there, every other time all of it is. */
const TIMES = loops(8, 2);

describe('The examples', function () {
  let browser: Browser | undefined;
  let nodeRed: NodeRed | undefined;
  let editor: Editor | undefined;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium']);
    browser = await startBrowser();
    nodeRed = await startNodeRed();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.close();
  });

  it('are there', () => assert.ok(examples.length > 0));

  for (const name of examples)
    it(`${name}: imported ${TIMES} times, with no connection more`, async () => {
      const text = readFileSync(join(folder, name), 'utf8');
      const nodes = JSON.parse(text) as FlowNode[];
      const wanted = nodes.filter(({ type }) => type === 'live-obs-connection').length;
      await nodeRed!.deploy([{ id: 'tab1', type: 'tab', label: 'Show', disabled: false, info: '' }]);
      if (editor) await editor.load();
      else editor = await Editor.open(browser!, nodeRed!);
      for (let time = 1; time <= TIMES; time++) await importFlow(editor, text);
      const types = await editor.page.evaluate<string[]>(
        '(() => { const types = []; RED.nodes.eachConfig((node) => { types.push(node.type); }); return types; })()',
      );
      assert.equal(types.filter((type) => type === 'live-obs-connection').length, wanted, types.join());
      const invalid = await editor.page.evaluate<string[]>(
        '(() => { const names = []; RED.nodes.eachNode((node) => { if (node.type.startsWith("live-") && node.valid === false) names.push(`${node.type}: ${node.validationErrors}`); }); return names; })()',
      );
      assert.deepEqual(invalid, [], 'nodes that are not filled in');
      editor.assertNoFaults();
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
    await importFlow(editor, text);
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

/** Import as a person does: the menu's dialog, paste, Import; and a copy where the nodes are there already. */
async function importFlow(editor: Editor, text: string): Promise<void> {
  const { page } = editor;
  const count = () => page.evaluate<number>('RED.nodes.filterNodes({}).length');
  const before = await count();
  await page.keyboard.press('Control+i');
  const field = page.locator('#red-ui-clipboard-dialog-import-text');
  await field.waitFor();
  await field.fill(text);
  // the dialog looks at the text after a key
  await field.press('End');
  await page.locator('#red-ui-clipboard-dialog-ok').click();
  await field.waitFor({ state: 'hidden' });
  const copy = page.locator('.red-ui-notification button', { hasText: 'Import copy' });
  await waitFor(
    async () => {
      if (await copy.isVisible()) await copy.click();
      return (await count()) > before;
    },
    { message: 'the nodes to be there' },
  );
  // flow nodes without a tab of their own hang on the mouse until a click puts them down
  await page.mouse.move(500, 400);
  await page.mouse.click(500, 400);
  await waitFor(() => page.evaluate<boolean>('RED.view.state() === RED.state.DEFAULT'), {
    message: 'the nodes to be put down',
  });
}
