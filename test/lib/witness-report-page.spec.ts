// The show report as a page and as a mail: whatever stands in the log, nothing runs, nothing is fetched, and it stays a page.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { EVENT_NAMES } from '../../lib/production/vocabulary';
import type { JsonValue } from '../../lib/witness/canonical';
import { reportHtml, reportText, showReport } from '../../lib/witness/report';
import { LocalTime, durationText, sizeText } from '../../lib/witness/report/words';
import { loops } from '../support';
import { Told, honest } from '../support/told';

const HOSTILE = '<img src=x onerror="alert(1)">\'"&</style></title><script>alert(2)</script>\u202e\u0000';
const FINAL = { sizeBytes: 1000, totalFrames: 10, droppedFrames: 0, durationMs: 1000, averageBitrateKbps: 8 };

/** Every text of the log is hostile, wherever one can stand. */
function hostile(): Told {
  const told = new Told();
  told.from = { application: HOSTILE, connection: { id: HOSTILE, name: HOSTILE } };
  told.src = { node: HOSTILE, flow: HOSTILE, name: HOSTILE };
  told.goLive(10, { target: HOSTILE, service: HOSTILE, server: HOSTILE }, { user: HOSTILE });
  told.event(20, 'recording_started', { outputPath: HOSTILE, format: HOSTILE }, { output: 'recording' });
  told.event(21, 'output_started', { output: HOSTILE }, { output: HOSTILE });
  told.scene(30, HOSTILE, `${HOSTILE}2`, true);
  told.alert(40, 'opened', { id: HOSTILE, cause: HOSTILE, worst: HOSTILE, title: HOSTILE, detail: HOSTILE });
  told.event(50, 'obs_disconnected', { message: HOSTILE, stream: 'live' }, { expected: null });
  told.event(60, 'obs_connected', {}, { expected: null });
  told.event(61, 'source_switch_failed', { message: HOSTILE }, {});
  told.action(62, HOSTILE, [{ name: HOSTILE, was: HOSTILE, state: HOSTILE, path: HOSTILE, error: HOSTILE }]);
  told.action(
    63,
    'stop-all',
    [{ name: HOSTILE, was: 'active', state: 'idle', error: { message: HOSTILE } }],
    {
      event: 'emergency_stop_all',
    },
  );
  told.own(64, 'log.gap', { count: 1, first: HOSTILE, last: HOSTILE, reason: HOSTILE });
  told
    .own(65, 'log.recovered', { bytes: 1, file: HOSTILE })
    .own(66, 'log.rollback', { expectedSize: HOSTILE });
  return told;
}

const hostileVerification = honest({
  sentence: HOSTILE,
  origin: HOSTILE,
  vkey: `${HOSTILE}'; rm -rf ~; '`,
  checkpoint: HOSTILE,
  log_id: HOSTILE,
  cosigned_by: [HOSTILE],
  continued_in: HOSTILE,
  verdict: 'unknown',
  problems: [
    { code: 'ENTRY_INVALID', severity: 'unknown', seq: 1, file: HOSTILE, offset: 1, detail: HOSTILE },
  ],
});

