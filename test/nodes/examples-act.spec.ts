// The examples that act on trouble, imported into a real Node-RED, on a simulated OBS that falls ill and recovers. Only their
// times are made shorter: how long a rule holds is proved with the rules.
/* eslint-disable @typescript-eslint/no-unsafe-member-access -- a message carries anything */
import assert from 'node:assert/strict';
import type { ObsSimulator } from '../../simulators/obs';
import { type NodeRed, startNodeRed } from '../editor/support';
import { waitFor } from '../support';
import { byHand, connected, Example, type Msg, Receiver, startSimulator } from './support/example';

const FOLDER = '06 Act on trouble/';

describe('The examples that act', function () {
  this.timeout(90_000);
  let nodeRed: NodeRed;
  let obs: ObsSimulator;
  let told: Receiver;

  before(async () => {
    nodeRed = await startNodeRed();
    told = await (await Receiver.reserve()).open();
  });
  after(async () => {
    await nodeRed?.close();
    await told?.close();
  });
  beforeEach(async () => {
    obs = await startSimulator();
    told.got.length = 0;
  });
  afterEach(() => obs.close());

  /** Watch as if for the first time: a fault that comes again soon has to be well for longer. */
  const renew = async (example: Example, name: string) => {
    const watch = example.node(name);
    watch.reminderMinutes = String(Number(watch.reminderMinutes) + 1);
    const from = obs.calls.length;
    await nodeRed.deploy(example.nodes);
    await waitFor(() => obs.calls.slice(from).some(({ requestType }) => requestType === 'GetStats'));
  };

  describe('pause the recording when the disk is full', () => {
    let example: Example;
    let alerts: string;
    const full = () => obs.health.figures({ availableDiskSpace: 700 });
    const roomy = () => obs.health.figures({ availableDiskSpace: 9000 });
    const changes = () => told.taps(alerts).map(({ alert }) => String(alert.change));
    const toldTimes = (count: number) =>
      waitFor(() => changes().length === count, { message: () => `${count} alerts: ${changes().join()}` });
    const recordIs = (state: string) =>
      waitFor(() => obs.state.record === state, { message: () => `${state}, it is ${obs.state.record}` });

    beforeEach(async () => {
      example = new Example(`${FOLDER}01`).on(obs);
      const disk = example.node('watch the disk').overrides as { disk: object };
      Object.assign(disk.disk, { clearSeconds: '0.5' });
      alerts = example.tap('watch the disk', 0, told);
      await nodeRed.deploy(example.nodes);
      await connected(nodeRed, obs);
      await waitFor(async () => {
        await example.press(nodeRed, 'record');
        return obs.state.record === 'recording';
      });
    });

    it('pauses it, and lets it go on', async () => {
      full();
      await recordIs('paused');
      roomy();
      await recordIs('recording');
      assert.deepEqual(changes(), ['opened', 'recovered']);
      assert.equal(obs.state.stream, 'idle', 'nothing else is touched');
    });

    it('leaves alone what somebody paused, resumed or ended by hand', async () => {
      await byHand(obs, 'PauseRecord');
      full();
      await toldTimes(1);
      roomy();
      await toldTimes(2);
      assert.equal(obs.state.record, 'paused', 'paused by hand, and nobody resumed it');

      await byHand(obs, 'ResumeRecord');
      await renew(example, 'watch the disk');
      full();
      await recordIs('paused');
      await byHand(obs, 'ResumeRecord');
      await recordIs('recording');
      await byHand(obs, 'PauseRecord');
      roomy();
      await toldTimes(4);
      assert.equal(obs.state.record, 'paused', 'resumed by hand, so it is the operator’s from then on');

      await byHand(obs, 'ResumeRecord');
      await renew(example, 'watch the disk');
      full();
      await recordIs('paused');
      await byHand(obs, 'StopRecord');
      await recordIs('idle');
      roomy();
      await toldTimes(6);
      const resumed = () => obs.calls.filter(({ requestType }) => requestType === 'ResumeRecord').length;
      assert.equal(resumed(), 3, 'three times by hand, and never by the flow');
    });
  });

  describe('holding scene while it is critical', () => {
    let example: Example;
    let samples: string;
    let notes: string;
    const onAir = (scene: string) =>
      waitFor(() => obs.state.programScene === scene, {
        message: () => `${scene} on air, it is ${obs.state.programScene}`,
      });
    const last = () => told.taps(samples).at(-1)?.payload as Msg | undefined;
    const verdictIs = (verdict: string) =>
      waitFor(() => last()?.verdict === verdict, { message: () => `${verdict}, it is ${last()?.verdict}` });
    /** Until the flow has seen it well for longer than it waits. */
    const wellAgain = async () => {
      obs.health.calm();
      await verdictIs('ok');
      const from = told.taps(samples).length;
      await waitFor(() => told.taps(samples).length >= from + 4);
      assert.equal(last()?.incidents.length, 0);
    };
    const busy = () => obs.health.figures({ cpuUsage: 99 });

    beforeEach(async () => {
      example = new Example(`${FOLDER}02`).on(obs).fill({ WELL_SECONDS: '1' });
      const quick = {
        reconnecting: { criticalSeconds: '0.1', clearSeconds: '0.3' },
        cpu: { warn: 'off', criticalSeconds: '0.1', clearSeconds: '0.3' },
      };
      Object.assign(example.node('watch'), { sampleSeconds: '1', overrides: quick });
      samples = example.tap('watch', 1, told);
      notes = example.tap('hold, or give back', 1, told);
      await nodeRed.deploy(example.nodes);
      await connected(nodeRed, obs);
      await byHand(obs, 'SetCurrentProgramScene', 'Live');
    });

    it('takes it when the server is lost, and gives back the scene that was on', async () => {
      obs.faults.streamOutcome = 'live';
      await byHand(obs, 'StartStream');
      await waitFor(() => last()?.metrics.streams[0]?.state === 'live');
      obs.faults.loseServer();
      await onAir('Break');
      obs.faults.restoreServer();
      await onAir('Live');
    });

    // from here on the computer is too slow, which is judged at once, while a stream has ten seconds of grace
    it('leaves the operator’s scene alone, until all is well', async () => {
      await byHand(obs, 'StartRecord');
      await verdictIs('ok');
      busy();
      await onAir('Break');
      await byHand(obs, 'SetCurrentProgramScene', 'Interview');
      await waitFor(() =>
        told.taps(notes).some(({ payload }) => /operator took "Interview"/.test(String(payload))),
      );
      // a second fault while the first goes on
      await example.press(nodeRed, 'pretend: critical');
      await wellAgain();
      assert.equal(obs.state.programScene, 'Interview');
      const holds = obs.calls.filter(
        ({ requestType, requestData }) =>
          requestType === 'SetCurrentProgramScene' && (requestData as Msg).sceneName === 'Break',
      );
      assert.equal(holds.length, 1, 'not even for a moment');
      // the next fault is another matter
      await renew(example, 'watch');
      busy();
      await onAir('Break');
      obs.health.calm();
      await onAir('Interview');
    });

    it('leaves a holding scene alone that the operator took himself, and scenes that are not on its list', async () => {
      await byHand(obs, 'StartRecord');
      await byHand(obs, 'SetCurrentProgramScene', 'Break');
      await verdictIs('ok');
      busy();
      await verdictIs('critical');
      await wellAgain();
      assert.equal(obs.state.programScene, 'Break');

      example.fill({ WELL_SECONDS: '1', MAY_LEAVE: 'Live, Interview' });
      await renew(example, 'watch');
      await byHand(obs, 'SetCurrentProgramScene', 'Credits');
      busy();
      await verdictIs('critical');
      await wellAgain();
      assert.equal(obs.state.programScene, 'Credits');
    });
  });
});
