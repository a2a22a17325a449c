// The record by e-mail: the example is imported as it is, the mailbox is filled in, and a show on a simulated OBS does the rest.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint } from '../../lib/witness/checkpoint';
import { parseNote } from '../../lib/witness/note';
import { type ObsSimulator, startObsSimulator } from '../../simulators/obs';
import { type FlowNode, type NodeRed, startNodeRed } from '../editor/support';
import { requirePrograms, tempDir, waitFor } from '../support';
import { fillTab, nodeOf, packages } from './flows';
import { type Mail, type MailServer, startMailServer } from './receivers';

const MAILBOX = 'studio@example.com';
const PASSWORD = 'password of the mailbox';
const folder = join(__dirname, '..', '..', 'examples', '08 A record of the show');

describe('The record of a show, by e-mail', function () {
  this.timeout(90_000);
  let obs: ObsSimulator;
  let mail: MailServer;
  let nodeRed: NodeRed;
  let nodes: FlowNode[];
  const userDir = tempDir('record-mail');

  before(async function () {
    requirePrograms(this, ['openssl']);
    obs = await startObsSimulator();
    mail = await startMailServer(MAILBOX, PASSWORD);
    nodeRed = await startNodeRed({ packages, env: { NODE_EXTRA_CA_CERTS: mail.ca }, userDir });
    const file = readdirSync(folder).find((name) => name.startsWith('02'))!;
    nodes = JSON.parse(readFileSync(join(folder, file), 'utf8')) as FlowNode[];
    const connection = nodeOf(nodes, 'live-obs-connection');
    Object.assign(connection, { connectTo: 'obs', host: obs.host, port: String(obs.port) });
    fillTab(nodeOf(nodes, 'tab'), {
      MAIL_SERVER: '127.0.0.1',
      MAIL_PORT: mail.port,
      MAIL_TO: 'me@example.com',
    });
    nodeOf(nodes, 'e-mail').credentials = { userid: MAILBOX, password: PASSWORD };
    await nodeRed.deploy(nodes);
  });
  after(async () => {
    await nodeRed?.close();
    await mail?.close();
    await obs?.close();
  });

  const press = async (name: string) => {
    const { id } = nodeOf(nodes, 'inject', name);
    await waitFor(
      async () =>
        (await fetch(`${nodeRed.url}inject/${id}`, { method: 'POST', headers: { connection: 'close' } })).ok,
    );
  };
  const arrived = (subject: RegExp): Promise<Mail> =>
    waitFor(() => mail.mails.find((one) => subject.test(one.subject)), {
      timeoutMs: 60_000,
      message: () => `a mail ${subject}; Node-RED said:\n${nodeRed.program.log().slice(-3000)}`,
    });

  it('a checkpoint arrives as it was signed, and after the show the report with its page', async () => {
    await waitFor(() => nodeRed.program.log().includes('connected to OBS'));
    await press('go live');
    const checkpoint = await arrived(/^Witness checkpoint of .*: \d+ entries$/);
    const text = checkpoint.text.replaceAll('\r\n', '\n');
    const note = `${text.trimEnd()}\n`;
    assert.ok(parseNote(note), `no signed note: ${text}`);
    assert.ok(parseCheckpoint(parseNote(note)!.text)!.size >= 2);
    await waitFor(() => obs.state.stream === 'live');
    await press('end the show');
    const report = await arrived(/Tonight/);
    assert.ok(report.text.length > 100, report.text);
    const [page] = report.attachments;
    assert.match(page!.filename, /^show-report-.*\.html$/);
    assert.match(page!.content.toString('utf8'), /^<!doctype html>/i);
    assert.ok(!nodeRed.program.log().includes(PASSWORD));
  });
});
