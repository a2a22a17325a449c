// Start stream, where the ingest of this Node-RED is asked whether the real OBS arrives there.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument -- a message carries anything */
import assert from 'node:assert/strict';
import { freePort, type RealObs, requirePrograms, scale, startObs, tempDir } from '../support';
import {
  around,
  ask,
  badges,
  connectionIs,
  connectionTo,
  load,
  refuse,
  tearDown,
  waitFor,
} from './support/rig';
import type { FlowNode } from './support/rig';
import { ingestNode, keysNode, openIngest, serverNode } from './support/ingest';

const START = {
  ...{
    type: 'live-start-stream',
    targetFrom: 'target',
    target: 'main',
    targetName: '',
    targetNameType: 'msg',
  },
  ...{ confirmSeconds: '2', ifLive: 'error', onUnstable: 'stop', putBack: false, mediaServer: 'server' },
};

describe('start stream, confirmed by the ingest', function () {
  this.timeout(120_000);
  let obs: RealObs;
  let port: number;
  before(async function () {
    requirePrograms(this, ['obs', 'Xvfb']);
    obs = await startObs();
  });
  beforeEach(async () => {
    port = await freePort();
  });
  afterEach(async () => {
    const client = await obs.connect();
    await client.call('StopStream').catch(() => undefined);
    await waitFor(async () => !(await client.call('GetStreamStatus')).outputActive);
    await client.disconnect();
    await tearDown();
  });
  after(() => obs?.close());

  const ready = async (received: string, more: Partial<FlowNode> = {}) => {
    const folder = tempDir('received');
    const gate = { id: 'gate', type: 'live-publish-gate', z: 'tab', x: 1, y: 1, wires: [[], []] };
    const target = {
      id: 'main',
      type: 'live-stream-target',
      name: 'Here',
      service: 'rtmp',
      configVersion: 1,
    };
    await load(
      around(
        { ...START, received, ...more },
        connectionTo(obs),
        keysNode(folder),
        ingestNode(port, { keys: '' }),
        serverNode(),
        { ...target, server: `rtmp://127.0.0.1:${port}/live` },
        {
          ...{ ...gate, server: 'server', admission: 'anyone', keys: '', queue: '', answerMs: '800' },
          ...{ target: '', sendOn: 'first', players: 'anyone' },
        },
      ),
      { studio: { password: obs.password! }, main: { key: 'obs' } },
    );
    await connectionIs('ready');
    await waitFor(() => openIngest().ingest.status().guarded);
  };
  const isStreaming = async (): Promise<boolean> => {
    const client = await obs.connect();
    const { outputActive } = await client.call('GetStreamStatus');
    await client.disconnect();
    return outputActive;
  };

  it('what arrives is confirmed by the receiver; without one by the application alone', async () => {
    await ready('live/obs');
    const { live, payload } = await ask({}, 'n', 60_000);
    assert.deepEqual([live.confirmedBy, payload.state, live.state], ['receiver', 'live', 'live']);
    const [feed] = openIngest().ingest.feeds();
    assert.equal(feed?.stream, 'obs');
    await waitFor(() => badges().at(-1) === 'live');
  });

  it('no receiver is no word of one, and one without a stream is told before anything starts', async () => {
    await ready('');
    await refuse({}, 'CONFIG_INVALID');
    assert.equal(await isStreaming(), false);
    await tearDown();
    await ready('', { mediaServer: '' });
    assert.equal((await ask({}, 'n', 60_000)).live.confirmedBy, 'application');
  });

  // the server is asked for 15 s before that is said
  const inLongForm = scale >= 1 ? it : () => undefined;
  inLongForm('a stream of another name is not received, and is no success', async () => {
    await ready('live/somebody-else');
    const { error } = await refuse({}, 'STREAM_NOT_RECEIVED', 'n', 60_000);
    assert.match(error.message, /live\/somebody-else/);
    assert.equal(await isStreaming(), true, 'it is live all the same, and nobody stopped it');
  });
});
