// A night of guests as everybody sees it: performers on their phones, the operator in the editor's sidebar, a thief with a link; with the real
// nginx-rtmp and real publishers. The flow is the example, changed as its comment says.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import {
  freePort,
  type GuestPublisher,
  type GuestServer,
  publisher,
  requirePrograms,
  rtmpModule,
  startGuestServer,
  waitFor,
} from '../support';
import { seriousFaults } from '../support/axe';
import {
  Editor,
  findBrowser,
  type FlowNode,
  isNodeRed5,
  type NodeRed,
  startBrowser,
  startNodeRed,
} from './support';

const root = join(__dirname, '..', '..');
const EXAMPLE = join(root, 'examples', '12 Guests', '01 Guest night.json');
const PICTURES = join(root, 'build', 'pictures-other');
const SECRET = 'guestShowHookSecret0123456789';
const CODE = 'summer night';

describe('a night of guests in the browser', function () {
  this.timeout(180_000);
  const faults: string[] = [];
  const publishers: GuestPublisher[] = [];
  const secrets: string[] = [];
  let browser: Browser | undefined;
  let server: GuestServer | undefined;
  let nodeRed: NodeRed | undefined;
  let editor: Editor;
  let address = '';
  let flows: (openOperator: boolean) => object[] = () => [];
  let ana: Page;
  let bea: Page;
  let anaKey = '';
  let anaStream: GuestPublisher;

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium', 'nginx', 'ffmpeg', rtmpModule]);
    const [hookPort, pagePort] = [await freePort(), await freePort()];
    address = `http://127.0.0.1:${pagePort}/`;
    server = await startGuestServer({ hooks: `http://127.0.0.1:${hookPort}/hooks/show/${SECRET}` });
    nodeRed = await startNodeRed();
    const { nginx } = server;
    const changes: Record<string, object> = {
      'live-media-server': {
        kind: 'nginx-rtmp',
        api: nginx.statUrl,
        control: nginx.controlUrl,
        publishAddress: nginx.server,
        playAddress: `${nginx.server.replace(/live$/, '{app}')}/{stream}`,
        hookPort: String(hookPort),
        hookName: 'show',
        credentials: { secret: SECRET },
      },
      'live-guest-queue': {
        limitMinutes: '2',
        page: true,
        pageJoin: true,
        pagePort: String(pagePort),
        pageTitle: 'Open stage',
        credentials: { invitation: CODE },
      },
    };
    const nodes = JSON.parse(readFileSync(EXAMPLE, 'utf8')) as FlowNode[];
    flows = (openOperator) =>
      nodes.map((node) => ({
        ...node,
        ...changes[node.type],
        ...(node.type === 'live-guest-queue' ? { openOperator } : {}),
      }));
    await nodeRed.deploy(flows(false));
    browser = await startBrowser();
    editor = await Editor.open(browser, nodeRed);
  });
  afterEach(() => {
    editor?.assertNoFaults();
    assert.deepEqual(faults.splice(0), []);
  });
  after(async () => {
    await browser?.close();
    await Promise.all(publishers.map((one) => one.close()));
    await nodeRed?.close();
    await server?.close();
  });

  /** Somebody with a phone of his own, who opens the page. */
  async function phone(dark = false): Promise<Page> {
    const context = await browser!.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
      permissions: ['clipboard-write'],
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    await page.goto(address);
    return page;
  }

  const joinAs = async (page: Page, name: string): Promise<void> => {
    await page.getByLabel('Invitation code').fill(CODE);
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Join' }).tap();
    await page.getByRole('heading', { name: `Hello ${name}` }).waitFor();
  };
  const copied = async (page: Page, what: string): Promise<string> => {
    await page.getByRole('button', { name: `Copy ${what}` }).tap();
    await page.getByRole('button', { name: `Copied ${what}` }).waitFor();
    // the page itself may not read the clipboard: it is pasted elsewhere, as into OBS
    const elsewhere = await page.context().newPage();
    await elsewhere.setContent('<textarea autofocus></textarea>');
    await elsewhere.locator('textarea').press('Control+V');
    const text = await elsewhere.locator('textarea').inputValue();
    await elsewhere.close();
    return text;
  };
  const publish = async (to: string, streamKey: string): Promise<GuestPublisher> => {
    const [stream, key] = streamKey.split('?') as [string, string];
    const one = await publisher({ server: to, stream, key });
    secrets.push(key.slice('key='.length));
    publishers.push(one);
    return one;
  };
  const says = (page: Page, text: string): Promise<void> =>
    page.locator('.place', { hasText: text }).waitFor({ timeout: 30_000 });
  const seconds = async (page: Page): Promise<number> => {
    const [minutes, rest] = (await page.getByRole('timer').first().innerText()).split(':').map(Number);
    return minutes! * 60 + rest!;
  };
  const looksRight = async (page: Page, name: string, within?: string): Promise<void> => {
    assert.deepEqual(await seriousFaults(page, within), [], name);
    mkdirSync(PICTURES, { recursive: true });
    const file = `guest-show-${name}${isNodeRed5 ? '-5' : ''}.png`;
    await page.screenshot({ path: join(PICTURES, file), fullPage: within === undefined });
  };

  const sidebar = () => editor.page.locator('.live-guests');
  const lead = (name: string): Promise<void> =>
    sidebar().locator('.live-guests-lead').getByText(name, { exact: true }).waitFor();

  it('the operator’s sidebar is there with the queue, and off without a login unless the dialog allows it', async () => {
    await editor.page.evaluate('RED.sidebar.show("live-guest-queue")');
    await sidebar().getByText('this Node-RED asks nobody for a login').waitFor();
    await nodeRed!.deploy(flows(true));
    await sidebar().getByText('Nobody is on air.').waitFor();
    await sidebar().getByText('Nobody waits.').waitFor();
  });

  it('a performer joins by phone, streams with the key he copied, is on air, and is skipped by the operator', async () => {
    const bar = sidebar();
    ana = await phone();
    await joinAs(ana, 'Ana');
    await says(ana, 'You are not in line yet');
    const [to, streamKey] = [await copied(ana, 'Server'), await copied(ana, 'Stream Key')];
    assert.equal(to, server!.nginx.server);
    assert.match(streamKey, /^[a-z0-9-]{1,32}\?key=[\w-]{20,}$/);
    await looksRight(ana, 'joined');
    const key = streamKey.split('?key=')[1]!;
    const [anaId] = streamKey.split('?') as [string];

    anaKey = streamKey;
    anaStream = await publish(to, streamKey);
    await says(ana, 'You are on air.');
    await lead('Ana');
    // nobody waits, so no time is taken from her
    await ana.getByText('time runs only while somebody waits').waitFor();

    bea = await phone(true);
    await bea.locator('.lead-name', { hasText: 'Ana' }).waitFor();
    await joinAs(bea, 'Bea');
    const beaKey = await copied(bea, 'Stream Key');
    await publish(to, beaKey);
    await says(bea, 'You are next.');
    const before = await seconds(ana);
    for (const page of [ana, bea])
      await waitFor(async () => (await seconds(page)) < before, { message: 'the time to go down' });
    await waitFor(async () => /^1:\d\d left$/.test(await bar.getByRole('timer').innerText()), {
      message: 'the same time in the sidebar',
    });
    await looksRight(ana, 'on-air');
    await looksRight(bea, 'waiting-dark');

    // the link of her page, copied by somebody else, and what it gives away
    const thief = await phone();
    await thief.goto(ana.url());
    await thief.getByRole('heading', { name: 'Join' }).waitFor();
    const paths = ['', 'queue', 'queue-json', 'queue-list', 'me', 'page.js'];
    const all = await thief.evaluate<string[]>(
      `Promise.all(${JSON.stringify(paths)}.map((path) => fetch(path).then((answer) => answer.text())))`,
    );
    const seen = [await thief.content(), ...all].join('\n');
    assert.ok(seen.includes('Ana'), 'her name is what everybody sees');
    for (const secret of [...secrets, `${anaId}?key`, 'Hello Ana', CODE])
      assert.ok(!seen.includes(secret), `${secret} is given away`);
    await (await publish(to, `${anaId}?key=${'0'.repeat(key.length)}`)).gone();
    assert.equal(anaStream.running, true);

    await bar.getByRole('button', { name: 'Skip', exact: true }).click();
    await says(bea, 'You are on air.');
    await lead('Bea');
    // this night sends nobody away: who had a turn queues again
    await says(ana, 'You are next.');
    assert.equal(anaStream.running, true);
  });

  it('the operator moves, holds back and bans, and everybody sees of it what is his business', async () => {
    const bar = sidebar();
    const rows = bar.locator('ol li[data-turn]');
    const cem = await phone();
    await joinAs(cem, 'Cem');
    const cemStream = await publish(server!.nginx.server, await copied(cem, 'Stream Key'));
    await says(cem, 'You are number 2 in line.');

    // with the keyboard: whoever is on a button stays on it
    await bar.getByRole('button', { name: 'Move Cem up' }).focus();
    await editor.page.keyboard.press('Enter');
    await rows.first().getByText('1. Cem').waitFor();
    await says(cem, 'You are next.');
    await waitFor(() =>
      editor.page.evaluate<boolean>('document.activeElement.closest(".live-guests li[data-turn]") !== null'),
    );
    await bar.getByRole('button', { name: 'Hold Cem back' }).click();
    await rows.first().getByText('held back').waitFor();
    await says(cem, 'The operator holds your turn back for now.');
    await bar.getByRole('button', { name: 'Let Cem follow again' }).click();
    await says(cem, 'You are next.');

    await bar.getByRole('button', { name: 'Ban Cem' }).click();
    await bar.getByLabel('for minutes').fill('10');
    await bar.getByLabel('reason').fill('a loud dog');
    await bar.locator('form button[type=submit]', { hasText: 'Ban' }).click();
    await bar.getByText('a loud dog').waitFor();
    await says(cem, 'The operator has closed the queue for you until');
    await cemStream.gone();
    for (const page of [ana, bea, cem]) assert.ok(!(await page.content()).includes('a loud dog'));
    await looksRight(cem, 'banned');
    await looksRight(editor.page, 'operator', '.live-guests');
    if (isNodeRed5) {
      await editor.dark();
      await looksRight(editor.page, 'operator-dark', '.live-guests');
    }
    await bar.getByRole('button', { name: 'Unban Cem' }).click();
    await bar.getByText('Nobody is banned.').waitFor();
    await says(cem, 'You are not in line yet');
  });

  it('who leaves is gone with his key, and no secret was logged', async () => {
    await ana.getByRole('button', { name: 'Leave' }).tap();
    await ana.getByRole('button', { name: 'Leave the queue' }).tap();
    await ana.getByRole('heading', { name: 'Join' }).waitFor();
    await anaStream.gone();
    await (await publish(server!.nginx.server, anaKey)).gone();
    await sidebar().getByText('Nobody waits.').waitFor();
    const said = nodeRed!.program.log();
    for (const secret of [...secrets, SECRET, CODE]) assert.ok(!said.includes(secret), 'a secret in the log');
  });
});
