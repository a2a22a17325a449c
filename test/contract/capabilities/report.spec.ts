// The state of any application as one report, and what a check before the show reads of it: the same shape, and a reason for what is unknown.
import assert from 'node:assert/strict';
import { preflight } from '../../../lib/preflight/ask';
import { TICKS, type Expectations } from '../../../lib/preflight/types';
import type { StreamReport } from '../../../lib/production/application';
import { rejected } from '../drive';
import { capability } from './play';
import { disconnected, gone } from './stage';

const STREAM: (keyof StreamReport)[] = [
  ...(['bitrateKbps', 'congestion', 'droppedFrames', 'durationMs', 'output', 'server', 'service'] as const),
  ...(['sizeBytes', 'startedAt', 'state', 'target', 'totalFrames', 'unknown'] as const),
];
const RECORDING = ['alreadyRunning', 'durationMs', 'finished', 'format', 'outputPath', 'sizeBytes', 'state'];
const STATISTICS = [
  ...['cpuPercent', 'encodedFrames', 'fps', 'frameRenderMs', 'freeDiskMegabytes', 'memoryMegabytes'],
  ...['missedFrames', 'renderedFrames', 'skippedFrames'],
];

const EXPECTS: Expectations = {
  ...{
    ticks: new Set(),
    destination: null,
    profile: null,
    collection: null,
    scenes: [],
    sources: [],
    inputs: [],
  },
  ...{
    diskWarnGigabytes: 0.2,
    diskFailGigabytes: 0.1,
    timeServer: null,
    ffmpegPath: null,
    unknownFails: false,
  },
};
const INPUT = ['active', 'audio', 'kind', 'monitorOnly', 'muted', 'name', 'tracks', 'volumeDb'];
const SURVEY = [
  ...['collection', 'here', 'inputs', 'profile', 'program', 'recording', 'scenes', 'simulated', 'sources'],
  ...['stream', 'unknown', 'version', 'where'],
];

capability('a report', ['report'], (scenario) => {
  scenario('has the same shape, and a reason for each figure that is missing', async (stage) => {
    const { app, told } = await stage.open();
    for (const running of [false, true]) {
      if (running) {
        await stage.machine.startStream();
        await stage.machine.startRecording();
        await told('stream_started');
        await told('recording_started');
      }
      const report = await app.report();
      for (const name of ['outputs', 'recording', 'scene', 'statistics', 'streams', 'unknown'])
        assert.ok(name in report, name);
      const stream = report.streams.find(({ output }) => output === stage.stream)!;
      for (const one of report.streams) assert.deepEqual(Object.keys(one).sort(), STREAM);
      assert.equal(stream.state, running ? 'live' : 'idle');
      if (running)
        for (const name of ['bitrateKbps', 'sizeBytes', 'totalFrames', 'droppedFrames', 'target'] as const)
          assert.ok(
            stream[name] !== null || stream.unknown[name] || name === 'target',
            `${name} without a reason`,
          );
      for (const name of RECORDING) assert.ok(name in report.recording!, name);
      assert.equal(report.recording!.state, running ? 'recording' : 'idle');
      assert.deepEqual(Object.keys(report.statistics).sort(), STATISTICS);
      for (const [name, value] of Object.entries(report.statistics))
        assert.ok(value !== null || report.unknown[name], `${name} without a reason`);
      assert.equal(typeof report.scene.program, 'string');
      assert.deepEqual(Object.keys(report.scene).sort(), ['preview', 'program', 'studioMode']);
      for (const one of report.outputs) assert.deepEqual(Object.keys(one).sort(), ['kind', 'name', 'state']);
      assert.ok(!JSON.stringify(report).includes(stage.key));
      assert.ok(!JSON.stringify(report).includes(stage.password));
    }
    await stage.machine.stopStream();
    await stage.machine.stopRecording();
  });

  scenario('is none where nobody is there', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.crash();
    await told(disconnected(stage));
    await rejected(app.report(), ...gone(stage));
    await stage.machine.comeBack();
    await app.whenReady(60_000);
  });
});

capability('a check before the show', ['survey'], (scenario) => {
  scenario('reads the same, and says why it knows the rest not', async (stage) => {
    const { app } = await stage.open();
    const survey = await app.survey();
    for (const name of SURVEY) assert.ok(name in survey, name);
    assert.match(survey.version ?? '', /^\d+\./);
    assert.equal(survey.here, true);
    assert.equal(survey.simulated, false);
    assert.equal(survey.stream.state, 'idle');
    assert.equal(survey.recording.state, 'idle');
    assert.ok(survey.scenes!.length > 0 && survey.scenes!.includes(survey.program!));
    for (const input of survey.inputs!) for (const name of INPUT) assert.ok(name in input, name);
    for (const reason of Object.values(survey.unknown)) assert.ok(reason.length > 5, reason);
    assert.ok(!JSON.stringify(survey).includes(stage.password));
  });

  scenario('answers everything that is ticked in words, and what is there is there', async (stage) => {
    const { app } = await stage.open();
    const { program, scenes } = await app.survey();
    const ask = (more: Partial<Expectations>) =>
      preflight(
        app,
        { ...EXPECTS, ...more },
        { knock: () => Promise.resolve({ answer: 'answers', tookMs: 1 }) },
      );
    const { checks } = await ask({ scenes: [program!, 'Nowhere'], ticks: new Set(TICKS) });
    for (const { id, result, message, advice } of checks) {
      assert.ok(['ok', 'warning', 'failed', 'unknown'].includes(result), id);
      assert.equal(result === 'ok', advice === null, message);
      assert.ok(!/undefined|NaN|null|\[object/.test(`${message} ${advice ?? ''}`), message);
      assert.ok(!message.includes(stage.password));
    }
    const found = checks.find(({ id }) => id === 'scenes');
    assert.equal(found?.result, 'failed');
    assert.ok(found.message.includes('Nowhere') && !found.message.includes(scenes![0] ?? ''), found.message);
    const all = (await ask({ scenes: scenes! })).checks;
    assert.equal(all.find(({ id }) => id === 'scenes')?.result, 'ok');
  });

  scenario('is none where nobody is there', async (stage) => {
    const { app, told } = await stage.open();
    await stage.machine.crash();
    await told(disconnected(stage));
    await rejected(app.survey(), ...gone(stage));
    await stage.machine.comeBack();
    await app.whenReady(60_000);
  });
});