describe('show report, page and mail', () => {
  it('hostile texts are shown and do nothing', async () => {
    const report = await showReport(hostile().entries, hostileVerification, {
      title: HOSTILE,
      timeZone: HOSTILE,
    });
    const page = reportHtml(report);
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, name]) => name!.toLowerCase()));
    const ours =
      'html head meta title style body main header div p h1 h2 h3 b section svg defs pattern rect line text span i table thead tbody tr th td small code ul li dl dt dd pre footer br !doctype';
    assert.deepEqual(
      [...tags].filter((tag) => !ours.split(' ').includes(tag)),
      [],
    );
    const bare = page.replace(/"[^"]*"/g, '""');
    assert.ok(!/<[^>]*\son\w+=/i.test(bare), 'no handler');
    assert.ok(!/<[^>]*\s(?:src|href|action|style)=/i.test(bare), 'nothing is fetched');
    assert.ok(!page.includes('\u202e') && !page.includes('\u0000'));
    assert.ok(
      !page.includes('rm -rf ~; &#39; --trusted'),
      'a command to be copied has no foreign text in it',
    );
    assert.equal(page.match(/<\/style>/g)!.length, 1);
    assert.equal(page.match(/<title>Show report/g)!.length, 1);
    const { subject, text } = reportText(report);
    assert.ok(!/[\r\n]/.test(subject) && subject.length <= 200);
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/.test(text));
  });

  it('nothing but its own style may be used, and no other address stands in it', async () => {
    const page = reportHtml(await showReport(new Told().goLive(10).endStream(100, FINAL).entries, honest()));
    const [, style] = /<style>([\s\S]*?)<\/style>/.exec(page)!;
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page)!;
    const hash = createHash('sha256').update(style!).digest('base64');
    assert.match(policy!, /^default-src 'none';/);
    assert.ok(policy!.includes(`style-src 'sha256-${hash}'`));
    assert.ok(!/https?:|url\((?!#)|@import/.test(page.replace(/&[#\w]+;[^<]*/g, '')));
    assert.ok(!/<script|javascript:/i.test(page));
  });

  it('strange values anywhere: no throw, and no figure where there is none', async () => {
    const values: JsonValue[] = [
      null,
      true,
      -1,
      1e308,
      '',
      'x',
      [],
      {},
      [[]],
      { $cut: { length: 9 } },
      { $number: 'NaN' },
    ];
    const told = new Told();
    let second = 10;
    for (const value of values) {
      const live = {
        action: value,
        connection: value,
        output: value,
        tookMs: value,
        expected: value,
        cause: value,
        at: value,
      };
      for (const event of [
        'stream_started',
        'stream_stopped',
        'recording_started',
        'recording_stopped',
        'scene_changed',
        'health_alert',
        'emergency_stop_all',
        'obs_disconnected',
      ])
        told.add(second++, event, { payload: value, alert: value, user: value, live: { ...live, event } });
      told.add(second++, 'message', value);
      told
        .add(second++, 'log.gap', value)
        .add(second++, 'log.open', value)
        .add(second++, 'log.genesis', value);
      told.add(second++, 'stream_started', { live: value, payload: { startedAt: value, final: value } });
    }
    const report = await showReport(told.entries, honest());
    const page = reportHtml(report);
    assert.ok(
      !/NaN|undefined|\[object|Invalid|Infinity/.test(page),
      /.{60}(?:NaN|undefined|\[object|Invalid|Infinity).{60}/.exec(page)?.[0],
    );
    assert.ok(!/NaN|undefined|\[object|Invalid/.test(reportText(report).text));
    assert.ok(!JSON.stringify(report).includes('null,null,null,null,null'));
  });

  it('any value in any place', async () => {
    const scalar = fc.oneof(
      fc.constantFrom<JsonValue[]>(
        null,
        true,
        0,
        -1,
        1e308,
        8.7e15,
        '',
        'idle',
        'live',
        'recording',
        'stream',
        'b',
        'startup',
        'resync',
        'event',
      ),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const names = [
      'startedAt',
      'final',
      'durationMs',
      'sizeBytes',
      'outputPath',
      'scene',
      'from',
      'to',
      'outputs',
      'name',
      'was',
      'state',
      'path',
      'id',
      'since',
      'until',
      'change',
      'worst',
      'stream',
      'recording',
      'alreadyRunning',
      'finished',
      'message',
      'count',
      'first',
      'last',
      'previous',
      'error',
    ];
    const values = fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(scalar, fc.dictionary(fc.constantFrom(...names), scalar)),
      { noNullPrototype: true },
    );
    const live = fc.record(
      {
        event: fc.constantFrom(...EVENT_NAMES),
        action: fc.constantFrom('start-stream', 'stop-stream', 'record-stop', 'switch-scene', 'stop-all'),
        at: scalar,
        cause: scalar,
        expected: scalar,
        output: scalar,
        state: scalar,
        previous: scalar,
        tookMs: scalar,
        dropped: scalar,
        connection: fc.oneof(scalar, fc.record({ id: scalar, name: scalar })),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    const entry = fc.record({
      type: fc.constantFrom(...EVENT_NAMES, 'log.open', 'log.gap', 'log.genesis', 'log.recovered', 'message'),
      at: fc.integer({ min: -100_000, max: 100_000 }),
      data: fc.record(
        {
          live: fc.oneof(live, scalar),
          payload: fc.oneof(values, fc.array(values, { maxLength: 3 }), scalar),
          alert: values,
          user: scalar,
        },
        { requiredKeys: [], noNullPrototype: true },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 25 }), async (entries) => {
        const told = new Told();
        for (const { type, at, data } of entries) told.add(at, type, data);
        const report = await showReport(told.entries, honest(), { timeZone: 'Europe/Berlin' });
        for (const { begin, end, durationMs } of [
          ...report.streams,
          ...report.recordings,
          ...report.outputs,
          ...report.incidents,
          ...report.interruptions,
        ]) {
          for (const { at, reason } of [begin, end])
            assert.equal(at === null, reason !== null, 'a missing time has a reason');
          assert.ok(durationMs === null || durationMs >= 0, `${durationMs}`);
        }
        assert.ok(
          Object.values(report.summary).every(
            (value) => value === null || (Number.isFinite(value) && value >= 0),
          ),
          JSON.stringify(report.summary),
        );
        assert.ok(
          !/NaN|undefined|\[object|Invalid Date|Infinity/.test(reportHtml(report) + reportText(report).text),
        );
      }),
      { numRuns: loops(3000) },
    );
  });

  it('a hundred thousand entries: bounded time, and a page that stays one', async () => {
    const count = loops(100_000);
    const told = new Told();
    told.goLive(1);
    for (let at = 0; told.entries.length < count; at++) {
      told.scene(10 + at, `Scene ${at % 37}`, `Scene ${(at + 36) % 37}`, at % 3 === 0);
      if (at % 10 === 0)
        told.event(10.5 + at, 'stream_reconnecting', {}, { output: 'stream', expected: false });
      if (at % 10 === 1)
        told.event(10.2 + at, 'stream_reconnected', {}, { output: 'stream', expected: null });
      if (at % 50 === 0) told.alert(10.7 + at, 'opened', { id: `stream-${at}` });
    }
    const began = performance.now();
    const report = await showReport(told.entries, honest(), { timeZone: 'Europe/Berlin' });
    const read = performance.now() - began;
    const page = reportHtml(report);
    const text = reportText(report);
    const all = performance.now() - began;
    console.log(
      `      ${count} entries: ${Math.round(read)} ms to read, ${Math.round(all)} ms with page and mail, page of ${Math.round(page.length / 1000)} kB`,
    );
    assert.ok(all < 2_000 + count / 10, `${all} ms`);
    assert.ok(page.length < 300_000, `${page.length}`);
    assert.ok(text.text.split('\n').length < 60);
    assert.match(page, /… and \d+ more/);
    assert.equal(report.entries, told.entries.length);
  });

  it('a night over midnight and the change of the clocks', async () => {
    const told = new Told();
    // 25 October 2026, 3:00 local time becomes 2:00
    told.shift = (Date.parse('2026-10-24T21:30:00Z') - Date.parse('2026-11-20T18:00:00Z')) / 1000;
    told.goLive(60).endStream(5 * 3600, FINAL);
    const report = await showReport(told.entries.slice(2), honest(), { timeZone: 'Europe/Berlin' });
    const page = reportHtml(report);
    assert.match(page, /Saturday, 24 October 2026, 23:30:\d\d, to Sunday, 25 October 2026, 03:30:00/);
    assert.match(page, /Europe\/Berlin, UTC\+02:00, then UTC\+01:00/);
    assert.match(page, /25 Oct, 03:30:00/);
  });

  it('the timeline draws what stands on something else too: interruptions, pauses, what is not known', async () => {
    const told = new Told();
    told.goLive(10).event(20, 'recording_started', {}, { output: 'recording' });
    told.event(50, 'stream_reconnecting', {}, { output: 'stream' });
    told.event(60, 'stream_reconnected', {}, { output: 'stream' });
    told.event(61, 'recording_paused', {}, { output: 'recording' });
    told.event(70, 'recording_resumed', {}, { output: 'recording' });
    told
      .event(80, 'obs_disconnected', {}, { expected: null })
      .event(90, 'obs_connected', {}, { expected: null });
    told.alert(91, 'opened').scene(92, 'A', 'B').endStream(100, FINAL);
    const page = reportHtml(await showReport(told.entries, honest(), { timeZone: 'Europe/Berlin' }));
    for (const style of ['live', 'cut', 'rec open', 'pause', 'inc-critical', 's0', 's1'])
      assert.match(page, new RegExp(`<rect class="${style}" x="[\\d.]+%" width="[\\d.]+%"`), style);
    assert.equal(page.match(/fill="url\(#dark\)" x=/g)!.length, 4, 'stream, recording, incidents and scenes');
    assert.match(page, />19:01:00<\/text>/);
  });

  it('nothing invisible of the log turns or hides what stands beside it', async () => {
    const unseen = [
      '\u061c',
      '\u00ad',
      '\u180e',
      '\u200b',
      '\u202e',
      '\u2066',
      '\ufeff',
      '\u{e0041}',
      '\ud800',
    ];
    const told = new Told().goLive(10, { target: `a${unseen.join('b')}c` });
    const report = await showReport(told.entries, honest(), { title: unseen.join('x') });
    const { subject, text } = reportText(report);
    for (const one of [reportHtml(report), subject, text])
      assert.doesNotMatch(one, /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u);
  });

  it('a pause within one millisecond is a pause', async () => {
    const told = new Told().event(20, 'recording_started', {}, { output: 'recording' });
    told.event(61, 'recording_paused', {}, { output: 'recording' });
    told.event(61, 'recording_resumed', {}, { output: 'recording' });
    told.event(70, 'recording_stopped', {}, { output: 'recording' });
    const page = reportHtml(await showReport(told.entries, honest()));
    assert.match(page, /1 pause<small\s*>under 1 s/);
  });

  it('sizes and zones in words', () => {
    assert.deepEqual([0, 999, 1000, 4_200_000, 99_400_000, 1_000_000_000, 2.5e12].map(sizeText), [
      '0 bytes',
      '999 bytes',
      '1 kB',
      '4.2 MB',
      '99.4 MB',
      '1 GB',
      '2.5 TB',
    ]);
    assert.deepEqual([0, 1, 1000, 61_000].map(durationText), ['0 s', 'under 1 s', '1 s', '1 min 1 s']);
    const time = new LocalTime('Nowhere/Nothing');
    assert.deepEqual([time.zone, time.offsetOf(0), time.offsetMs(0)], ['UTC', 'UTC', 0]);
    assert.deepEqual(
      [
        new LocalTime('Asia/Kolkata').offsetMs(0),
        new LocalTime('America/St_Johns').offsetMs(Date.parse('2026-01-01')),
      ],
      [19_800_000, -12_600_000],
    );
  });
});
