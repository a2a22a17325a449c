// A real Node-RED in a process of its own with the package linked, and its editor in a browser, driven as a person would.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type Locator, type Page, chromium } from 'playwright-core';
import { findProgram, freePort, lookEvery, type Program, startProgram, tempDir, waitFor } from '../support';
import { nodeRedDir, nodeRedVersion } from '../support/node-red';

// each look is some milliseconds of three processes
lookEvery(100);

const root = join(__dirname, '..', '..');
const packageName = '@infrafabric/node-red-live-production';
const pictures = join(root, 'build', 'pictures');

export const isNodeRed5 = Number(nodeRedVersion.split('.')[0]) >= 5;

export interface NodeRed {
  readonly url: string;
  readonly program: Program;
  /** Replace all flows, as a deploy from elsewhere would. */
  deploy(flows: object[]): Promise<void>;
  /** The flows as the runtime has them. */
  flows(): Promise<FlowNode[]>;
  close(): Promise<void>;
}

export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

export interface NodeRedOptions {
  /** packages that are installed beside ours: name and folder */
  packages?: Record<string, string>;
  /** added to the environment */
  env?: Record<string, string>;
  /** a user folder that another one has used, to start again with what it left; otherwise an empty one */
  userDir?: string;
  /** people who log in, each with the name as password, and what Node-RED permits them; otherwise nobody logs in */
  users?: Record<string, string | string[]>;
}

/** As the log tells that flows run, after any kind of deploy, or why they do not. */
const STARTED = /Started (?:modified )?(?:flows|nodes)|Waiting for missing types/;

