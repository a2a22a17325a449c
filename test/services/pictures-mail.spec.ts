// The show with its pictures by e-mail: the example is imported as it is, the mailbox is filled in, and ffmpeg is the show.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NodeRed, startNodeRed } from '../editor/support';
import { Example, Receiver } from '../nodes/support/example';
import { broadcast, SCENES, type Broadcast } from '../nodes/support/broadcast';
import { freePort, requirePrograms, tempDir, waitFor } from '../support';
import { packages } from './flows';
import { type MailServer, startMailServer } from './receivers';

const MAILBOX = 'studio@example.com';
const PASSWORD = 'password of the mailbox';

describe('The show with its pictures, by e-mail', function () {
  this.timeout(150_000);
  let mail: MailServer;
  let nodeRed: NodeRed;
  let told: Receiver;
  let flow: Example;
  let show: Broadcast | null = null;
  const store = tempDir('store');

  before(async function () {
    requirePrograms(this, ['openssl', 'ffmpeg']);
    mail = await startMailServer(MAILBOX, PASSWORD);
    nodeRed = await startNodeRed({ packages, env: { NODE_EXTRA_CA_CERTS: mail.ca } });
    told = await (await Receiver.reserve()).open();
    flow = new Example('13 Pictures/07');
  });
  after(async () => {
    await show?.close();
    await nodeRed?.close();
    await mail?.close();
    await told?.close();
  });

  it('when the last one has gone, a mail tells it with pictures of the show, each with the hash of its file', async () => {
    const port = await freePort();
    Object.assign(flow.node('live-rtmp-ingest'), { port: String(port), graceSeconds: '1' });
    Object.assign(flow.node('live-frame-store'), { folder: store, leastFreeGb: '0' });
    flow.fill({ MAIL_SERVER: '127.0.0.1', MAIL_PORT: String(mail.port), MAIL_TO: 'me@example.com' });
    flow.node('e-mail').credentials = { userid: MAILBOX, password: PASSWORD };
    const [keys, pictures] = [flow.tap('keys', 0, told), flow.tap('pictures', 0, told)];
    await nodeRed.deploy(flow.nodes);
    const said = () => `Node-RED said:\n${nodeRed.program.log().slice(-3000)}`;
    await flow.press(nodeRed, 'a key for Anna');
    await waitFor(() => told.taps(keys).length > 0, { message: said });
    const streamKey = String((told.taps(keys)[0]!.payload as { stream_key: string }).stream_key);
    show = await broadcast(SCENES, `rtmp://127.0.0.1:${port}/live/${streamKey}`);
    await waitFor(() => told.taps(pictures).length > 1, { timeoutMs: 60_000, message: said });
    await show.close();
    const report = await waitFor(() => mail.mails.find(({ subject }) => /What went out/.test(subject)), {
      timeoutMs: 60_000,
      message: said,
    });
    assert.ok(report.text.length > 100, report.text);
    const [page] = report.attachments;
    assert.match(page!.filename, /^show-report-.*\.html$/);
    const html = page!.content.toString('utf8');
    const files = readdirSync(store, { recursive: true }).map(String);
    const hashes = files
      .filter((name) => name.endsWith('.jpg') && !name.endsWith('.small.jpg'))
      .map((name) =>
        createHash('sha256')
          .update(readFileSync(join(store, name)))
          .digest('hex'),
      );
    assert.ok(hashes.length > 1);
    for (const hash of hashes) assert.ok(html.includes(hash), 'a picture is missing in the report');
    assert.equal(html.match(/<img [^>]*src="data:image\/jpeg;base64,/g)?.length, hashes.length);
    const key = streamKey.split('key=')[1]!;
    for (const text of [html, report.text, nodeRed.program.log()]) {
      assert.ok(!text.includes(key), 'the key was told');
      assert.ok(!text.includes(PASSWORD), 'the password was told');
    }
  });
});
