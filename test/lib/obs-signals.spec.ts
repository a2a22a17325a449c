// OBS tells its signals from several threads, so one may come before what led to it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ObsApplication } from '../../lib/obs/application';
import { SignalOrder } from '../../lib/obs/signal-order';
import { type ObsSimulator, startObsSimulator } from '../../simulators/obs';
import { tempDir } from '../support/temp';

/** A STARTING of these events is sent right behind its STARTED. */
function overtake(obs: ObsSimulator, eventType: string): void {
  const emit = obs.emit.bind(obs);
  let held: (() => void) | null = null;
  obs.emit = (type, data) => {
    const state = String(data?.outputState);
    if (type === eventType && state.endsWith('_STARTING')) {
      held = () => emit(type, data);
      return;
    }
    emit(type, data);
    if (type !== eventType || !state.endsWith('_STARTED')) return;
    held?.();
    held = null;
  };
}

describe('signals of OBS that overtake each other', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function connect() {
    const folder = tempDir('overtaken');
    const obs = await startObsSimulator({ recordFolder: folder, random: () => 0.3, speed: 1 });
    closing.push(() => obs.close());
    obs.faults.disorder = false;
    const app = new ObsApplication({
      ...{ id: 'obs', name: 'the show', simulated: false, host: '127.0.0.1', port: obs.port },
      ...{ tls: false, password: '', log: () => undefined },
    });
    closing.push(() => app.close());
    const events: string[] = [];
    app.events.onEvent(({ event }) => void events.push(event));
    await app.start().whenReady(5000);
    return { obs, app, events, folder };
  }

  it('a STARTED before its STARTING: the recording runs, and its stop tells the file', async () => {
    const { obs, app, events, folder } = await connect();
    overtake(obs, 'RecordStateChanged');
    const { outputPath } = await app.recorder.start({ fileName: 'both' });
    assert.equal(outputPath, join(folder, 'both.mkv'));
    const stopped = await app.recorder.stop();
    assert.deepEqual(
      [stopped.wasRunning, stopped.finished, stopped.outputPath],
      [true, true, outputPath],
      JSON.stringify(stopped),
    );
    assert.deepEqual(events.slice(1), ['recording_started', 'recording_stopped']);
  });

  it('a STARTED before its STARTING: the stream is live, and told once', async () => {
    const { obs, app, events } = await connect();
    overtake(obs, 'StreamStateChanged');
    const target = { name: 'main', service: 'rtmp', server: 'rtmp://good.example/live', key: 'k' } as const;
    await app.streams.start({ target: { ...target, user: '', password: '' }, confirmMs: 1000 });
    assert.equal(app.streams.state(), 'live');
    await app.streams.stop();
    assert.deepEqual(events.slice(1), ['stream_starting', 'stream_started', 'stream_stopped']);
  });

  describe('put in order', () => {
    let at = 0;
    let passed: string[] = [];
    let order: SignalOrder<string, null>;
    const take = (...signals: string[]) => signals.forEach((signal) => order.take(signal, null));
    beforeEach(() => {
      at = 1000;
      passed = [];
      order = new SignalOrder(
        (signal) => void passed.push(signal),
        () => at,
      );
    });

    it('a STARTING just behind its STARTED is dropped', () => {
      take('STARTED');
      at += 99;
      take('STARTING', 'STOPPING', 'STOPPED');
      assert.deepEqual(passed, ['STARTED', 'STOPPING', 'STOPPED']);
    });

    it('a STARTING long after a STARTED is a new start: the end of the one before was never told', () => {
      take('STARTING', 'STARTED');
      at += 101;
      take('STARTING', 'STARTED');
      assert.deepEqual(passed, ['STARTING', 'STARTED', 'STARTING', 'STARTED']);
    });

    it('a STARTING right after a stop is a new start', () => {
      take('STARTING', 'STARTED', 'STOPPING', 'STOPPED', 'STARTING', 'STARTED');
      assert.deepEqual(passed, ['STARTING', 'STARTED', 'STOPPING', 'STOPPED', 'STARTING', 'STARTED']);
    });

    it('what a connection told that is gone drops nothing of the next', () => {
      take('STARTED');
      order.clear();
      take('STARTING', 'STARTED');
      assert.deepEqual(passed, ['STARTED', 'STARTING', 'STARTED']);
    });
  });
});
