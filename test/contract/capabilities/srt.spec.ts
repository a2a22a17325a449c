// SRT out of any application: as the main stream of OBS, as an output that is set up in vMix.
import assert from 'node:assert/strict';
import type { SrtReport } from '../../../lib/production/srt';
import { waitFor } from '../../support';
import { rejected } from '../drive';
import { capability } from './play';
import { disconnected, gone } from './stage';

const REPORT: (keyof SrtReport)[] = [
  ...(['address', 'alreadyRunning', 'bitrateKbps', 'confirmedBy', 'latencyMs', 'mode', 'output'] as const),
  ...(['startedAt', 'state', 'unknown'] as const),
];

capability('SRT out', ['srt'], (scenario) => {
  scenario(
    'is started, found running, and stopped',
    async (stage) => {
      const { app, told, names } = await stage.open();
      const wish = await stage.srt();
      const started = await app.srt!.start(wish);
      for (const name of REPORT) assert.ok(name in started, name);
      assert.deepEqual(
        [started.state, started.confirmedBy, started.alreadyRunning],
        ['live', 'application', false],
      );
      for (const name of ['mode', 'address', 'latencyMs', 'startedAt'] as const)
        assert.ok(started[name] !== null || started.unknown[name], `${name} without a reason`);
      const { output } = started;
      assert.deepEqual(
        app.srt!.states().filter(({ state }) => state !== 'idle'),
        [{ output, state: 'live' }],
      );
      const begun = await told('srt_stream_started');
      assert.deepEqual([begun.output, begun.state, begun.expected], [output, 'live', true]);
      assert.equal((await app.srt!.start(wish)).alreadyRunning, true);
      const stopped = await app.srt!.stop(wish.which);
      assert.deepEqual([stopped.output, stopped.state, stopped.wasRunning], [output, 'idle', true]);
      const ended = await told('srt_stream_stopped');
      assert.deepEqual([ended.output, ended.state, ended.expected], [output, 'idle', true]);
      assert.equal((await app.srt!.stop(wish.which)).wasRunning, false);
      assert.deepEqual(
        names().filter((name) => name.startsWith('srt_')),
        ['srt_stream_started', 'srt_stream_stopped'],
      );
      await waitFor(() => app.srt!.states().every(({ state }) => state === 'idle'));
    },
    ['srt-shown'],
  );

  scenario('that nobody shows is told as unknown, with the reason', async (stage) => {
    const { app } = await stage.open();
    const wish = await stage.srt();
    const started = await app.srt!.start(wish);
    assert.equal(started.state === 'unknown', started.confirmedBy === null);
    if (started.confirmedBy === null) assert.ok(started.unknown.state, JSON.stringify(started.unknown));
    const stopped = await app.srt!.stop(wish.which);
    assert.equal(stopped.state, started.confirmedBy === null ? 'unknown' : 'idle');
  });

  scenario('is not there where nobody is there', async (stage) => {
    const { app, told } = await stage.open();
    const wish = await stage.srt();
    await stage.machine.crash();
    await told(disconnected(stage));
    await rejected(app.srt!.start(wish), ...gone(stage));
    await rejected(app.srt!.stop(wish.which), ...gone(stage));
    assert.ok(app.srt!.states().every(({ state }) => state === 'unknown'));
    await stage.machine.comeBack();
    await app.whenReady(60_000);
  });
});
