// The harness itself: that the real programs start, are what they seem, and leave nothing behind.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type OBSWebSocket from 'obs-websocket-js/json';
import {
  alive,
  ffprobe,
  freePort,
  listens,
  type NginxRtmp,
  obsVersion,
  type RealObs,
  requirePrograms,
  startHangServer,
  startNginxRtmp,
  startObs,
  startSrtListener,
  startThrottledProxy,
  waitFor,
} from '../support';

async function streamTo(client: OBSWebSocket, server: string, key: string): Promise<void> {
  await client.call('SetStreamServiceSettings', {
    streamServiceType: 'rtmp_custom',
    streamServiceSettings: { server, key, use_auth: false, username: '', password: '' },
  });
  await client.call('StartStream');
}

describe('the real programs', function () {
  this.timeout(180_000);
  const opened: { close(): Promise<void> }[] = [];
  const open = <T extends { close(): Promise<void> }>(thing: T): T => {
    opened.push(thing);
    return thing;
  };

  before(function () {
    requirePrograms(this, ['obs', 'Xvfb', 'nginx', '/usr/lib/nginx/modules/ngx_rtmp_module.so', 'ffmpeg']);
  });

  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });

  it('OBS starts with its scenes and answers with its version', async () => {
    const obs = open(await startObs());
    const client = await obs.connect();
    const version = await client.call('GetVersion');
    assert.equal(
      version.obsVersion.split('-')[0]?.split('.').slice(0, 2).join('.'),
      obsVersion()?.slice(0, 2).join('.'),
    );
    if (version.obsVersion.startsWith('29.0.')) assert.equal(version.obsWebSocketVersion, '5.1.0');
    const { scenes, currentProgramSceneName } = await client.call('GetSceneList');
    assert.deepEqual(scenes.map((scene) => scene.sceneName).sort(), ['Scene', 'Second', 'Third']);
    assert.equal(currentProgramSceneName, 'Scene');
    const video = await client.call('GetVideoSettings');
    assert.deepEqual([video.baseWidth, video.baseHeight, video.fpsNumerator], [640, 360, 30]);
    await client.disconnect();
  });

  it('OBS refuses a wrong password', async () => {
    const obs = open(await startObs({ password: 'right' }));
    const { default: Client } = await import('obs-websocket-js/json');
    await assert.rejects(new Client().connect(obs.url, 'wrong'), { code: 4009 });
  });

  it('OBS streams to nginx, whose statistics show the publisher and rising bytes', async () => {
    const nginx: NginxRtmp = open(await startNginxRtmp());
    const obs = open(await startObs());
    const client = await obs.connect();
    await streamTo(client, nginx.server, 'show');
    const first = await waitFor(async () => (await nginx.publishers()).find(({ bytesIn }) => bytesIn > 0), {
      message: 'a publisher at nginx',
    });
    assert.deepEqual([first.application, first.name], ['live', 'show']);
    await waitFor(async () => ((await nginx.publishers())[0]?.bytesIn ?? 0) > first.bytesIn + 50_000, {
      message: 'rising bytes at nginx',
    });
    await client.call('StopStream');
    await waitFor(async () => (await nginx.publishers()).length === 0, { message: 'the publisher to leave' });
    await client.disconnect();
  });

  it('nginx refuses a publisher of the denied application', async () => {
    const nginx = open(await startNginxRtmp());
    const obs = open(await startObs());
    const client = await obs.connect();
    const states: string[] = [];
    client.on('StreamStateChanged', ({ outputState }) => states.push(outputState));
    await streamTo(client, nginx.deniedServer, 'bad');
    await waitFor(() => states.includes('OBS_WEBSOCKET_OUTPUT_RECONNECTING'), { message: 'RECONNECTING' });
    assert.deepEqual(await nginx.publishers(), []);
  });

  it('OBS streams SRT to a listening ffmpeg', async () => {
    const listener = open(await startSrtListener());
    const obs = open(await startObs());
    const client = await obs.connect();
    await streamTo(client, listener.server, '');
    await waitFor(() => listener.received().frames > 30 && listener.received().bytes > 50_000, {
      message: () => `frames over SRT, got ${JSON.stringify(listener.received())}; ffmpeg: ${listener.log()}`,
    });
    await client.call('StopStream');
    await listener.waitExit();
    await client.disconnect();
  });

  it('a recording can be read by ffprobe', async () => {
    const obs = open(await startObs({ profile: { SimpleOutput: { RecFormat: 'mp4', RecFormat2: 'mp4' } } }));
    const client = await obs.connect();
    const path = new Promise<string>((resolve) => {
      client.on('RecordStateChanged', ({ outputState, outputPath }) => {
        if (outputState === 'OBS_WEBSOCKET_OUTPUT_STOPPED') resolve(outputPath);
      });
    });
    await client.call('StartRecord');
    await waitFor(async () => (await client.call('GetRecordStatus')).outputDuration > 1000);
    await client.call('StopRecord');
    const probe = await ffprobe(await path);
    assert.match(probe.format.format_name, /mp4/);
    assert.deepEqual(probe.streams.map((stream) => stream.codec_type).sort(), ['audio', 'video']);
    assert.ok((await path).startsWith(obs.recordDir));
    await client.disconnect();
  });

  it('two OBS run at once, and one killed with -9 leaves nothing', async () => {
    const [one, two] = await Promise.all([startObs(), startObs()]);
    open(one);
    open(two);
    assert.notEqual(one.port, two.port);
    one.kill('SIGKILL');
    assert.equal((await one.waitExit()).signal, 'SIGKILL');
    await waitFor(() => !alive(one.pid));
    assert.equal(await listens(one.port), false);
    const client = await two.connect();
    await waitFor(async () => (await client.call('GetStats')).activeFps > 0, {
      message: 'frames of the other',
    });
    await client.disconnect();
  });

  it('a frozen OBS takes connections and says nothing, and goes on when thawed', async () => {
    const obs = open(await startObs());
    obs.freeze();
    const socket = connect({ port: obs.port, host: '127.0.0.1' });
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    obs.thaw();
    const client = await obs.connect();
    await client.call('GetVersion');
    await client.disconnect();
  });

  it('OBS comes back on its port with its settings', async () => {
    const first: RealObs = await startObs();
    const client = await first.connect();
    await client.call('SetProfileParameter', {
      parameterCategory: 'SimpleOutput',
      parameterName: 'VBitrate',
      parameterValue: '900',
    });
    await client.disconnect();
    first.kill('SIGKILL');
    await first.waitExit();
    const { port, home, password } = first;
    const second = open(await startObs({ port, home, password }));
    const again = await second.connect();
    const { parameterValue } = await again.call('GetProfileParameter', {
      parameterCategory: 'SimpleOutput',
      parameterName: 'VBitrate',
    });
    assert.equal(parameterValue, '900');
    await again.disconnect();
  });

  it('the hang server accepts and keeps silent', async () => {
    const server = open(await startHangServer());
    const socket = connect({ port: server.port, host: '127.0.0.1' });
    const heard: Buffer[] = [];
    socket.on('data', (chunk) => heard.push(chunk));
    socket.write('hello');
    await waitFor(() => server.connections === 1 && socket.bytesWritten === 5);
    assert.deepEqual(heard, []);
    socket.destroy();
  });

  it('the throttled proxy passes bytes on, slowly', async () => {
    const nginx = open(await startNginxRtmp());
    const proxy = open(await startThrottledProxy(nginx.port, 20_000));
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    let heard = 0;
    socket.on('data', (chunk: Buffer) => (heard += chunk.length));
    const from = Date.now();
    // an RTMP handshake: 1537 bytes each way, then as many again
    socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536)]));
    await waitFor(() => heard >= 1537 + 1536, { message: () => `nginx's handshake, ${heard} bytes so far` });
    assert.ok(Date.now() - from >= 50, 'no slower than without the proxy');
    proxy.starve();
    socket.write(Buffer.alloc(1536));
    assert.equal(proxy.passed, 1537, 'passed while starved');
    await proxy.restore();
    await waitFor(() => proxy.passed === 1537 + 1536, { message: 'what was held back' });
    let lost: unknown;
    socket.on('error', (error: NodeJS.ErrnoException) => (lost = error.code));
    await proxy.cut();
    assert.equal(await waitFor(() => lost), 'ECONNRESET');
    assert.equal(await listens(proxy.port), false);
    await proxy.restore();
    assert.equal(await listens(proxy.port), true);
    assert.equal(await listens(await freePort()), false);
  });
});
