/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call -- a message carries anything */
// What a health alert node keeps over a deploy, shares with others of its kind, and never tells.
import assert from 'node:assert/strict';
import { leases } from '../../red/leases';
import type { ObsSimulator } from '../../simulators/obs';
import {
  application,
  around,
  connectionIs,
  connectionTo,
  deploy,
  heardBy,
  helper,
  load,
  next,
  send,
  sentTypes,
  settle,
  simulate,
  tearDown,
  waitFor,
  type Flow,
  type FlowNode,
} from './support/rig';
import { alerts, HEALTH, QUICK } from './support/health';

describe('health alert, over a deploy and beside others', () => {
  let obs: ObsSimulator;
  beforeEach(async () => {
    obs = await simulate();
  });
  afterEach(tearDown);

  const flow = (more: Partial<FlowNode> = {}, ...others: FlowNode[]): Flow =>
    around({ ...HEALTH, ...QUICK, ...more }, connectionTo(obs), ...others);
  const goLive = async (wanted: Flow, credentials = {}) => {
    leases.lingerMs = 10_000;
    await load(wanted, credentials);
    await connectionIs('ready');
    await application().streams.start({ target: null, confirmMs: 100 });
    await readings(2);
  };
  /** Until OBS was read so many times more. */
  const readings = async (count: number) => {
    const before = sentTypes(obs, 'GetStats').length;
    await waitFor(() => sentTypes(obs, 'GetStats').length >= before + count, { timeoutMs: 15_000 });
  };
  const changes = () => alerts().map(({ change }) => change);

  it('a Full deploy with unchanged settings keeps open faults, history and snooze', async () => {
    await goLive(flow());
    obs.faults.loseServer();
    const opened = await next('out');
    send({ payload: 'snooze 10' });
    await next('interim');
    for (const name of ['a', 'b', 'c']) await deploy(flow({ name }));
    await readings(2);
    assert.deepEqual(changes(), ['opened'], 'nothing is told again');
    const before = heardBy('interim').length;
    for (const payload of ['current', 'status', 'history']) send({ payload });
    const [current, status, history] = await waitFor(() => {
      const came = heardBy('interim').slice(before);
      return came.length === 3 ? came : null;
    });
    assert.equal(current!.payload.incidents[0].id, opened.alert.id);
    assert.ok(status!.payload.snoozedUntil);
    assert.ok(history!.payload.samples.length > 0);
    obs.faults.restoreServer();
    const over = await next('out', ({ alert }) => alert.change === 'recovered', 15_000);
    assert.equal(over.alert.id, opened.alert.id, 'and its end is told, by the node of now');
    assert.deepEqual(changes(), ['opened', 'recovered']);
    assert.equal(obs.connections, 1);
  });

  it('what is found between two nodes is told by the next one', async () => {
    await goLive(flow());
    // as a deploy that takes long: the node is gone, and the next one is not there yet
    await (helper.getNode('n') as unknown as { close(): Promise<void> }).close();
    obs.faults.loseServer();
    await readings(3);
    assert.deepEqual(changes(), []);
    await deploy(flow());
    await next('out', ({ alert }) => alert.change === 'opened');
    await settle(50);
    assert.deepEqual(changes(), ['opened']);
  });

  it('other settings begin anew, a removed node ends at once', async () => {
    await goLive(flow());
    obs.faults.loseServer();
    const first = await next('out');
    await deploy(flow({ preset: 'careful' }));
    const second = await next('out', ({ alert }) => alert.at !== first.alert.at, 15_000);
    assert.equal(second.alert.change, 'opened');
    assert.equal(leases.size, 2);
    await deploy(flow().filter(({ id }) => id !== 'n'));
    assert.equal(leases.size, 1, 'only the connection lingers');
  });

  it('samples and pictures are no settings of the watch: changing them keeps what is open', async () => {
    await goLive(flow());
    obs.faults.loseServer();
    await next('out');
    await deploy(flow({ sampleSeconds: '1', attachPicture: true, name: 'other' }), 'nodes');
    const sample = await next('interim', ({ payload }) => payload.incidents?.length === 1);
    assert.equal(sample.topic, 'health');
    assert.deepEqual(changes(), ['opened']);
  });

  it('after three Modified Nodes deploys one fault is one message', async () => {
    await goLive(flow());
    const hub = application().events.size;
    for (const name of ['a', 'b', 'c']) await deploy(flow({ name }), 'nodes');
    await readings(2);
    assert.equal(application().events.size, hub);
    obs.faults.loseServer();
    await next('out');
    await readings(2);
    assert.deepEqual(changes(), ['opened']);
  });

  it('two and ten nodes on a connection share one reading', async () => {
    const nodes = Array.from({ length: 9 }, (_, nr) => ({
      ...flow().find(({ id }) => id === 'n')!,
      id: `n${nr}`,
      wires: [['out'], []],
    }));
    const perSecond: number[] = [];
    for (const others of [1, 9]) {
      if (perSecond.length) await deploy(flow({}, ...nodes.slice(0, others)));
      else await goLive(flow());
      await readings(1);
      const before = sentTypes(obs, 'GetStats').length;
      await settle(2_000);
      perSecond.push(sentTypes(obs, 'GetStats').length - before);
    }
    // a slow machine is asked less often; ten polls beside each other would be forty at least
    for (const count of perSecond)
      assert.ok(count >= 1 && count <= 12, `${perSecond.join(', ')} readings in 2 s`);
    obs.faults.loseServer();
    await waitFor(() => heardBy('out').length === 10, { timeoutMs: 10_000 });
    assert.equal(new Set(alerts().map(({ title }) => title)).size, 1, 'each tells its own');
  });

  it('a picture of the program goes with an alert; without one it goes all the same, and says why', async function () {
    this.timeout(40_000);
    await goLive(flow({ attachPicture: true }));
    obs.faults.loseServer();
    const opened = await next('out');
    const [picture] = opened.attachments;
    assert.match(picture.filename, /^program-[\dTZ-]+\.jpg$/);
    assert.equal(picture.contentType, 'image/jpeg');
    assert.ok(Buffer.isBuffer(picture.content));
    assert.deepEqual([...picture.content.subarray(0, 2)], [0xff, 0xd8]);
    assert.equal(opened.alert.pictureMissing, null);
    obs.faults.failNext('GetSourceScreenshot', { code: 702, comment: 'Failed to render screenshot.' });
    obs.faults.restoreServer();
    const over = await next('out', ({ alert }) => alert.change === 'recovered', 15_000);
    assert.ok(!('attachments' in over));
    assert.match(over.alert.pictureMissing, /\w+/);
    obs.faults.hang('GetSourceScreenshot');
    obs.faults.loseServer();
    const late = await next(
      'out',
      ({ alert }) => alert.change === 'opened' && alert.at > over.alert.at,
      15_000,
    );
    assert.match(late.alert.pictureMissing, /No picture came within 5 s/);
    assert.equal(late.alert.severity, 'critical');
    // a deploy while a picture is waited for, then the end of all: nothing is left that could speak
    await tearDown();
    assert.equal(leases.size, 0);
  });

  it('no secret gets into an alert, a sample or an answer', async () => {
    const password = 'CONNECTIONPW "q\\ü/+';
    const locked = await simulate({ password });
    obs = locked;
    const more = {
      watch: ['stream', 'media'],
      media: 'rtmp://cam.example/app/MEDIAKEY, Clip',
      sampleSeconds: '1',
    };
    const named = flow(more).map((node) =>
      node.id === 'studio' ? { ...node, name: `Studio ${password}` } : node,
    );
    leases.lingerMs = 10_000;
    await load(named, { studio: { password } });
    await connectionIs('ready');
    const target = {
      name: 'Main',
      service: 'rtmp',
      server: 'rtmp://127.0.0.1/app/URLKEY',
      key: 'STREAMKEY+/ü',
    };
    await application().streams.start({
      target: { ...target, service: 'rtmp', user: '', password: '' },
      confirmMs: 100,
    });
    await settle(1_100);
    obs.faults.loseServer();
    await next('out', ({ alert }) => alert.cause === 'stream', 15_000);
    for (const payload of ['current', 'history', 'status']) send({ payload });
    await waitFor(() => heardBy('interim').some(({ live }) => live.action === 'health-status'));
    await settle(1_100);
    const told = JSON.stringify(
      [heardBy('out'), heardBy('interim'), heardBy('caught')],
      (key, value: unknown) =>
        // the name of a connection is no secret by itself, and is what the operator wrote
        key === 'connection' ? undefined : value,
    );
    for (const secret of ['CONNECTIONPW', 'MEDIAKEY', 'URLKEY', 'STREAMKEY'])
      assert.ok(!told.includes(secret), secret);
  });
});