/** Start Node-RED on a free port, with an empty user folder in which the package is linked. */
export async function startNodeRed(options: NodeRedOptions = {}): Promise<NodeRed> {
  const { packages = {}, env = {}, userDir = tempDir('editor'), users } = options;
  const port = await freePort();
  const dependencies: Record<string, string> = {};
  for (const [name, folder] of Object.entries({ [packageName]: root, ...packages })) {
    const link = join(userDir, 'node_modules', name);
    mkdirSync(join(link, '..'), { recursive: true });
    if (!existsSync(link)) symlinkSync(folder, link, 'junction');
    dependencies[name] = `file:${folder}`;
  }
  writeFileSync(
    join(userDir, 'package.json'),
    JSON.stringify({ name: 'shows', version: '1.0.0', dependencies }),
  );
  // the default code editor is 4 MB of script, run at every load of a page; no dialog of the package has one
  writeFileSync(
    join(userDir, 'settings.js'),
    `module.exports = {
      uiHost: '127.0.0.1', credentialSecret: 'a secret of the test', flowFile: 'flows.json',
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, codeEditor: { lib: 'ace' } },
      externalModules: { palette: { allowInstall: false } }, logging: { console: { level: 'info' } },
      ${users ? `adminAuth: adminAuth(${JSON.stringify(users)}),` : ''}
    };
    function adminAuth(users) {
      const user = (username) => Promise.resolve(Object.hasOwn(users, username) ? { username, permissions: users[username] } : null);
      return { type: 'credentials', users: user, authenticate: (username, password) => password === username ? user(username) : Promise.resolve(null) };
    }`,
  );
  const program = await startProgram(
    process.execPath.split('/').at(-1) ?? 'node',
    [join(nodeRedDir, 'red.js'), '--userDir', userDir, '--port', String(port)],
    {
      cwd: userDir,
      env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`, ...env },
    },
  );
  const url = `http://127.0.0.1:${port}/`;
  const headers = { 'content-type': 'application/json', 'Node-RED-API-Version': 'v2', connection: 'close' };
  await waitFor(
    async () =>
      (await fetch(`${url}settings`, { headers })).status === (users ? 401 : 200) &&
      program.log().includes('Started flows'),
    {
      timeoutMs: 60_000,
      message: () => `Node-RED to start; it said:\n${program.log()}`,
    },
  );
  return {
    url,
    program,
    async deploy(flows) {
      const starts = () => program.log().split(STARTED).length;
      const before = starts();
      const answer = await fetch(`${url}flows`, { method: 'POST', headers, body: JSON.stringify({ flows }) });
      assert.equal(answer.status, 200, await answer.text());
      // Node-RED answers before it starts them
      await waitFor(() => starts() > before, {
        timeoutMs: 60_000,
        message: () => `the flows to start; Node-RED said:\n${program.log()}`,
      });
    },
    async flows() {
      const answer = await fetch(`${url}flows`, { headers });
      return ((await answer.json()) as { flows: FlowNode[] }).flows;
    },
    close: () => program.close(),
  };
}

/** The browser, or null where there is none. */
export function findBrowser(): string | null {
  return findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome');
}

/** Start the browser; one for each spec file. */
export async function startBrowser(): Promise<Browser> {
  const quiet =
    '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
  return await chromium.launch({ executablePath: findBrowser() ?? 'chromium', args: quiet.split(' ') });
}

/** The editor in a window of the browser. */
export class Editor {
  /** what went wrong in the page: errors nobody caught, and those it told the console */
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    readonly nodeRed: NodeRed,
  ) {
    page.on('pageerror', (error) => this.faults.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.faults.push(`${message.text()} (${message.location().url})`);
    });
  }

  /** Open the editor and wait until the palette is there. */
  static async open(browser: Browser, nodeRed: NodeRed, user?: string): Promise<Editor> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const editor = new Editor(page, nodeRed);
    if (user === undefined) await editor.load();
    else await editor.login(user);
    return editor;
  }

  /** Log in as one of `users`, whose password is the name. */
  private async login(user: string): Promise<void> {
    const { page } = this;
    await page.goto(this.nodeRed.url);
    await page.locator('#node-dialog-login-username').fill(user);
    await page.locator('#node-dialog-login-password').fill(user);
    await page.locator('#node-dialog-login-submit').click();
    await this.ready();
    // the browser tells of the questions that were refused before
    this.faults.splice(0);
  }

  /** Load the editor again, as it looks with what is deployed now; much quicker than opening a new one. */
  async load(): Promise<void> {
    const { page } = this;
    await page.goto(this.nodeRed.url);
    await this.ready();
  }

  private async ready(): Promise<void> {
    const { page } = this;
    await page.locator('#red-ui-palette-container-live_production .red-ui-palette-node').first().waitFor();
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  }

  /** Take everything away and show these nodes, as Node-RED does when it loads a project; much quicker than loading the editor. */
  async show(nodes: object[]): Promise<void> {
    await this.page.evaluate(
      `(() => { RED.nodes.clear(); RED.history.clear(); RED.nodes.import(${JSON.stringify(nodes)}); RED.nodes.dirty(false); RED.view.redraw(true); })()`,
    );
  }

  /** Fails when the page told of any error since the last time. */
  assertNoFaults(): void {
    assert.deepEqual(this.faults.splice(0), [], 'errors in the page');
  }

  /** Drag a node from the palette to the canvas with the mouse; gives its id. */
  async drag(type: string, at: { x: number; y: number }): Promise<string> {
    const { page } = this;
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const from = await boxOf(entry);
    const canvas = await boxOf(page.locator('#red-ui-workspace-chart'));
    const to = { x: canvas.x + at.x, y: canvas.y + at.y };
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(from.x + from.width / 2 + 20, from.y + 20, { steps: 4 });
    await page.mouse.move(to.x, to.y, { steps: 8 });
    await page.mouse.up();
    const selected = await waitFor(
      () =>
        page.evaluate<{ id: string; type: string } | null>(
          '(({ nodes }) => nodes?.[0] ? { id: nodes[0].id, type: nodes[0].type } : null)(RED.view.selection())',
        ),
      { message: `${type} on the canvas` },
    );
    assert.equal(selected.type, type);
    return selected.id;
  }

  /** Open a node's dialog by a double click on it. */
  async edit(id: string): Promise<void> {
    const ok = this.page.locator('#node-dialog-ok');
    const label = this.page.locator(`[id="${id}"] .red-ui-flow-node-label`).first();
    await waitFor(
      async () => {
        const box = await boxOf(label);
        // two clicks in one millisecond are none to Node-RED, nor are those while it takes a deploy over
        await this.page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2, { delay: 30 });
        await ok.waitFor({ timeout: 3000 });
        return true;
      },
      { message: 'the dialog' },
    );
    await this.settled();
  }

  /** The form of the open dialog; the last one where dialogs stand on each other. */
  get form(): Locator {
    return this.page.locator('.live-form').last();
  }

  /** Go to a tab of the open dialog. Node-RED takes a click soon after another one for a double click, on any tab. */
  async tab(name: string): Promise<void> {
    const tab = this.form.locator('ul.live-tabs li').filter({ hasText: name }).first();
    await waitFor(
      async () => {
        await tab.getByText(name, { exact: true }).click();
        return (await tab.getAttribute('class'))?.split(/\s+/).includes('active') === true;
      },
      { timeoutMs: 15_000, intervalMs: 450, message: `the tab ${name}` },
    );
  }

  /** The field of a node's property. */
  field(property: string): Locator {
    return this.page.locator(`#node-input-${property}`);
  }

  /** The field of a config node's property. */
  configField(property: string): Locator {
    return this.page.locator(`#node-config-input-${property}`);
  }

  /** The text one types into a typed field or one with a list. */
  typedField(property: string): Locator {
    return this.page.locator(
      `#node-input-${property} + .red-ui-typedInput-container input.red-ui-typedInput-input`,
    );
  }

  /** Import as a person does: the menu's dialog, paste, Import; and a copy where the nodes are there already. */
  async import(text: string): Promise<void> {
    const { page } = this;
    const count = () => page.evaluate<number>('RED.nodes.filterNodes({}).length');
    const before = await count();
    await page.keyboard.press('Control+i');
    const field = page.locator('#red-ui-clipboard-dialog-import-text');
    await field.waitFor();
    // typed by the browser, long texts would take two seconds of a core; the dialog looks at what is there after a key
    await field.evaluate((area, pasted) => ((area as HTMLTextAreaElement).value = pasted), text);
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

  /** Press Done. */
  async done(): Promise<void> {
    await this.page.locator('#node-dialog-ok').click();
    await this.page.locator('#node-dialog-ok').waitFor({ state: 'detached' });
    await this.settled();
  }

  /** Press Add or Update in a config node's dialog. */
  async configDone(): Promise<void> {
    await this.page.locator('#node-config-dialog-ok').click();
    await this.page.locator('#node-config-dialog-ok').waitFor({ state: 'detached' });
    await this.settled();
  }

  /** Trays slide in and out. */
  async settled(): Promise<void> {
    await waitFor(() =>
      this.page.evaluate<boolean>(
        '!document.querySelector(".red-ui-tray") || !$(".red-ui-tray").is(":animated")',
      ),
    );
    await this.page.waitForTimeout(350);
  }

  /** Press Deploy and wait until the runtime took it over. */
  async deploy(): Promise<void> {
    await this.page.locator('#red-ui-header-button-deploy').click();
    const anyway = this.page.locator('.red-ui-notification button', { hasText: 'Confirm deploy' });
    await waitFor(
      async () => {
        // it is to be seen for a while after it was pressed
        if (await anyway.isVisible()) await anyway.click({ timeout: 500 }).catch(() => undefined);
        return await this.page.evaluate<boolean>('!RED.nodes.dirty()');
      },
      { message: 'the deploy' },
    );
  }

  /** A node as the editor has it. */
  async node(
    id: string,
  ): Promise<Record<string, unknown> & { valid?: boolean; validationErrors?: string[] }> {
    return await this.page.evaluate(`(({ _def, ...rest }) => JSON.parse(JSON.stringify(Object.fromEntries(
      [...Object.keys(_def.defaults), 'id', 'type', 'valid', 'validationErrors', 'z'].map((name) => [name, rest[name]])))))(RED.nodes.node(${JSON.stringify(id)}))`);
  }

  /** The text of a node's badge, once it has that text. */
  async badge(id: string, text: string | RegExp, timeoutMs = 30_000): Promise<void> {
    const label = this.page.locator(`[id="${id}"] .red-ui-flow-node-status-label`);
    let shown: string | null = null;
    await waitFor(
      async () => {
        shown = await label.textContent({ timeout: 1000 });
        return typeof text === 'string' ? shown === text : text.test(shown ?? '');
      },
      {
        timeoutMs,
        // some stand for a moment only
        intervalMs: 25,
        message: () =>
          `the badge ${text} (it is ${shown}); Node-RED said:\n${this.nodeRed.program.log().slice(-3000)}`,
      },
    );
  }

  /** The dark theme of Node-RED 5, chosen as its menu does; nothing on older ones. */
  async dark(): Promise<void> {
    if (isNodeRed5) await this.page.evaluate('document.documentElement.classList.add("nr-theme-dark")');
  }

  /** Take a picture for the documentation: in the light with the oldest Node-RED supported, in the dark with 5. */
  async picture(name: string, clip?: { x: number; y: number; width: number; height: number }): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await this.page.mouse.move(640, 5);
    await this.page.locator('.red-ui-notification').first().waitFor({ state: 'detached', timeout: 15_000 });
    await this.page.waitForTimeout(300);
    const file =
      isNodeRed5 === name.includes('dark')
        ? `${name}.png`
        : `../pictures-other/${name}-${nodeRedVersion.split('.')[0]}.png`;
    await this.page.screenshot({ path: join(pictures, file), ...(clip ? { clip } : {}) });
  }
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await locator.boundingBox();
  assert.ok(box, `${String(locator)} is not to be seen`);
  return box;
}

/** Texts of the form with less than 3 to 1 between them and what they stand on (WCAG's formula). */
export const CONTRAST = `(() => {
  const parts = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (at) => { for (; at; at = at.parentElement) { const { backgroundColor: colour } = getComputedStyle(at);
    if (parts(colour)[3] !== 0) return colour; } return 'rgb(255, 255, 255)'; };
  return $('.live-form').find('label, legend, select, .live-note, .live-unit, .form-tips, summary, th').filter(':visible').toArray()
    .filter((one) => one.innerText.trim() !== '').filter((one) => {
      const [text, behind] = [light(getComputedStyle(one).color), light(ground(one))].sort((a, b) => b - a);
      return (text + 0.05) / (behind + 0.05) < 3;
    }).map((one) => one.innerText);
})()`;

/** Labels of more than a line, and rows that are wider than the dialog. */
export const UNTIDY = `$('.live-form').find('label').filter(':visible').toArray()
  .filter((one) => one.offsetHeight > 30 || one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText)
  .concat($('.live-form .form-row').filter(':visible').toArray().filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText))`;
