// SRT as the main stream.
import assert from 'node:assert/strict';
import { waitFor } from '../support';
import { drive, rejected, streamIsIdle, target, to } from './drive';
import { contractGroup } from './group';

contractGroup('a stream by SRT', {}, (scenario) => {
  scenario('reaches its listener and is told as both', async (world) => {
    const { app, names, told, events } = await drive(world);
    const receiver = await world.srt();
    const started = await app.streams.start(to({ server: receiver.server, key: '' }));
    assert.equal(started.service, 'SRT');
    assert.equal(started.confirmed, true);
    if (receiver.received())
      await waitFor(() => (receiver.received()?.frames ?? 0) > 30, {
        message: () => `frames at the listener, not ${JSON.stringify(receiver.received())}`,
      });
    await told('srt_stream_started');
    const { streams } = await app.report();
    const [report] = streams;
    assert.equal(report?.state, 'live');
    // OBS counts neither for SRT, and 0 would be a lie
    assert.equal(report?.droppedFrames, null);
    assert.equal(report?.congestion, null);
    assert.ok(report?.unknown.droppedFrames && report.unknown.congestion);
    const stopped = await app.streams.stop();
    assert.ok((stopped.final?.sizeBytes ?? 0) > 10_000, JSON.stringify(stopped.final));
    assert.equal(stopped.final?.droppedFrames, null);
    await told('srt_stream_stopped');
    assert.deepEqual(names(), [
      'stream_starting',
      'stream_started',
      'srt_stream_started',
      'stream_stopped',
      'srt_stream_stopped',
    ]);
    assert.ok(events.every(({ payload }) => payload.service === 'SRT' || payload.obsVersion !== undefined));
    const outputs = await app.outputs.list();
    assert.ok(outputs.some(({ name, kind }) => name === 'simple_stream' && kind === 'ffmpeg_mpegts_muxer'));
  });

  scenario('with nobody listening fails within seconds', async (world) => {
    const { app, told, names } = await drive(world);
    const receiver =
      world.kind === 'real' ? 'srt://127.0.0.1:9?mode=caller' : 'srt://refused.invalid:9000?mode=caller';
    const began = performance.now();
    await rejected(app.streams.start(to({ server: receiver, key: '' })), 'STREAM_CONNECT_FAILED');
    assert.ok(performance.now() - began > 1500);
    await told('stream_failed');
    assert.deepEqual(names(), ['stream_starting', 'stream_failed']);
    await streamIsIdle(world);
  });

  scenario('with a passphrase of a wrong length is refused before anything is sent', async (world) => {
    const { app, names } = await drive(world);
    const wrong = target({ server: 'srt://127.0.0.1:9', key: '' }, { password: 'short' });
    const fault = await rejected(app.streams.start({ target: wrong }), 'STREAM_TARGET_INVALID');
    assert.match(fault.message, /10 to 79/);
    assert.equal(fault.message.includes('short'), false);
    assert.deepEqual(names(), []);
  });

  scenario('a stop while it connects waits it out and cancels the start', async (world) => {
    const { app, told } = await drive(world);
    const receiver =
      world.kind === 'real' ? 'srt://127.0.0.1:9?mode=caller' : 'srt://refused.invalid:9000?mode=caller';
    const start = app.streams.start(to({ server: receiver, key: '' }));
    start.catch(() => undefined);
    await told('stream_starting');
    const stopped = await app.streams.stop();
    assert.equal(stopped.state, 'idle');
    await rejected(start, 'STREAM_START_CANCELLED');
    assert.equal(app.streams.state(), 'idle');
    await streamIsIdle(world);
  });
});
