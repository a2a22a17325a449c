// The alerts of a show arrive: each example is imported as it is, the user's addresses are filled in, and a simulated OBS
// whose uplink fails and comes back does the rest.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Editor, findBrowser, type FlowNode } from '../editor/support';
import { requirePrograms, waitFor } from '../support';
import { files, nodesOf, textOf } from './flows';
import { jpegSize, listenTo, type Mail, startBroker } from './receivers';
import { type SlackBody, slackFaults } from './slack-limits';
import { fillIn, MAILBOX, press, SECRETS, startWorld, type World } from './world';

const pictures = join(__dirname, '..', '..', 'build', 'pictures');

interface State {
  verdict: string;
  score: number | null;
  incidents: unknown[];
}

describe('Alerts that arrive', function () {
  this.timeout(90_000);
  // each step stands on the one before
  this.bail(true);
  let world: World;
  let page: Page;
  const faults: string[] = [];
  const cleanUps: (() => Promise<unknown>)[] = [];

  before(async function () {
    requirePrograms(this, [findBrowser() ?? 'chromium', 'mosquitto', 'openssl']);
    world = await startWorld(cleanUps);
  });
  after(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  });

  /** What came by MQTT under a topic. */
  const heard = (topic: string) =>
    world.heard.filter((one) => one.topic === topic).map(({ payload }) => payload);
  const state = () => heard('live/health/state').at(-1) as State | undefined;
  const slackBodies = (word: RegExp) =>
    world.slack.posts
      .filter(({ answered }) => answered === 200)
      .map(({ body }) => body as SlackBody)
      .filter((body) => word.test(JSON.stringify(body)));
  const said = () => world.nodeRed.program.log().slice(-3000);
  const until = async <T>(what: string, condition: () => T, timeoutMs = 60_000) =>
    await waitFor(condition, { timeoutMs, message: () => `${what}; Node-RED said:\n${said()}` });

  it('each example is imported without a fault, and is what the editor exports', async () => {
    const editor = await Editor.open(world.browser, world.nodeRed);
    for (const file of files) {
      await editor.import(textOf(file));
      const nodes = nodesOf(file);
      const exported = await editor.page.evaluate<FlowNode[]>(`JSON.parse(JSON.stringify((() => {
        let tab;
        RED.nodes.eachWorkspace((one) => { if (one.label === ${JSON.stringify(nodes[0]!.label)}) tab = one; });
        const all = [tab, ...RED.nodes.filterNodes({ z: tab.id })];
        return RED.nodes.createExportableNodeSet(all, { includeModuleConfig: true });
      })()))`);
      assert.deepEqual(withoutIds(exported), withoutIds(nodes), file);
    }
    const wrong = await editor.page.evaluate<string[]>(`(() => {
      const names = [];
      const look = (node) => { if (node.type === 'unknown' || node.valid === false) names.push(node.type + ' ' + node.name + ': ' + node.validationErrors); };
      RED.nodes.eachNode(look);
      RED.nodes.eachConfig(look);
      return names;
    })()`);
    assert.deepEqual(wrong, []);
    await editor.deploy();
    editor.assertNoFaults();
    await editor.page.close();
    await fillIn(world);
    await until('the connection to OBS', () => said().includes('connected to OBS'));
  });

  it('the buttons to try it deliver: a mail, a Slack message, an MQTT message', async () => {
    for (const name of ['test mail', 'test message', 'test alert']) await press(world, name);
    const mail = await until('the mail', () => world.mail.mails.shift());
    assert.match(mail.subject, /^Test/);
    const [body] = await until('Slack', () => (world.slack.posts.length > 0 ? slackBodies(/test/) : null));
    assert.deepEqual(slackFaults(body!), []);
    await until('MQTT', () => heard('live/health/alert/opened').length === 1);
    assert.deepEqual(heard('live/health/node-red').at(-1), { online: true });
    world.heard.length = 0;
    world.slack.posts.length = 0;
  });

  it('a good show: the dashboard says so, and nothing is sent', async () => {
    page = await world.browser.newPage({ viewport: { width: 1280, height: 960 } });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
    await page.goto(`${world.nodeRed.url}dashboard/health`);
    await press(world, 'go live');
    await until('the stream', () => world.obs.state.stream === 'live');
    await page.locator('.live-word', { hasText: 'OK' }).waitFor();
    await until('the state', () => state()?.verdict === 'ok' && state()?.score === 100);
    assert.deepEqual(
      [world.mail.mails.length, world.slack.posts.length, heard('live/health/alert/opened').length],
      [0, 0, 0],
    );
  });

  it('the uplink fails: mail with picture, Slack, MQTT and dashboard say so', async () => {
    degrade(world);
    const mail = await until('the mail', () => world.mail.mails.shift());
    checkMail(mail);
    assert.match(mail.text, /What to try first/);
    const [body] = await until('Slack', () =>
      slackBodies(/Try first/).length > 0 ? slackBodies(/Try first/) : null,
    );
    assert.deepEqual(slackFaults(body!), []);
    assert.notEqual(body!.attachments?.[0]?.color, '#2eb67d');
    const [alert] = await until('MQTT', () =>
      heard('live/health/alert/opened').length > 0 ? heard('live/health/alert/opened') : null,
    );
    const { change, cause, text } = alert as { change: string; cause: string; text: string };
    assert.deepEqual([change, cause], ['opened', 'stream']);
    assert.ok(text.length > 20);
    await until('the state', () => state()!.incidents.length === 1);
    await page.locator('.live-open li').waitFor();
    await page.locator('.live-word', { hasText: /Degraded|Critical/ }).waitFor();
    await page.locator('.live-alerts', { hasText: 'opened' }).waitFor();
    await photograph('dashboard-degraded');
  });

  it('it is well again, and all of them say so', async () => {
    recover(world);
    const mail = await until('the mail', () =>
      world.mail.mails.find(({ subject }) => /well again/.test(subject)),
    );
    checkMail(mail);
    const [body] = await until('Slack', () =>
      slackBodies(/It lasted/).length > 0 ? slackBodies(/It lasted/) : null,
    );
    assert.deepEqual(slackFaults(body!), []);
    assert.equal(body!.attachments?.[0]?.color, '#2eb67d');
    await until('MQTT', () => heard('live/health/alert/recovered').length === 1);
    await until('the state', () => state()!.verdict === 'ok' && state()!.incidents.length === 0);
    await page.locator('.live-word', { hasText: 'OK' }).waitFor();
    await photograph('dashboard-recovered');
    assert.deepEqual(faults, [], 'errors in the dashboard');
  });

  it('whoever comes later still hears the state', async () => {
    const later = await listenTo(world.broker.port, 'live');
    await until('what the broker kept', () => later.heard.length >= 2);
    const kept = later.heard.filter((one) => one.kept);
    assert.deepEqual(kept.map(({ topic }) => topic).sort(), ['live/health/node-red', 'live/health/state']);
    await later.close();
  });

  it('a mail server that is busy gets the mail a little later', async () => {
    world.mail.mails.length = 0;
    world.mail.refuse = 1;
    await press(world, 'test mail');
    await until('the second try', () => world.mail.mails.length === 1);
    assert.equal(world.mail.refuse, 0);
  });

  it('Slack that is busy or in trouble gets the message later; what it refuses is told', async () => {
    const { posts, answers } = world.slack;
    posts.length = 0;
    answers.push({ status: 429, headers: { 'Retry-After': '2' } }, { status: 500 });
    await press(world, 'test message');
    await until('the third try', () => posts.length === 3);
    assert.deepEqual(
      posts.map(({ answered }) => answered),
      [429, 500, 200],
    );
    assert.ok(posts[1]!.at - posts[0]!.at >= 1900, 'as long as Slack asked for');
    assert.deepEqual(posts[2]!.body, posts[0]!.body);
    assert.match(posts[2]!.type, /^application\/json/);
    answers.push({ status: 404 });
    await press(world, 'test message');
    await until('the fault', () =>
      world.told.some((one) => one.includes('Slack did not take') && one.includes('no_service')),
    );
  });

  it('an alert waits for a broker that is away', async () => {
    await world.broker.program.close();
    await until(
      'the badge',
      () => world.told.at(-1) !== undefined && world.told.some((one) => one.includes('disconnected')),
    );
    await press(world, 'test alert');
    await until('that it waits', () => world.told.some((one) => one.includes('1 waiting')));
    world.broker = await startBroker(world.broker.port);
    cleanUps.push(() => world.broker.program.close());
    const before = heard('live/health/alert/opened').length;
    await until('the alert', () => heard('live/health/alert/opened').length === before + 1);
  });

  it("Node-RED's own end is told by the broker, and by a dashboard that is still open", async () => {
    world.nodeRed.program.kill('SIGKILL');
    await until(
      'the last will',
      () => (heard('live/health/node-red').at(-1) as { online: boolean }).online === false,
    );
    // the page in a while: what it shows is old by then
    await page.clock.setFixedTime(Date.now() + 30_000);
    await page.locator('.live-now.is-unknown', { hasText: 'no figures for' }).waitFor();
  });

  it('nothing that Node-RED showed holds the address or the password', () => {
    const shown = `${world.told.join('\n')}\n${world.nodeRed.program.log()}`;
    assert.ok(shown.includes('test message') || shown.includes('taken'));
    for (const secret of Object.values(SECRETS)) assert.equal(shown.includes(secret), false);
  });

  function checkMail(mail: Mail): void {
    assert.ok(mail.subject.length > 10, mail.subject);
    assert.ok(mail.text.length > 40, mail.text);
    assert.equal(mail.html, false, 'plain text');
    assert.equal(mail.from.value[0]?.address, MAILBOX);
    assert.equal(mail.to.value[0]?.address, 'operator@example.com');
    assert.equal(mail.attachments.length, 1);
    const [{ filename, contentType, content }] = mail.attachments as [Mail['attachments'][0]];
    assert.match(filename, /\.jpe?g$/);
    assert.equal(contentType, 'image/jpeg');
    const { width, height } = jpegSize(content);
    assert.ok(width >= 320 && height >= 180, `${width} x ${height}`);
  }

  async function photograph(name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    // the charts move to their new place
    await page.waitForTimeout(800);
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }
});

/** Nodes in an order of their own, with their places in it for ids: the second import of a file gives others. */
function withoutIds(nodes: FlowNode[]): unknown {
  const place = ({ type, name, x, y }: FlowNode) => JSON.stringify([type, name, x, y]);
  const sorted = [...nodes].sort((one, other) => place(one).localeCompare(place(other)));
  const text = sorted.reduce(
    (all, { id }, index) => all.replaceAll(id, `node ${index}`),
    JSON.stringify(sorted),
  );
  return JSON.parse(text);
}

/** The uplink of the simulated OBS gets narrow: fewer bytes leave, frames are dropped. */
function degrade({ obs }: World): void {
  obs.health.uplink(0.3);
}

/** The uplink is as it was. */
function recover({ obs }: World): void {
  obs.health.uplink(1);
}
