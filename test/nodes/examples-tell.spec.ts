// The examples that tell of trouble, imported into a real Node-RED, on a simulated OBS that falls ill and recovers. Only their
// times are made shorter: how long a rule holds is proved with the rules.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import { pictureSize } from '../../lib/production/picture-size';
import type { ObsSimulator } from '../../simulators/obs';
import { type NodeRed, startNodeRed } from '../editor/support';
import { waitFor } from '../support';
import { byHand, connected, Example, Receiver, startSimulator } from './support/example';

const FOLDER = '06 Act on trouble/';
/** Told at once, and well again at once. */
/** what a user fills in: whoever presses the button has to know it */
const WORD = 'a long random text';
const QUICK = {
  reconnecting: { criticalSeconds: '0.1', clearSeconds: '0.3' },
  cpu: { warn: 'off', criticalSeconds: '0.1', clearSeconds: '0.3' },
};

describe('The examples that tell', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let obs: ObsSimulator;
  let service: Receiver;

  before(async () => {
    nodeRed = await startNodeRed();
  });
  after(() => nodeRed?.close());
  beforeEach(async () => {
    obs = await startSimulator();
    service = await Receiver.reserve();
  });
  afterEach(async () => {
    await obs.close();
    await service.close();
  });

  const get = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(new URL(path, nodeRed.url), { headers: { connection: 'close' } });
    assert.equal(answer.status, 200, path);
    return (await answer.json()) as Record<string, unknown>;
  };
  const post = async (path: string, word = WORD) => {
    const headers = { connection: 'close', 'x-button-word': word };
    const answer = await fetch(new URL(path, nodeRed.url), { method: 'POST', headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const goLive = async () => {
    obs.faults.streamOutcome = 'live';
    await byHand(obs, 'StartStream');
    await waitFor(() => obs.state.stream === 'live');
  };

  it('a picture of the show, as a web page, and why there is none', async () => {
    const example = new Example('03 Scenes and events/04').on(obs);
    await nodeRed.deploy(example.nodes);
    await connected(nodeRed, obs);
    const picture = await waitFor(async () => {
      const answer = await fetch(new URL('live/picture', nodeRed.url), { headers: { connection: 'close' } });
      return answer.status === 200 ? answer : null;
    });
    assert.equal(picture.headers.get('content-type'), 'image/jpeg');
    assert.deepEqual(pictureSize(Buffer.from(await picture.arrayBuffer())), { width: 960, height: 540 });
    obs.crash();
    const none = await waitFor(async () => {
      const answer = await fetch(new URL('live/picture', nodeRed.url), { headers: { connection: 'close' } });
      return answer.status === 503 ? answer : null;
    });
    assert.match(await none.text(), /OBS .* is not connected/);
  });

  describe('alarm on the spot', () => {
    const state = () => get('live/alarm/state');
    const isVerdict = (verdict: string) => waitFor(async () => (await state()).verdict === verdict);

    const deploy = async () => {
      const example = new Example(`${FOLDER}03`).on(obs).fill({ ALERT_ADDRESS: service.address });
      Object.assign(example.node('watch'), { sampleSeconds: '1', overrides: QUICK });
      example.node('every 15 seconds').repeat = '1';
      await nodeRed.deploy(example.nodes);
      await connected(nodeRed, obs);
      return example;
    };

    it('the page shows what is true, and what cannot be sent waits and comes late, once', async () => {
      await deploy();
      const page = await fetch(new URL('live/alarm', nodeRed.url), { headers: { connection: 'close' } });
      assert.match(page.headers.get('content-type') ?? '', /text\/html/);
      assert.match(await page.text(), /<title>Alarm<\/title>/);
      await isVerdict('ok');
      const idle = await state();
      assert.deepEqual([idle.messagesWaitSince, idle.live], [null, false]);

      await goLive();
      obs.faults.loseServer();
      await isVerdict('critical');
      const ill = await state();
      assert.match(String((ill.titles as string[])[0]), /\w{4,}/);
      assert.ok(Date.parse(String(ill.since)) <= Date.now());
      await waitFor(async () => (await state()).messagesWaitSince !== null, {
        message: 'that messages wait',
      });
      obs.faults.restoreServer();
      await isVerdict('ok');
      assert.equal((await state()).live, true);
      await service.open();
      const late = await waitFor(() => service.got[0], { message: 'the late message' });
      assert.equal(late.method, 'POST');
      assert.match(late.body, /^We could send nothing for less than a minute, from .+ to .+\.\n\n/);
      const told = late.body.split('\n\n').slice(1).join('\n\n');
      assert.ok(told.length > 100, told);
      await waitFor(async () => (await state()).messagesWaitSince === null);
      assert.ok(!/\{|undefined|null|NaN/.test(late.body), late.body);

      // what comes now goes out at once, without that sentence, and nothing comes twice
      obs.faults.loseServer();
      await waitFor(() => service.got.length >= 2);
      assert.doesNotMatch(service.got[1]!.body, /We could send nothing/);
      obs.crash();
      await isVerdict('unknown');
    });

    it('keeps the message where the service refuses it, and its address to itself', async () => {
      const example = await deploy();
      await isVerdict('ok');
      service.status = 500;
      await service.open();
      await example.press(nodeRed, 'pretend: critical');
      await waitFor(() => service.got.length >= 2);
      assert.equal((await state()).verdict, 'critical');
      await waitFor(async () => (await state()).messagesWaitSince !== null);
      service.status = 204;
      const sent = service.got.length;
      await waitFor(() => service.got.length > sent);
      await example.press(nodeRed, 'pretend: well again');
      await waitFor(() => service.got.at(-1)?.body.startsWith('Stream: well again'));
      assert.equal((await state()).verdict, 'ok');
      assert.ok(!nodeRed.program.log().includes(service.address), 'the address is in no log');
    });
  });

  it('preflight before the show says what to do, and that it is ready once it is', async () => {
    const example = new Example(`${FOLDER}05`).on(obs);
    const at = example.node('Sundays at 18:45');
    assert.equal(at.crontab, '45 18 * * 0');
    Object.assign(example.node('in 5 minutes'), { timeoutUnits: 'seconds', timeout: '1' });
    example.node('live-preflight').checks = ['disk', 'live'];
    await service.open();
    const told = example.tap('in words', 0, service);
    const why = example.tap('say why', 0, service);
    obs.health.figures({ availableDiskSpace: 700 });
    await nodeRed.deploy(example.nodes);
    await connected(nodeRed, obs);
    await example.press(nodeRed, 'ask now');
    const first = await waitFor(() => service.taps(told)[0]);
    assert.match(String(first.topic), /not ready/i);
    assert.match(String(first.payload), /disk|room|free/i);
    obs.health.figures({ availableDiskSpace: 90_000 });
    await waitFor(() => service.taps(told).some(({ topic }) => !/not ready/i.test(String(topic))));
    const count = service.taps(told).length;
    assert.ok(count <= 6);
    assert.equal(service.taps(why).length, 0);
    assert.ok(
      !/undefined|null|NaN|\[object/.test(
        JSON.stringify(service.taps(told).map((one) => `${one.topic} ${one.payload}`)),
      ),
    );
  });

  it('a button is green only when it is true', async () => {
    const example = new Example(`${FOLDER}06`).on(obs).fill({ BUTTON_WORD: WORD });
    Object.assign(example.node('watch'), { sampleSeconds: '1', overrides: QUICK, watch: ['stream'] });
    example.node('live-start-stream').confirmSeconds = '1';
    await nodeRed.deploy(example.nodes);
    await connected(nodeRed, obs);
    const button = () => get('live/button');
    const turns = (colour: string) =>
      waitFor(async () => ((await button()).colour === colour ? await button() : null), {
        message: () => `${colour}`,
      });
    const off = await turns('black');
    assert.deepEqual([off.text, off.stream], ['OFF AIR', 'idle']);

    // whoever does not know the word presses in vain
    for (const path of ['live/button/start', 'live/button/stop'])
      for (const word of ['', 'guessed']) assert.equal((await post(path, word)).status, 403);
    assert.equal(obs.calls.filter(({ requestType }) => requestType === 'StartStream').length, 0);

    // a start that fails makes nothing green, and says why
    obs.faults.refuseStreams();
    const failed = await post('live/button/start');
    assert.equal(failed.status, 409);
    assert.equal(failed.body.code, 'STREAM_CONNECT_FAILED');
    assert.match(String(failed.body.message), /could not connect/);
    assert.notEqual((await button()).colour, 'green');

    obs.faults.streamOutcome = 'live';
    let pending = true;
    const started = post('live/button/start').finally(() => (pending = false));
    const seen = new Set<unknown>();
    while (pending) seen.add((await button()).colour);
    assert.deepEqual(await started, { status: 200, body: { state: 'live' } });
    // red: the start that failed is a fault until this one has held
    assert.ok(seen.has('amber') && !seen.has('green') && !seen.has('yellow'), 'pressed is not live');
    const green = await turns('green');
    assert.deepEqual([green.text, green.stream, green.verdict], ['ON AIR', 'live', 'ok']);
    assert.match(String(green.bgcolor), /^#[0-9a-f]{6}$/);

    obs.faults.loseServer();
    await turns('red');
    obs.faults.restoreServer();
    await turns('green');
    await byHand(obs, 'StopStream');
    await waitFor(() => obs.state.stream === 'idle');
    await turns('black');
    obs.crash();
    const gone = await turns('grey');
    assert.equal(gone.text, '?');
    await obs.restart();
    await turns('black');
    assert.deepEqual(await post('live/button/stop'), { status: 200, body: { state: 'idle' } });
  });

  // the last one: it ends Node-RED as a power cut would
  describe('a dead-man ping', () => {
    it('stays away when it is critical, when nobody knows, and when Node-RED ends', async () => {
      const example = new Example(`${FOLDER}04`)
        .on(obs)
        .fill({ HEARTBEAT_ADDRESS: `${service.address}/beat` });
      Object.assign(example.node('watch'), { sampleSeconds: '1', overrides: QUICK });
      Object.assign(example.node('once a minute'), { rateUnits: 'second' });
      const told = await (await Receiver.reserve()).open();
      const samples = example.tap('watch', 1, told);
      await service.open();
      await nodeRed.deploy(example.nodes);
      await connected(nodeRed, obs);
      const verdict = () => told.taps(samples).at(-1)?.payload.verdict as string;
      const pings = () => service.got.length;
      const goOn = async () => {
        const from = pings();
        await waitFor(() => pings() >= from + 2, { message: () => `pings, the verdict is ${verdict()}` });
      };
      /** No ping while this verdict lasts: one that was under way when it came is not counted. */
      const stayAway = async (because: string) => {
        await waitFor(() => verdict() === because, { message: () => `${because}, it is ${verdict()}` });
        const [from, seen] = [pings(), told.taps(samples).length];
        await waitFor(() => told.taps(samples).length >= seen + 4);
        assert.equal(verdict(), because);
        assert.ok(pings() <= from + 1, `pinged ${pings() - from} times while it was ${because}`);
      };
      try {
        await goOn();
        assert.deepEqual([service.got[0]!.method, service.got[0]!.url], ['GET', '/beat']);
        await byHand(obs, 'StartRecord');
        obs.health.figures({ cpuUsage: 99 });
        await stayAway('critical');
        obs.health.calm();
        await goOn();
        obs.crash();
        await stayAway('unknown');
        await obs.restart();
        await goOn();
        nodeRed.program.kill('SIGKILL');
        await nodeRed.program.waitExit();
        const last = pings();
        await new Promise((resolve) => setTimeout(resolve, 2500));
        assert.ok(pings() <= last + 1, 'somebody else pinged');
      } finally {
        await told.close();
      }
    });
  });
});
