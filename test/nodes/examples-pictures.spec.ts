// The examples about pictures of what people publish, imported into a real Node-RED; ffmpeg publishes.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NodeRed, startNodeRed } from '../editor/support';
import { freePort, publisher, requirePrograms, tempDir, waitFor } from '../support';
import { nodeOf, runFunction } from '../services/flows';
import { bareClient } from '../contract/client';
import { Example, Receiver, type Msg, startSimulator } from './support/example';
import { startPicturesOfSlack } from './support/slack-files';
import { BLACK_AND_SILENT, broadcast, SCENES, type Broadcast } from './support/broadcast';

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

describe('The examples about pictures', function () {
  this.timeout(180_000);
  let nodeRed: NodeRed;
  let told: Receiver;
  let port: number;
  let store: string;
  const running: Broadcast[] = [];

  before(async function () {
    requirePrograms(this, ['ffmpeg']);
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(() => void (told.got.length = 0));
  afterEach(async () => {
    await Promise.all(running.splice(0).map((one) => one.close()));
    await nodeRed.deploy([]);
    assert.ok(!/\[CONFIG_\w+\]/.test(nodeRed.program.log()), `a dialog makes no sense; ${said()}`);
  });

  const said = () => `Node-RED said:\n${nodeRed.program.log().slice(-3000)}`;
  const heard = (path: string, fits: (msg: Msg) => boolean, what: string): Promise<Msg> =>
    waitFor(() => told.taps(path).find(fits), {
      timeoutMs: 90_000,
      message: () => `${what}; told ${JSON.stringify(told.got).slice(-2000)}; ${said()}`,
    });
  /** An example on a port of this machine that is free, with folders of its own. */
  const here = async (start: string): Promise<Example> => {
    const found = new Example(`13 Pictures/${start}`);
    port = await freePort();
    store = tempDir('store');
    found.node('live-rtmp-ingest').port = String(port);
    found.node('live-stream-keys').folder = tempDir('keys');
    found.node('live-frame-store').folder = store;
    found.node('live-frame-store').leastFreeGb = '0';
    for (const log of found.nodes.filter(({ type }) => type === 'live-witness-log'))
      Object.assign(log, { folder: join(tempDir('log'), 'log'), stateFolder: tempDir('log-state') });
    return found;
  };
  const send = async (what: readonly string[], streamKey: string): Promise<Broadcast> => {
    const one = await broadcast(what, `rtmp://127.0.0.1:${port}/live/${streamKey}`);
    running.push(one);
    return one;
  };
  const stored = (): string[] =>
    (existsSync(store) ? readdirSync(store, { recursive: true }) : [])
      .map((name) => join(store, String(name)))
      .filter((name) => name.endsWith('.jpg'));
  const keyOf = (streamKey: string): string => streamKey.split('key=')[1]!;
  const noSecrets = (secrets: string[], except: string[] = []): void => {
    const open = told.got.filter(({ url }) => !except.includes(url.slice(1)));
    const everything = JSON.stringify(open) + nodeRed.program.log();
    for (const secret of secrets) assert.ok(!everything.includes(secret), 'a secret was told');
  };

  it('a picture to Slack on each scene change: OBS has server and key, and Slack gets the pictures that the store keeps', async () => {
    const token = 'xoxb-token-of-the-test';
    const slack = await startPicturesOfSlack(token, 'C0123456789');
    const obs = await startSimulator();
    try {
      const flow = (await here('03')).on(obs);
      flow.fill({ SLACK_TOKEN: token, SLACK_CHANNEL: 'C0123456789', SLACK_API: slack.api });
      const [live, taken] = [flow.tap('start', 0, told), flow.tap('did Slack take it?', 0, told)];
      const faults = flow.tap('without the token', 0, told);
      await nodeRed.deploy(flow.nodes);
      const settings = async (): Promise<Msg> => {
        const client = await bareClient(obs.url, null);
        try {
          return ((await client.call('GetStreamServiceSettings')) as Msg).streamServiceSettings as Msg;
        } finally {
          await client.close();
        }
      };
      await flow.press(nodeRed, 'send OBS here');
      await heard(live, () => true, 'OBS streams');
      const first = await settings();
      assert.equal(first.server, `rtmp://127.0.0.1:${port}/live`);
      assert.match(String(first.key), /^studio\?key=\S{16,}$/);
      // the second time the session is there already
      await flow.press(nodeRed, 'send OBS here');
      await waitFor(async () => (await settings()).key !== first.key, { timeoutMs: 30_000, message: said });
      await waitFor(() => told.taps(live).length === 2, { timeoutMs: 30_000, message: said });
      assert.deepEqual(told.taps(faults), []);

      const { key } = await settings();
      await send(SCENES, String(key));
      await waitFor(() => slack.shared.length >= 2, { timeoutMs: 90_000, message: said });
      const hashes = stored().map((file) => sha256(readFileSync(file)));
      for (const { picture, channel, filename } of slack.shared) {
        assert.equal(picture.readUInt16BE(0), 0xffd8);
        assert.ok(hashes.includes(sha256(picture)), 'Slack has a picture that the store does not have');
        assert.equal(channel, 'C0123456789');
        assert.match(filename, /^studio-\d{17}\.jpg$/);
      }
      assert.match(slack.shared[0]!.comment, /^studio is on air, \d\d:\d\d:\d\d$/);
      assert.match(slack.shared[1]!.comment, /^New scene, \d+ % of the picture, \d\d:\d\d:\d\d$/);
      assert.notEqual(sha256(slack.shared[0]!.picture), sha256(slack.shared[1]!.picture));
      await heard(taken, ({ payload }) => payload === 'taken', 'Slack took it');

      slack.refuses = 'channel_not_found';
      const fault = await heard(faults, () => true, 'a refusal of Slack');
      assert.match(String(fault.payload), /^Slack did not take "New scene, .*": channel_not_found\.$/);
      noSecrets([token, keyOf(String(key)), keyOf(String(first.key))]);
    } finally {
      await obs.close();
      await slack.close();
    }
  });

  it('ten publishers at once: all of them in the table and on the timeline, and the eleventh is refused', async () => {
    const flow = await here('04');
    const keys = flow.tap('keys of cameras', 0, told);
    const [events, tables] = [flow.tap('who comes and goes', 0, told), flow.tap('as a table', 0, told)];
    await nodeRed.deploy(flow.nodes);
    await flow.press(nodeRed, 'ten keys');
    await waitFor(() => told.taps(keys).length === 10, { message: said });
    const streamKeys = told.taps(keys).map(({ payload }) => String(payload.stream_key));
    const names = Array.from({ length: 10 }, (_, i) => `camera-${i + 1}`);
    const publish = async (streamKey: string): Promise<Awaited<ReturnType<typeof publisher>>> => {
      const [stream, key] = streamKey.split('?');
      const one = await publisher({ server: `rtmp://127.0.0.1:${port}/live`, stream: stream!, key: key! });
      running.push(one);
      return one;
    };
    for (const streamKey of streamKeys) await publish(streamKey);
    const { payload } = await heard(
      tables,
      (msg) => msg.payload.live === 10 && (msg.payload.rows as Msg[]).every(({ kbps }) => kbps > 0),
      'a table of ten',
    );
    assert.deepEqual(
      (payload.rows as Msg[]).map(({ stream }) => String(stream)),
      names,
    );
    for (const row of payload.rows as Msg[]) {
      assert.deepEqual([row.state, row.size], ['live', '320x180']);
      assert.equal(row.name, `Camera ${String(row.stream).split('-')[1]}`);
    }
    const page = await (await fetch(`${nodeRed.url}publishers`, { headers: { connection: 'close' } })).text();
    assert.match(page, /<h1>10 of 10 publish<\/h1>/);
    for (const name of names) assert.ok(page.includes(`<td>Camera ${name.split('-')[1]}</td>`), name);

    await flow.press(nodeRed, 'one more');
    const eleventh = await waitFor(() => told.taps(keys)[10], { message: said });
    const late = await publish(String(eleventh.payload.stream_key));
    await late.gone(30_000);
    const denied = await heard(events, ({ topic }) => topic === 'publisher_denied', 'who was denied');
    assert.equal(denied.live.output ?? denied.payload?.publisher?.id, 'camera-11');

    const kept = (name: string) =>
      stored().filter((file) => file.startsWith(join(store, name) + '/') && existsSync(file));
    await waitFor(() => names.every((name) => kept(name).length > 0), {
      timeoutMs: 90_000,
      message: () => `a picture of each; there are ${stored().join('\n')}; ${said()}`,
    });
    assert.deepEqual(readdirSync(store).filter((name) => name.startsWith('camera-')).length, 10);
    noSecrets([...streamKeys, String(eleventh.payload.stream_key)].map(keyOf), [keys]);
    assert.ok(!streamKeys.some((streamKey) => page.includes(keyOf(streamKey))));
  });

  it('black or silent: one alert each with the picture, which the store keeps too, and an end when it is well', async () => {
    const flow = await here('05');
    flow.node('watch Anna').overrides = {
      black: { criticalSeconds: '1', clearSeconds: '1' },
      silent: { criticalSeconds: '1', clearSeconds: '1' },
    };
    const [keys, alerts] = [flow.tap('keys', 0, told), flow.tap('whose', 0, told)];
    const kept = flow.tap('pictures', 0, told);
    await nodeRed.deploy(flow.nodes);
    await flow.press(nodeRed, 'a key for Anna');
    const streamKey = String((await heard(keys, () => true, 'a key')).payload.stream_key);
    const dark = await send(BLACK_AND_SILENT, streamKey);
    for (const [cause, rule] of [
      ['picture', 'black'],
      ['sound', 'silent'],
    ] as const) {
      const is = (msg: Msg) => msg.alert.cause === cause && msg.alert.change === 'opened';
      const { alert, live, payload, attachments } = await heard(alerts, is, `an alert of the ${cause}`);
      assert.equal(alert.pictureMissing, null);
      assert.ok((alert.rules as Msg[]).some((one) => one.rule === rule));
      assert.deepEqual([live.application, live.event], ['ingest', 'health_alert']);
      assert.match(String(payload), /anna/i);
      const [{ content, contentType }] = attachments as [Msg];
      assert.match(String(contentType), /^image\/jpe?g$/);
      assert.equal(Buffer.from(content.data as number[]).readUInt16BE(0), 0xffd8);
      assert.equal(told.taps(alerts).filter(is).length, 1);
    }
    const asked = await heard(kept, ({ frame }) => frame.why === 'asked', 'the moment to be kept');
    assert.equal(asked.frame.sha256, sha256(readFileSync(String(asked.frame.path))));
    await dark.close();
    await send(SCENES, streamKey);
    for (const cause of ['picture', 'sound'])
      await heard(
        alerts,
        ({ alert }) => alert.cause === cause && alert.change === 'recovered',
        `the ${cause} to be well`,
      );
    noSecrets([keyOf(streamKey)], [keys]);
  });

  it('a witness of the pictures: recorded with the hash of the file, and a picture that was changed is found', async () => {
    const flow = await here('06');
    const [keys, recorded] = [flow.tap('keys', 0, told), flow.tap('pictures', 0, told)];
    const [entries, answers] = [flow.tap('record', 0, told), flow.tap('both', 0, told)];
    const sealed = flow.tap('seal', 0, told);
    await nodeRed.deploy(flow.nodes);
    await flow.press(nodeRed, 'a key for Anna');
    const streamKey = String((await heard(keys, () => true, 'a key')).payload.stream_key);
    await send(SCENES, streamKey);
    await waitFor(
      () =>
        told.taps(entries).filter(({ topic, witness }) => topic === 'frame_stored' && witness.seq >= 0)
          .length > 1,
      { timeoutMs: 90_000, message: said },
    );
    await Promise.all(running.splice(0).map((one) => one.close()));
    for (const { frame, payload } of told.taps(recorded)) {
      assert.equal(frame.path, payload);
      assert.equal(frame.sha256, sha256(readFileSync(String(payload))));
    }
    await flow.press(nodeRed, 'verify both');
    const { payload } = await heard(answers, () => true, 'the answer');
    assert.deepEqual(
      [payload.stream, payload.valid, payload.store, payload.record, payload.missing, payload.different],
      ['anna', true, true, 'valid', [], []],
    );
    assert.equal(payload.compared, payload.pictures);
    assert.match(String(payload.head), /^[0-9a-f]{64}$/);
    const seal = await heard(sealed, () => true, 'the seal');
    assert.ok(seal.witness.seq > 0);

    const [file] = stored();
    const bytes = readFileSync(file!);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(file!, bytes);
    await flow.press(nodeRed, 'verify both');
    const again = await heard(answers, (msg) => msg.payload.valid === false, 'the second answer');
    assert.deepEqual([again.payload.store, again.payload.record], [false, 'valid']);
    assert.equal(again.payload.faults.length, 1);
    noSecrets([keyOf(streamKey)], [keys]);
  });

  it('a store that was written anew is found by the record', () => {
    const both = nodeOf(new Example('13 Pictures/06').nodes, 'function', 'both');
    const frame = (id: string, hash: string) => ({
      id,
      stream: 'anna',
      at: `2026-11-20T19:00:0${id}.000Z`,
      sha256: hash,
    });
    const compared = (frames: object[]): Msg =>
      (
        runFunction(both, {
          stream: 'anna',
          frames,
          store: { valid: true, faults: [], head: '', pictures: frames.length },
          entries: [frame('1', 'a'), frame('2', 'b'), { ...frame('2', 'z'), stream: 'ben' }].map((one) => ({
            params: { frame: one },
          })),
          payload: { valid: true, verdict: 'valid' },
        }).result as Msg
      ).payload as Msg;
    assert.deepEqual(compared([frame('2', 'b'), frame('1', 'a')]).valid, true);
    const { valid, different } = compared([frame('2', 'c'), frame('1', 'a')]);
    assert.deepEqual([valid, different], [false, ['2']]);
    assert.deepEqual(compared([frame('3', 'd'), frame('1', 'a')]).missing, ['2']);
    assert.deepEqual(compared([]).missing, ['1', '2']);
    // what retention has removed
    assert.deepEqual([compared([frame('2', 'b')]).valid, compared([frame('2', 'b')]).compared], [true, 1]);
  });
});
