// What the show report reads out of a log, and what it says where the log does not tell.
import assert from 'node:assert/strict';
import { showReport, type ReportOptions, type ShowReport } from '../../lib/witness/report';
import { Told, honest } from '../support/told';

const FINAL = {
  sizeBytes: 1_125_000_000,
  totalFrames: 90_000,
  droppedFrames: 12,
  durationMs: 3_600_000,
  averageBitrateKbps: 2500,
};
const OBS_STOPS = { output: 'recording', previous: 'stopping', state: 'idle' };

/** The report of these entries. */
async function of(told: Told, options: ReportOptions = {}): Promise<ShowReport> {
  return await showReport(told.entries, honest(), { timeZone: 'Europe/Berlin', ...options });
}

describe('show report', () => {
  it('an evening: what application and node both tell counts once, with the begin of the first frames', async () => {
    const told = new Told();
    told.goLive(60, {}, { user: 'Anna' });
    told.event(
      70,
      'recording_started',
      { output: 'recording', outputPath: '/rec/a.mkv', format: 'mkv' },
      { output: 'recording', previous: 'starting', state: 'recording', expected: true },
    );
    told.scene(600, 'Sermon', 'Welcome', true).scene(1800, 'Welcome', 'Sermon');
    told.event(3000, 'stream_reconnecting', {}, { output: 'stream', expected: false });
    told.event(3007, 'stream_reconnected', {}, { output: 'stream', expected: null });
    told.event(
      3640,
      'recording_stopped',
      { output: 'recording', outputPath: '/rec/a.mkv', format: 'mkv', finished: true, durationMs: 3_569_000 },
      OBS_STOPS,
    );
    told.action(
      3640.2,
      'record-stop',
      {
        state: 'idle',
        outputPath: '/rec/a.mkv',
        finished: true,
        format: 'mkv',
        durationMs: 3_569_500,
        sizeBytes: 900_000_000,
        wasRunning: true,
        alreadyRunning: false,
      },
      { event: 'recording_stopped', output: 'recording', state: 'idle', tookMs: 700 },
    );
    told.endStream(3660, FINAL);
    const report = await of(told);

    const [stream, ...more] = report.streams;
    assert.deepEqual(more, []);
    assert.deepEqual(
      [stream!.begin.at, stream!.end.at, stream!.durationMs],
      [told.at(60), told.at(3660), 3_600_000],
    );
    assert.equal(stream!.confirmedAt, told.at(65));
    assert.deepEqual(
      [stream!.target, stream!.server, stream!.sizeBytes, stream!.droppedFrames],
      ['Church', 'rtmp://a/live', 1_125_000_000, 12],
    );
    assert.deepEqual(stream!.startedBy, {
      who: 'flow',
      action: 'start-stream',
      recordedBy: 'Show log',
      person: 'Anna',
    });
    assert.equal(stream!.stoppedBy.action, 'stop-stream');
    assert.deepEqual(
      stream!.interruptions.map(({ begin, end, durationMs, cameBack }) => [
        begin.at,
        end.at,
        durationMs,
        cameBack,
      ]),
      [[told.at(3000), told.at(3007), 7000, true]],
    );

    const [recording, ...others] = report.recordings;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [recording!.durationMs, recording!.recordedMs, recording!.sizeBytes],
      [3_570_000, 3_569_500, 900_000_000],
    );
    assert.deepEqual([recording!.startedBy.who, recording!.stoppedBy.who], ['other', 'flow']);
    assert.deepEqual(
      report.files.map(({ path, finished, durationMs, sizeBytes }) => [
        path,
        finished,
        durationMs,
        sizeBytes,
      ]),
      [['/rec/a.mkv', true, 3_569_500, 900_000_000]],
    );

    assert.deepEqual(
      report.scenes.timeline.map(({ scene, durationMs, by }) => [scene, durationMs, by.who]),
      [
        ['Welcome', null, 'unknown'],
        ['Sermon', 1_200_000, 'flow'],
        ['Welcome', null, 'other'],
      ],
    );
    assert.equal(report.summary.liveMs, 3_600_000);
    assert.deepEqual(
      [
        report.summary.interruptions,
        report.summary.interruptedMs,
        report.summary.failures,
        report.summary.openEnds,
      ],
      [1, 7000, 0, 0],
    );
    assert.deepEqual(
      report.acts.map(({ what, by }) => [what, by.who]),
      [
        ['stream started', 'flow'],
        ['recording started', 'other'],
        ['scene changed', 'flow'],
        ['scene changed', 'other'],
        ['recording stopped', 'flow'],
        ['stream stopped', 'flow'],
      ],
    );
    assert.deepEqual(report.notes, []);
    assert.deepEqual(report.unknown, []);
  });
});
