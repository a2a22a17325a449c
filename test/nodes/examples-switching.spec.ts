// The examples of one guest after the other, imported into a real Node-RED, and their buttons pressed: in the rehearsal that they come with,
// and on a simulated OBS whose guests come and go.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment -- a message carries anything */
import assert from 'node:assert/strict';
import { type ObsSimulator, startObsSimulator } from '../../simulators/obs';
import { type NodeRed, startNodeRed } from '../editor/support';
import { waitFor } from '../support';
import { connected, Example, type Msg, Receiver } from './support/example';

const FOLDER = '11 Sources on air/';
/** A rehearsal takes its time, as OBS does. */
const TIMEOUT_MS = 25_000;

describe('The examples of one guest after the other', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let told: Receiver;
  let obs: ObsSimulator | null = null;

  before(async () => {
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(() => void (told.got.length = 0));
  afterEach(async () => {
    await nodeRed.deploy([]);
    await obs?.close();
    obs = null;
  });

  /** What an output tells, one message after the other. */
  const heard = (example: Example, name: string, output = 0) => {
    const path = example.tap(name, output, told);
    let seen = 0;
    return async (): Promise<Msg> => {
      const wrong = () =>
        told.got.map(({ body }) => (JSON.parse(body) as Msg).error as unknown).filter(Boolean);
      const message = () => `message ${seen + 1} of ${name}; wrong: ${wrong().join()}`;
      const found = await waitFor(() => told.taps(path)[seen], { timeoutMs: TIMEOUT_MS, message });
      seen++;
      return found;
    };
  };
  const shown = (scene: string) =>
    obs!
      .items(scene)
      .filter(({ enabled }) => enabled)
      .map(({ name }) => name);

  it('hand-over, in a rehearsal: switched to, prepared, taken, discarded; one who is not there changes nothing', async () => {
    const example = new Example(`${FOLDER}01`);
    // nobody has to be waited for so long
    example.node('guests').readySeconds = '4';
    const [done, wrong] = [heard(example, 'guests'), heard(example, 'anything wrong')];
    const steps = example.tap('guests', 1, told);
    await nodeRed.deploy(example.nodes);
    await example.press(nodeRed, 'switch to guest 1');
    const first = (await done()).payload;
    assert.deepEqual([first.previous, first.turn, first.alreadyLive], [null, 1, false]);
    for (const ms of ['createMs', 'readyMs', 'swapMs', 'totalMs']) assert.ok(first[ms] > 0, ms);
    assert.deepEqual(
      told.taps(steps).map(({ payload }) => payload.state as unknown),
      ['preflight', 'create', 'prime', 'place', 'swap', 'verify', 'retire', 'idle'],
    );

    await example.press(nodeRed, 'prepare guest 2');
    const prepared = await done();
    assert.deepEqual([prepared.live.state, prepared.payload.turn], ['prepared', 2]);
    await example.press(nodeRed, 'take');
    const taken = (await done()).payload;
    assert.deepEqual([taken.source, taken.previous], [prepared.payload.source, first.source]);
    assert.ok(taken.totalMs < first.totalMs, `in an instant: ${taken.totalMs} ms`);

    await example.press(nodeRed, 'prepare guest 1');
    await done();
    await example.press(nodeRed, 'discard');
    assert.equal((await done()).payload.discarded, true);

    await example.press(nodeRed, 'nobody there');
    const fault = await wrong();
    assert.equal(fault.live.oldStillLive, true, String(fault.error));
    assert.deepEqual(fault.payload, { action: 'switch', turn: 3 });
    await example.press(nodeRed, 'how switches went');
    const { asked, done: went, failed } = (await done()).payload;
    assert.deepEqual([asked, went, failed], [5, 2, 1], 'a prepare and its take are two that asked');
    await example.press(nodeRed, 'switch to guest 2');
    assert.equal((await done()).payload.alreadyLive, true, 'who was on air stayed');
  });

  it('fallback slate, in a rehearsal: its buttons pressed in their order', async () => {
    const example = new Example(`${FOLDER}02`);
    const [made, onAir] = [heard(example, 'make it'), heard(example, 'remember him')];
    const words = heard(example, 'in words');
    await nodeRed.deploy(example.nodes);
    await example.press(nodeRed, '1 make the slate');
    await made();
    await example.press(nodeRed, '2 guest on air');
    await onAir();
    await example.press(nodeRed, '3 pretend: the guest is gone');
    assert.match((await words()).payload as string, /^The guest is gone: it ended\. "Slate" is shown\.$/);
    await example.press(nodeRed, '4 pretend: the guest is back');
    assert.equal((await words()).payload, 'The guest is back. He is shown.');
  });

  it('fallback slate: shown when the guest goes, and he again when he is well', async () => {
    obs = await startObsSimulator({ speed: 5, random: () => 0.5 });
    const example = new Example(`${FOLDER}02`).on(obs);
    Object.assign(example.node('guest'), { stallMs: '700', stableMs: '1500' });
    const [made, onAir] = [heard(example, 'make it'), heard(example, 'remember him')];
    const events = heard(example, 'how the guest is');
    await nodeRed.deploy(example.nodes);
    await connected(nodeRed, obs);
    await example.press(nodeRed, '1 make the slate');
    await made();
    await example.press(nodeRed, '2 guest on air');
    const { source } = (await onAir()).payload as { source: string };
    const before = shown('Live');
    assert.ok(before.includes(source) && !before.includes('Slate'), before.join());
    const address = 'rtmp://127.0.0.1/live/guest1';
    for (const go of [() => obs!.publishers.stop(address), () => obs!.publishers.stall(address)]) {
      go();
      let gone = await events();
      assert.equal(gone.live.event, 'source_stalled');
      assert.deepEqual([gone.payload.source, gone.payload.fallbackShown], [source, true]);
      assert.ok(shown('Live').includes('Slate') && !shown('Live').includes(source), shown('Live').join());
      obs.publishers.publish(address);
      // the connection may be given up before he is back
      do gone = await events();
      while (gone.live.event === 'source_ended');
      assert.deepEqual([gone.live.event, gone.payload.fallbackShown], ['source_recovered', false]);
      assert.deepEqual(shown('Live'), before);
    }
  });

  it('crossfade: from one guest to the next, and a second place beside it', async () => {
    obs = await startObsSimulator({ random: () => 0.5 });
    const example = new Example(`${FOLDER}03`).on(obs);
    const [main, side] = [heard(example, 'guest in slot main'), heard(example, 'guest in slot side')];
    await nodeRed.deploy(example.nodes);
    await connected(nodeRed, obs);
    const scene = obs.state.programScene;
    const own = shown(scene);
    await example.press(nodeRed, 'guest 1');
    const first = (await main()).payload;
    assert.equal(first.transition, 'cut', 'there is nothing to fade from');
    let gaps = 0;
    obs.onItems(() => (gaps += shown(scene).some((name) => name.startsWith('live_main_')) ? 0 : 1));
    await example.press(nodeRed, 'guest 2');
    const second = (await main()).payload;
    assert.deepEqual([second.previous, second.transition], [first.source, 'crossfade']);
    assert.ok(second.swapMs >= 1000, `it takes a second: ${second.swapMs}`);
    await example.press(nodeRed, 'side by side');
    const beside = (await side()).payload;
    assert.deepEqual([beside.slot, beside.previous], ['side', null]);
    await example.press(nodeRed, 'guest 1');
    const third = (await main()).payload;
    assert.deepEqual([third.previous, third.transition], [second.source, 'crossfade']);
    assert.equal(gaps, 0, 'the first place was never empty');
    assert.deepEqual(new Set(shown(scene)), new Set([...own, beside.source, third.source]));
    assert.equal(obs.items(scene).filter(({ name }) => name.startsWith('live_')).length, 2);
  });
});
