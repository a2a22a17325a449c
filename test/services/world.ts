// Everything a show's alerts need in the tests: a simulated OBS, the services, Node-RED with the examples, a browser.
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import type { Browser } from 'playwright-core';
import { type ObsSimulator, startObsSimulator } from '../../simulators/obs';
import { type FlowNode, type NodeRed, startBrowser, startNodeRed } from '../editor/support';
import { type Program, waitFor } from '../support';
import { fillTab, nodeOf, packages } from './flows';
import {
  type Heard,
  listenTo,
  type MailServer,
  startBroker,
  startMailServer,
  startWebhook,
  type Webhook,
} from './receivers';

/** What must never be seen outside: the last part of the webhook's address, and the password of the mail server. */
export const SECRETS = { webhook: 'secret-part-of-the-address', password: 'password of the mailbox' };
export const MAILBOX = 'studio@example.com';

export interface World {
  obs: ObsSimulator;
  mail: MailServer;
  slack: Webhook;
  broker: { port: number; program: Program };
  heard: Heard[];
  nodeRed: NodeRed;
  browser: Browser;
  /** what Node-RED told every open editor: debug messages, badges, notifications */
  told: string[];
}

/** Starts it all; nothing is imported yet. What has to be closed is added to `cleanUps`, also where the start fails. */
export async function startWorld(cleanUps: (() => Promise<unknown>)[]): Promise<World> {
  const ended = <T extends { close(): Promise<unknown> }>(one: T): T => {
    cleanUps.push(() => one.close());
    return one;
  };
  const obs = ended(await startObsSimulator({ password: 'a password of OBS' }));
  const mail = ended(await startMailServer(MAILBOX, SECRETS.password));
  const slack = ended(await startWebhook(SECRETS.webhook));
  const broker = await startBroker();
  ended(broker.program);
  const { heard } = ended(await listenTo(broker.port, 'live'));
  const nodeRed = ended(await startNodeRed({ packages, env: { NODE_EXTRA_CA_CERTS: mail.ca } }));
  const browser = ended(await startBrowser());
  const told: string[] = [];
  const editor = new WebSocket(`${nodeRed.url.replace('http', 'ws')}comms`);
  editor.on('message', (data) => told.push((data as Buffer).toString('utf8')));
  editor.on('error', () => undefined);
  await waitFor(() => editor.readyState === WebSocket.OPEN, { message: 'what Node-RED tells its editors' });
  editor.send(JSON.stringify({ subscribe: 'debug' }));
  cleanUps.push(() => Promise.resolve(editor.terminate()));
  return { obs, mail, slack, broker, heard, nodeRed, browser, told };
}

/** Fills in what a user has to, and nothing else: his OBS, and the addresses and credentials of his services. */
export async function fillIn({ obs, mail, slack, broker, nodeRed }: World): Promise<void> {
  const flows = await nodeRed.flows();
  const tab = (label: string): FlowNode => {
    const found = flows.find((node) => node.type === 'tab' && node.label === label);
    assert.ok(found, label);
    return found;
  };
  const connection = nodeOf(flows, 'live-obs-connection');
  Object.assign(connection, { name: 'OBS', connectTo: 'obs', host: obs.host, port: String(obs.port) });
  connection.credentials = { password: obs.password };
  fillTab(tab('Alerts by e-mail'), {
    MAIL_SERVER: '127.0.0.1',
    MAIL_PORT: mail.port,
    MAIL_TO: 'operator@example.com',
    RETRY_SECONDS: 1,
  });
  nodeOf(flows, 'e-mail').credentials = { userid: MAILBOX, password: SECRETS.password };
  fillTab(tab('Alerts to Slack'), { SLACK_WEBHOOK: slack.url, RETRY_SECONDS: 1 });
  fillTab(tab('Alerts over MQTT'), { MQTT_PORT: broker.port });
  await nodeRed.deploy(flows);
}

/** Presses the button of an inject node. */
export async function press({ nodeRed }: World, name: string): Promise<void> {
  const { id } = nodeOf(await nodeRed.flows(), 'inject', name);
  const pressed = async () =>
    (await fetch(`${nodeRed.url}inject/${id}`, { method: 'POST', headers: { connection: 'close' } })).ok;
  // the nodes are not there at once after a deploy
  await waitFor(pressed, { message: `the button ${name}` });
}
