// Readings of health of any application, and the alerts made of them.
import assert from 'node:assert/strict';
import { HealthMonitor } from '../../../lib/health/monitor';
import type { HealthAlert, HealthOptions } from '../../../lib/health/types';
import type { HealthSample } from '../../../lib/production/health';
import { waitFor } from '../../support';
import { capability } from './play';
import type { Opened, Stage } from './stage';

const SAMPLE = [
  ...['atMs', 'connection', 'media', 'picture', 'program', 'reachable', 'reason', 'recording', 'sound'],
  ...['statistics', 'streams', 'unknown'],
];
const STREAM = [
  ...['bytes', 'congestion', 'delayMs', 'droppedFrames', 'frames', 'lastEnd', 'liveSinceMs', 'output'],
  ...['reconnects', 'state', 'targetKbps', 'unknown'],
];
const STATISTICS = [
  ...['cpuPercent', 'encodedFrames', 'fps', 'frameRenderMs', 'freeDiskMegabytes', 'memoryMegabytes'],
  ...['missedFrames', 'renderedFrames', 'skippedFrames', 'targetFps'],
];

/** As the health alert node watches, once a second. */
function watch(
  stage: Stage,
  { app }: Opened,
  more: Partial<HealthOptions> = {},
): { samples: HealthSample[]; told: HealthAlert[] } {
  const monitor = new HealthMonitor({
    ...{
      preset: 'standard',
      watch: ['stream'],
      overrides: {},
      when: 'always',
      reminderMs: 0,
      bitrateKbps: null,
    },
    ...{ media: [], frozenNeedsSilence: true },
    ...more,
  });
  const samples: HealthSample[] = [];
  const told: HealthAlert[] = [];
  stage.cleanUp(
    app.health!.watch({ everyMs: 1000, pictureEveryMs: null, sound: false, media: [] }, (sample) => {
      samples.push(sample);
      told.push(...monitor.sample(sample));
    }),
  );
  return { samples, told };
}
const enough = async (samples: readonly unknown[], more = 3): Promise<void> => {
  const wanted = samples.length + more;
  await waitFor(() => samples.length >= wanted, { message: `${more} more readings` });
};

capability('health', ['health', 'streams', 'recorder'], (scenario) => {
  scenario('is read in the same shape, with a reason for what is missing', async (stage) => {
    const opened = await stage.open();
    const { samples } = watch(stage, opened);
    await enough(samples, 2);
    await opened.app.streams!.start(stage.to(stage.good));
    await enough(samples);
    const sample = samples.at(-1)!;
    assert.deepEqual(
      Object.keys(sample)
        .filter((name) => SAMPLE.includes(name))
        .sort(),
      SAMPLE,
    );
    assert.deepEqual(Object.keys(sample.statistics).sort(), STATISTICS);
    for (const [name, value] of Object.entries(sample.statistics))
      assert.ok(value !== null || sample.unknown[name], `${name} without a reason`);
    for (const one of sample.streams) assert.deepEqual(Object.keys(one).sort(), STREAM);
    const stream = sample.streams.find(({ output }) => output === stage.stream)!;
    assert.equal(stream.state, 'live');
    assert.equal(typeof stream.liveSinceMs, 'number');
    for (const name of ['bytes', 'frames', 'droppedFrames', 'congestion', 'targetKbps'] as const)
      assert.ok(stream[name] !== null || stream.unknown[name], `${name} without a reason`);
    assert.deepEqual([sample.reachable, sample.connection, sample.recording], [true, 'ready', 'idle']);
    await opened.app.streams!.stop();
    await enough(samples);
    const ended = samples.at(-1)!.streams.find(({ output }) => output === stage.stream)!;
    assert.deepEqual([ended.lastEnd?.expected, ended.lastEnd?.failed], [true, false]);
  });

  scenario('an end that was asked for is no alert', async (stage) => {
    const opened = await stage.open();
    const { samples, told } = watch(stage, opened);
    await opened.app.streams!.start(stage.to(stage.good));
    await enough(samples);
    await opened.app.streams!.stop();
    await enough(samples, 6);
    assert.deepEqual(told, []);
  });

  scenario(
    'an application that goes while it streams is one incident, and over when it is back',
    async (stage) => {
      const opened = await stage.open();
      const { samples, told } = watch(stage, opened);
      await opened.app.streams!.start(stage.to(stage.good));
      await enough(samples);
      await stage.machine.crash();
      await waitFor(() => told.some(({ change }) => change === 'opened'), { timeoutMs: 60_000 });
      assert.equal(samples.at(-1)!.reachable, false);
      assert.ok(samples.at(-1)!.reason);
      assert.equal(new Set(told.map(({ id }) => id)).size, 1);
      await stage.machine.comeBack();
      await opened.app.whenReady(60_000);
      await waitFor(() => samples.at(-1)!.reachable, { timeoutMs: 60_000 });
    },
  );
});
