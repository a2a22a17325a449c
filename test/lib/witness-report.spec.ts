// What the show report reads out of a log, and what it says where the log does not tell.
import assert from 'node:assert/strict';
import type { JsonValue } from '../../lib/witness/canonical';
import { showReport, type ReportOptions, type ShowReport } from '../../lib/witness/report';
import { STUDIO, Told, honest } from '../support/told';

const FINAL = {
  sizeBytes: 1_125_000_000,
  totalFrames: 90_000,
  droppedFrames: 12,
  durationMs: 3_600_000,
  averageBitrateKbps: 2500,
};
const INGEST = { application: 'ingest', connection: { id: 'i1', name: 'Ingest' } };
const OBS_STOPS = { output: 'recording', previous: 'stopping', state: 'idle' };

/** The report of these entries. */
async function of(told: Told, options: ReportOptions = {}): Promise<ShowReport> {
  return await showReport(told.entries, honest(), { timeZone: 'Europe/Berlin', period: 'all', ...options });
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
    assert.deepEqual((await of(told, { period: undefined })).streams, report.streams);
    assert.deepEqual(report.unknown, []);
  });

  describe('one change, told by application and node', () => {
    const start = (told: Told) => {
      const startedAt = told.at(10);
      return {
        event: () => told.event(15, 'stream_started', { startedAt }, { output: 'stream' }),
        action: (at: number) =>
          told.action(
            at,
            'start-stream',
            { startedAt, alreadyRunning: false },
            { event: 'stream_started', output: 'stream', tookMs: 5000 },
          ),
      };
    };
    const stop = (told: Told) => ({
      event: () => told.event(100, 'stream_stopped', { final: FINAL }, { output: 'stream' }),
      action: (at: number) =>
        told.action(
          at,
          'stop-stream',
          { wasRunning: true, final: FINAL },
          { event: 'stream_stopped', output: 'stream', tookMs: 500 },
        ),
    });
    const orders: Record<string, (told: Told) => void> = {
      'the event first': (told) => {
        start(told).event();
        start(told).action(15.1);
        stop(told).event();
        stop(told).action(100.4);
      },
      'the node first': (told) => {
        start(told).action(15);
        told.event(15, 'stream_started', { startedAt: told.at(10) }, { output: 'stream' }, { late: 0.3 });
        stop(told).action(100);
        told.event(100, 'stream_stopped', { final: FINAL }, { output: 'stream' }, { late: 0.3 });
      },
      'only the events': (told) => {
        start(told).event();
        stop(told).event();
      },
      'only the nodes': (told) => {
        start(told).action(15.1);
        stop(told).action(100);
      },
      'the node’s word long after the end': (told) => {
        start(told).event();
        stop(told).event();
        start(told).action(130);
        told.action(
          104,
          'stop-stream',
          { wasRunning: true, final: FINAL },
          { event: 'stream_stopped', output: 'stream', tookMs: 5000 },
        );
      },
      'two witness nodes in a row': (told) => {
        for (const node of ['w1', 'w2']) {
          told.src = { node, name: node };
          start(told).event();
          start(told).action(15.1);
        }
        for (const node of ['w1', 'w2']) {
          told.src = { node, name: node };
          stop(told).event();
          stop(told).action(100.4);
        }
      },
      'with the words for SRT beside': (told) => {
        start(told).event();
        told.event(15, 'srt_stream_started', { startedAt: told.at(10) }, { output: 'stream' });
        stop(told).event();
        told.event(100, 'srt_stream_stopped', { final: FINAL }, { output: 'stream' });
      },
    };
    for (const [name, write] of Object.entries(orders))
      it(name, async () => {
        const told = new Told();
        write(told);
        const { streams, acts } = await of(told);
        assert.equal(streams.length, 1, JSON.stringify(streams, null, 1));
        assert.deepEqual([streams[0]!.begin.at, streams[0]!.end.at], [told.at(10), told.at(100)]);
        assert.equal(streams[0]!.sizeBytes, FINAL.sizeBytes);
        const byNode = !/only the events|SRT/.test(name);
        assert.deepEqual(
          [streams[0]!.startedBy.who, streams[0]!.stoppedBy.who],
          byNode ? ['flow', 'flow'] : ['other', 'other'],
        );
        assert.deepEqual(
          acts.map(({ what }) => what),
          ['stream started', 'stream stopped'],
        );
      });

    it('three streams one after the other stay three', async () => {
      const told = new Told();
      for (const from of [10, 200, 400]) told.goLive(from).endStream(from + 100, FINAL);
      const { streams } = await of(told);
      assert.deepEqual(
        streams.map(({ durationMs, startedBy, stoppedBy }) => [durationMs, startedBy.who, stoppedBy.who]),
        Array(3).fill([100_000, 'flow', 'flow']),
      );
    });
  });

  describe('what is missing is null, with a reason', () => {
    it('the log begins while it is live: the duration told at the end is enough', async () => {
      const told = new Told();
      told.endStream(100, { ...FINAL, durationMs: 90_000 }, false);
      const [stream] = (await of(told)).streams;
      assert.deepEqual([stream!.begin.at, stream!.durationMs], [told.at(10), 90_000]);
    });
    it('the log begins while it is live, and nothing tells how long', async () => {
      const told = new Told();
      told.endStream(100, null, false);
      const { streams, summary } = await of(told);
      assert.deepEqual(
        [streams[0]!.begin.at, streams[0]!.durationMs, streams[0]!.end.at],
        [null, null, told.at(100)],
      );
      assert.match(streams[0]!.begin.reason!, /not recorded/);
      assert.equal(streams[0]!.begin.notAfter, told.at(100));
      assert.deepEqual([summary.openEnds, streams[0]!.sizeBytes], [1, null]);
    });
    it('the present state at the start of the flow', async () => {
      const told = new Told();
      told.event(
        5,
        'stream_started',
        { startedAt: null },
        { cause: 'startup', output: 'stream', state: 'live', expected: null },
      );
      told.event(
        5,
        'recording_stopped',
        {},
        { cause: 'startup', output: 'recording', state: 'idle', expected: null },
      );
      told.event(
        5,
        'scene_changed',
        { scene: 'A', from: null },
        { cause: 'startup', state: 'A', expected: null },
      );
      told.endStream(100, null);
      const { streams, recordings, acts, scenes } = await of(told);
      assert.deepEqual(
        [streams.length, recordings.length, acts.length, scenes.timeline.length],
        [1, 0, 1, 1],
      );
      assert.deepEqual([streams[0]!.begin.at, streams[0]!.begin.notAfter], [null, told.at(5)]);
      assert.equal(streams[0]!.startedBy.who, 'unknown');
    });
    it('a node that finds it live already', async () => {
      const told = new Told();
      told.action(
        50,
        'start-stream',
        { state: 'live', startedAt: told.at(20), alreadyRunning: true },
        { output: 'stream', state: 'live' },
      );
      told.endStream(100, null);
      const { streams, acts } = await of(told);
      assert.deepEqual([streams[0]!.begin.at, streams[0]!.startedBy.who], [told.at(20), 'unknown']);
      assert.match(acts[0]!.what, /live already/);
    });
    it('the record ends while it is live and recording', async () => {
      const told = new Told();
      told.goLive(10).event(20, 'recording_started', { outputPath: '/a.mkv' }, { output: 'recording' });
      told.own(500, 'log.close', {});
      const { streams, recordings, files, summary } = await of(told);
      for (const one of [streams[0]!, recordings[0]!]) {
        assert.deepEqual([one.end.at, one.durationMs, one.end.notBefore], [null, null, told.at(500)]);
        assert.match(one.end.reason!, /when the record ends/);
      }
      assert.deepEqual([files[0]!.finished, files[0]!.durationMs, files[0]!.sizeBytes], [null, null, null]);
      assert.equal(summary.liveMs, 490_000, 'so long at least');
    });
    it('Node-RED crashes, and the stream goes on', async () => {
      const told = new Told();
      told.goLive(10);
      told.own(300, 'log.open', { previous: 'crashed' }).endStream(400, null, false);
      const { streams, unknown, notes } = await of(told);
      assert.equal(streams.length, 1);
      assert.equal(streams[0]!.durationMs, 390_000);
      assert.ok(Math.abs(streams[0]!.unknownMs - 284_900) < 10, String(streams[0]!.unknownMs));
      assert.deepEqual([unknown[0]!.kind, unknown[0]!.end.at], ['record', told.at(300)]);
      assert.match(notes.join(), /without closing/);
    });
    it('an end was not recorded: the next begin bounds it', async () => {
      const told = new Told();
      told.goLive(10).goLive(500).endStream(600, FINAL);
      const { streams } = await of(told);
      assert.equal(streams.length, 2);
      assert.deepEqual([streams[0]!.end.at, streams[0]!.durationMs], [null, null]);
      assert.match(streams[0]!.end.reason!, /not recorded/);
      assert.ok(streams[0]!.end.notAfter! <= told.at(500));
      assert.equal(streams[1]!.durationMs, 100_000);
    });
    it('the connection is lost, and the stream is gone when it comes back', async () => {
      const told = new Told();
      told.goLive(10);
      told.event(
        100,
        'obs_disconnected',
        { stream: 'live', recording: 'idle', message: 'OBS is gone.' },
        { expected: null },
      );
      told.event(
        160,
        'stream_stopped',
        { final: null },
        { cause: 'resync', output: 'stream', expected: null },
      );
      told.event(160.1, 'obs_connected', {}, { expected: null });
      const { streams, unknown, failures } = await of(told);
      assert.deepEqual(
        [streams[0]!.end.at, streams[0]!.end.notBefore, streams[0]!.end.notAfter],
        [null, told.at(100), told.at(160)],
      );
      assert.match(streams[0]!.end.reason!, /connection was lost/);
      assert.deepEqual(
        [unknown.length, unknown[0]!.connection, unknown[0]!.durationMs],
        [1, 'Studio', 60_100],
      );
      assert.deepEqual(failures, []);
    });
    it('the connection is lost and back, and the stream runs on', async () => {
      const told = new Told();
      told.goLive(10).event(100, 'obs_disconnected', { stream: 'live' }, { expected: null });
      told.event(160, 'obs_connected', {}, { expected: null }).endStream(200, FINAL);
      const [stream] = (await of(told)).streams;
      assert.deepEqual([stream!.durationMs, stream!.unknownMs], [190_000, 60_000]);
    });
    it('found live after a reconnect: its begin is between', async () => {
      const told = new Told();
      told.event(100, 'obs_disconnected', { stream: 'idle' }, { expected: null });
      told.event(
        160,
        'stream_started',
        { startedAt: told.at(160) },
        { cause: 'resync', output: 'stream', expected: null },
      );
      told.event(160.1, 'obs_connected', {}, { expected: null }).endStream(200, null);
      const [stream] = (await of(told)).streams;
      assert.deepEqual(
        [stream!.begin.at, stream!.begin.notBefore, stream!.begin.notAfter],
        [null, told.at(100), told.at(160)],
      );
    });
    it('without any event of an application, interruptions are not known', async () => {
      const told = new Told();
      told.action(
        15,
        'start-stream',
        { startedAt: told.at(10), alreadyRunning: false },
        { event: 'stream_started', output: 'stream' },
      );
      const { summary, streams, notes } = await of(told);
      assert.deepEqual([summary.interruptions, streams[0]!.interruptedMs], [null, null]);
      assert.match(notes.join(), /event node/);
    });
    for (const [name, tell] of [
      [
        'an event of another application',
        (told: Told) => ((told.from = INGEST), told.event(5, 'publisher_live')),
      ],
      ['an event of another kind', (told: Told) => told.scene(5, 'A', 'B')],
    ] as [string, (told: Told) => void][])
      it(`${name} says nothing of interruptions`, async () => {
        const told = new Told();
        tell(told);
        told.from = STUDIO;
        const live = { output: 'stream' };
        told.action(15, 'start-stream', { startedAt: told.at(10) }, { ...live, event: 'stream_started' });
        told.action(90, 'stop-stream', { final: FINAL }, { ...live, event: 'stream_stopped' });
        const { summary, streams } = await of(told);
        assert.deepEqual([summary.interruptions, streams[0]!.interruptedMs], [null, null]);
      });
    it('an empty log', async () => {
      const { streams, from, to, entries, notes } = await of(new Told(false));
      assert.deepEqual([streams, from, to, entries], [[], null, null, 0]);
      assert.match(notes.join(), /No stream/);
    });
  });

  describe('trouble', () => {
    it('a stream that ends in an interruption, by itself', async () => {
      const told = new Told();
      told.goLive(10).event(50, 'stream_reconnecting', {}, { output: 'stream', expected: false });
      told.event(
        95,
        'stream_stopped',
        { final: FINAL },
        { output: 'stream', expected: false, previous: 'reconnecting' },
      );
      const { interruptions, failures, streams } = await of(told);
      assert.deepEqual(
        interruptions.map(({ durationMs, cameBack }) => [durationMs, cameBack]),
        [[45_000, false]],
      );
      assert.deepEqual([streams[0]!.stoppedBy.who, streams[0]!.endExpected], ['nobody', false]);
      assert.match(failures[0]!.sentence, /nobody had asked/);
    });
    it('a start that fails, one that is called off, and one that flaps', async () => {
      const told = new Told();
      const server = 'rtmp://b/live';
      told.event(10, 'stream_starting', { server }, { output: 'stream' });
      told.event(40, 'stream_failed', { server, final: null }, { output: 'stream', expected: false });
      told.event(50, 'stream_starting', { server }, { output: 'stream' });
      told.event(52, 'stream_stopped', { server, final: null }, { output: 'stream' });
      told.action(
        52.3,
        'stop-stream',
        { wasRunning: true, final: null },
        { event: 'stream_stopped', output: 'stream' },
      );
      told.event(60, 'stream_starting', { server }, { output: 'stream' });
      told.event(62, 'stream_reconnecting', {}, { output: 'stream', expected: false });
      told.event(90, 'stream_failed', { server, final: null }, { output: 'stream', expected: false });
      const { streams, failures, interruptions } = await of(told);
      assert.deepEqual([streams, interruptions], [[], []]);
      assert.deepEqual(
        failures.map(({ at }) => at),
        [told.at(40), told.at(52), told.at(90)],
      );
      assert.match(failures[0]!.sentence, /could not be started \(rtmp:\/\/b\/live\)/);
      assert.match(failures[1]!.sentence, /stopped again before/);
    });
    it('incidents: one from its first alert to its end; one that comes again is another; one stays open', async () => {
      const told = new Told();
      const since = told.at(100);
      told.alert(110, 'opened', { since, worst: 'degraded', title: 'Stream: slow.' });
      told.alert(120, 'worsened', { since, title: 'Stream: the server is not reached.' });
      told.event(
        120,
        'health_alert',
        { id: 'stream', change: 'worsened', since, at: told.at(120) },
        { output: 'stream' },
      );
      told.alert(140, 'recovered', { since, until: told.at(132), durationMs: 32_000 });
      told.alert(300, 'opened', { since: told.at(290), acknowledged: true });
      told.own(400, 'log.close', {});
      const { incidents, summary } = await of(told);
      assert.deepEqual(
        incidents.map(({ worst, durationMs, open, sentence, acknowledged }) => [
          worst,
          durationMs,
          open,
          sentence,
          acknowledged,
        ]),
        [
          ['critical', 32_000, false, 'Stream: the server is not reached.', false],
          ['critical', null, true, 'Stream: the server is not reached.', true],
        ],
      );
      assert.equal(incidents[1]!.end.at, null);
      assert.deepEqual([summary.incidents, summary.incidentsOpen], [2, 1]);
    });
    it('stop-all ends everything, and what it could not is a failure', async () => {
      const told = new Told();
      told.goLive(10).event(20, 'recording_started', { outputPath: '/a.mkv' }, { output: 'recording' });
      told.event(30, 'virtualcam_started', { output: 'virtualcam' }, { output: 'virtualcam' });
      told.event(100, 'stream_stopped', { final: FINAL }, { output: 'stream' });
      const outputs: JsonValue[] = [
        { name: 'stream', was: 'live', state: 'idle', path: null },
        { name: 'recording', was: 'recording', state: 'idle', path: '/a.mkv' },
        {
          name: 'virtualcam',
          was: 'active',
          state: 'active',
          path: null,
          error: { code: 'X', message: 'it hangs.' },
        },
      ];
      told.event(101, 'emergency_stop_all', { outputs }, {});
      told.action(
        101.1,
        'stop-all',
        outputs,
        { event: 'emergency_stop_all', state: 'idle', tookMs: 1500 },
        { user: { name: 'Ben' } },
      );
      const { stopAlls, streams, recordings, outputs: others, failures, acts } = await of(told);
      assert.deepEqual(
        [stopAlls.length, stopAlls[0]!.outputs.length, stopAlls[0]!.by.person, stopAlls[0]!.tookMs],
        [1, 3, 'Ben', 1500],
      );
      assert.deepEqual([streams[0]!.end.at, streams[0]!.stoppedBy.action], [told.at(100), 'stop-all']);
      assert.deepEqual([recordings[0]!.end.at, recordings[0]!.files[0]!.finished], [told.at(101), true]);
      assert.equal(others[0]!.end.at, null);
      assert.match(failures[0]!.sentence, /virtualcam: it hangs/);
      assert.equal(acts.filter(({ event }) => event === 'emergency_stop_all').length, 1);
    });
    it('entries that could not be written, a clock that was set back, another clock, an event limit', async () => {
      const told = new Told();
      told.goLive(10);
      told.own(100, 'log.gap', {
        count: 12,
        first: told.at(60),
        last: told.at(90),
        reason: 'the disk is full',
      });
      told.event(
        -3000,
        'scene_changed',
        { scene: 'B', from: 'A' },
        { at: told.at(-3000), dropped: 7, expected: null },
      );
      told.endStream(-2900, FINAL);
      told.event(
        200,
        'replay_saved',
        { path: '/r.mkv' },
        { at: '2031-01-01T00:00:00.000Z', output: 'replay_buffer' },
      );
      const { unknown, notes, streams, scenes, files } = await of(told);
      assert.deepEqual([unknown[0]!.kind, unknown[0]!.durationMs], ['lost', 30_000]);
      assert.match(unknown[0]!.sentence, /^12 entries could not be written: the disk is full/);
      const all = notes.join('\n');
      for (const word of [/set back by/, /7 events were left out/, /1 message carries a time/, /12 entries/])
        assert.match(all, word);
      assert.equal(streams.length, 1);
      assert.equal(streams[0]!.durationMs, null, 'a clock that went back measures nothing');
      assert.equal(scenes.timeline.length, 2);
      assert.equal(files[0]!.at, told.at(200.01));
    });
  });

  describe('recordings', () => {
    it('pauses and several files', async () => {
      const told = new Told();
      const rec = { output: 'recording' };
      told.event(10, 'recording_started', { outputPath: '/a.mkv', format: 'mkv' }, rec);
      told.event(100, 'recording_paused', { outputPath: '/a.mkv' }, rec);
      told.action(
        100.2,
        'record-pause',
        { state: 'paused', outputPath: '/a.mkv', finished: false, alreadyRunning: false },
        { ...rec, event: 'recording_paused' },
      );
      told.event(160, 'recording_resumed', { outputPath: '/a.mkv' }, rec);
      told.event(300, 'recording_file_changed', { outputPath: '/b.mkv' }, rec);
      told.action(
        300.2,
        'record-split',
        { outputPath: '/b.mkv', finished: false, alreadyRunning: false },
        { ...rec, event: 'recording_file_changed' },
      );
      told.event(
        400,
        'recording_stopped',
        { outputPath: '/b.mkv', finished: true, durationMs: 329_000 },
        rec,
      );
      const { recordings, files, acts } = await of(told);
      assert.deepEqual(
        recordings.map(({ durationMs, pausedMs, recordedMs }) => [durationMs, pausedMs, recordedMs]),
        [[390_000, 60_000, 329_000]],
      );
      assert.deepEqual(
        files.map(({ path, finished, durationMs }) => [path, finished, durationMs]),
        [
          ['/a.mkv', true, null],
          ['/b.mkv', true, null],
        ],
      );
      assert.match(files[0]!.reason!, /all files together/);
      assert.deepEqual(
        acts.map(({ event, by }) => [event, by.who]),
        [
          ['recording_started', 'other'],
          ['recording_paused', 'flow'],
          ['recording_resumed', 'other'],
          ['recording_file_changed', 'flow'],
          ['recording_stopped', 'other'],
        ],
      );
    });
    it('a duration that was read long before the end is none', async () => {
      const told = new Told();
      told.event(10, 'recording_started', { outputPath: '/a.mkv' }, { output: 'recording' });
      told.event(
        400,
        'recording_stopped',
        { outputPath: '/a.mkv', finished: true, durationMs: 31_000 },
        { output: 'recording' },
      );
      const [recording] = (await of(told)).recordings;
      assert.deepEqual([recording!.durationMs, recording!.recordedMs], [390_000, null]);
    });
  });

  describe('scenes', () => {
    it('durations, times, while live, and what was in program before', async () => {
      const told = new Told();
      told.scene(10, 'A', 'Start');
      told.goLive(20).scene(30, 'B', 'A').scene(50, 'A', 'B', true).endStream(70, FINAL).scene(90, 'B', 'A');
      told.own(100, 'log.close', {});
      const { scenes } = await of(told);
      assert.deepEqual(
        scenes.totals.map(({ scene, times, programMs, liveMs, atLeast }) => [
          scene,
          times,
          programMs,
          liveMs,
          atLeast,
        ]),
        [
          ['A', 2, 60_000, 30_000, false],
          ['B', 2, 30_000, 20_000, true],
          ['Start', 1, 0, 0, true],
        ],
      );
      assert.match(scenes.timeline[0]!.begin.reason!, /already/);
    });
    it('a change nobody recorded, and the connection lost meanwhile', async () => {
      const told = new Told();
      told.scene(10, 'B', 'A').scene(30, 'D', 'C');
      told.event(40, 'obs_disconnected', {}, { expected: null });
      told.event(
        60,
        'scene_changed',
        { scene: 'E', from: 'D' },
        { cause: 'resync', expected: null, previous: 'D' },
      );
      told.event(60.1, 'obs_connected', {}, { expected: null });
      const { scenes } = await of(told);
      assert.deepEqual(
        scenes.timeline.map(({ scene, durationMs, begin, end }) => [
          scene,
          durationMs,
          begin.at !== null,
          end.at !== null,
        ]),
        [
          ['A', null, false, true],
          ['B', null, true, false],
          ['C', null, false, true],
          ['D', null, true, false],
          ['E', null, false, false],
        ],
      );
      assert.deepEqual(scenes.totals.find(({ scene }) => scene === 'D')!.programMs, 10_000);
    });
    it('the node’s word after the next switches', async () => {
      const told = new Told();
      told.scene(10, 'A', 'Z').scene(10.2, 'B', 'A').scene(10.4, 'C', 'B');
      told.action(
        10.5,
        'switch-scene',
        { from: 'Z', to: 'A' },
        { event: 'scene_changed', state: 'A', tookMs: 520 },
      );
      const { scenes } = await of(told);
      assert.deepEqual(
        scenes.timeline.map(({ scene, by }) => [scene, by.who]),
        [
          ['Z', 'unknown'],
          ['A', 'flow'],
          ['B', 'other'],
          ['C', 'other'],
        ],
      );
    });
  });

  it('sources on air: a line for each switch, and what failed or stood still', async () => {
    const on = { scene: 'Main', slot: 'guest' };
    const told = new Told();
    const switched = { ...on, source: 'live_guest_1', previous: null, transition: 'cut', totalMs: 2100 };
    told.event(60, 'source_switched', switched, { state: 'live_guest_1', expected: null });
    told.action(60.2, 'switch', switched, { event: 'source_switched', state: 'live_guest_1' });
    told.event(90, 'source_stalled', {
      ...on,
      source: 'live_guest_1',
      forMs: 2000,
      reason: 'it gives no new picture',
      fallback: 'Slate',
      fallbackShown: true,
    });
    told.event(99, 'source_recovered', { ...on, source: 'live_guest_1', forMs: 9000, reason: null });
    told.event(120, 'source_switched', { ...on, source: 'live_guest_2', previous: 'live_guest_1' });
    told.event(150, 'source_ended', { ...on, source: 'live_guest_2', reason: 'it ended', fallback: null });
    told.event(180, 'source_switch_failed', { ...on, message: 'The new source gave no picture.' });
    const { acts, failures } = await of(told);
    assert.deepEqual(
      acts.map(({ what, detail, by }) => [what, detail, by.who]),
      [
        ['source switched', 'live_guest_1 in Main', 'flow'],
        ['source switched', 'live_guest_2 in Main', 'flow'],
      ],
    );
    assert.deepEqual(
      failures.map(({ event, sentence }) => [event, sentence]),
      [
        [
          'source_stalled',
          'The source on air in Main stood still (it gives no new picture); Slate was shown in its place.',
        ],
        ['source_ended', 'The source on air in Main ended (it ended).'],
        ['source_switch_failed', 'The new source gave no picture.'],
      ],
    );
  });

  it('connections of one name are told apart, and five streams of vMix', async () => {
    const told = new Told();
    for (const [at, id] of ['a1', 'b2'].entries()) {
      told.from = { application: 'obs', connection: { id, name: 'Studio' } };
      told.goLive(10 + at);
    }
    told.from = { application: 'vmix', connection: { id: 'c3', name: 'Studio' } };
    for (let one = 0; one < 5; one++)
      told.event(
        20 + one,
        'stream_started',
        { startedAt: told.at(20 + one) },
        { output: `stream ${one + 1}` },
      );
    for (let one = 0; one < 5; one++)
      told.event(80 + one, 'stream_stopped', { final: null }, { output: `stream ${one + 1}` });
    const { streams, summary } = await of(told);
    assert.deepEqual(
      [...new Set(streams.map(({ connection }) => connection))],
      ['Studio (OBS)', 'Studio (OBS) (2)', 'Studio (vMix)'],
    );
    assert.equal(streams.length, 7);
    assert.deepEqual(
      streams.filter(({ connection }) => connection === 'Studio (vMix)').map(({ durationMs }) => durationMs),
      Array(5).fill(60_000),
    );
    assert.ok(summary.liveMs < 80_000, 'what is live at once counts once');
  });

  it('only what was going on in the time asked for, and the last show', async () => {
    const told = new Told();
    told.goLive(60).endStream(600, FINAL).scene(700, 'A', 'B');
    told.own(800, 'log.open', { previous: 'crashed' });
    told.shift = 86_400;
    told.goLive(60).scene(100, 'B', 'A').endStream(600, FINAL);
    const last = await of(told, { period: 'last-show' });
    assert.deepEqual(
      last.streams.map(({ begin }) => begin.at),
      [told.at(60)],
    );
    assert.deepEqual([last.from, last.counts['scene_changed'], last.acts.length], [told.at(60 - 1800), 1, 3]);
    assert.deepEqual(
      last.notes.map((note) => note.replace(/\d+/, 'N')),
      ['The log has N more entries of other times, which this report leaves out.'],
    );
    const night = await of(told, { from: '2026-11-20T18:00:00Z', to: '2026-11-20T18:05:00Z' });
    assert.deepEqual(
      [night.streams.length, night.to, night.summary.liveMs],
      [1, '2026-11-20T18:05:00.000Z', 240_000],
    );
    assert.equal((await of(told)).streams.length, 2);
    await assert.rejects(of(told, { from: 'yesterday' }), { code: 'WITNESS_FILTER_INVALID' });
  });

  it('of a part of an evening: what was recorded and lost in that part, and no more', async () => {
    const told = new Told();
    told.goLive(0).event(10, 'recording_started', { outputPath: '/show.mkv' }, { output: 'recording' });
    told.event(1000, 'stream_reconnecting', {}, { output: 'stream', expected: false });
    told.event(1010, 'stream_reconnected', {}, { output: 'stream', expected: null });
    told.event(7500, 'recording_paused', {}, { output: 'recording' });
    told.event(7560, 'recording_resumed', {}, { output: 'recording' });
    told.event(14_000, 'recording_stopped', { outputPath: '/show.mkv' }, { output: 'recording' });
    told.endStream(14_010, FINAL);
    const { summary } = await of(told, { from: told.at(7200), to: told.at(9000) });
    assert.deepEqual([summary.liveMs, summary.recordedMs, summary.interruptions], [1_800_000, 1_740_000, 0]);
    const whole = await of(told);
    assert.deepEqual([whole.summary.interruptions, whole.summary.interruptedMs], [1, 10_000]);
  });

  it('a log without msg.live still tells what it can', async () => {
    const told = new Told();
    told
      .add(10, 'stream_started', { topic: 'stream_started' })
      .add(70, 'stream_stopped', { topic: 'stream_stopped' });
    told.add(80, 'message', { payload: 1 }).add(81, 'temperature', { topic: 'temperature', payload: 21 });
    // a name that every object has
    told.add(82, 'constructor', 1).add(83, 'constructor', 2);
    const { streams, counts } = await of(told);
    assert.deepEqual(
      [streams.length, streams[0]!.durationMs, streams[0]!.connection],
      [1, 60_000, 'connection not recorded'],
    );
    assert.equal(counts['temperature'], 1);
    assert.equal(counts['constructor'], 2);
  });
});
