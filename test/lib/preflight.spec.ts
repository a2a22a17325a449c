// What is said of what was found, without anybody being asked.
import assert from 'node:assert/strict';
import { judge } from '../../lib/preflight/checks';
import { destinationOf, unusable } from '../../lib/preflight/destination';
import { reportOf } from '../../lib/preflight/summary';
import { TICKS, type Check, type CheckId, type Expectations, type Facts } from '../../lib/preflight/types';
import { addressOf } from '../../lib/production/address';
import { namesIn } from '../../lib/production/names';
import type { Destination, InputSurvey, Survey } from '../../lib/production/survey';
import type { StreamTarget } from '../../lib/production/targets';
import { hold } from '../../lib/secrets';

const DESTINATION: Destination = {
  service: 'RTMP server',
  server: 'rtmp://live.example/app',
  keySet: true,
  keyNeed: 'usually',
  address: { host: 'live.example', port: 1935, speaks: 'rtmp' },
  noAddress: null,
  fault: null,
};
const input = (name: string, more: Partial<InputSurvey> = {}): InputSurvey => ({
  name,
  kind: 'pulse_input_capture',
  audio: true,
  muted: false,
  volumeDb: 0,
  active: true,
  monitorOnly: false,
  tracks: [1, 2, 3, 4, 5, 6],
  ...more,
});

function surveyed(more: Partial<Survey> = {}, stream = {}, recording = {}): Survey {
  return {
    where: '127.0.0.1:4455',
    version: '32.1.0',
    simulated: false,
    profile: 'Show',
    collection: 'Evening',
    stream: {
      state: 'idle',
      destination: DESTINATION,
      bandwidthTest: false,
      bitrateKbps: 6160,
      audioTrack: 1,
      ...stream,
    },
    recording: {
      state: 'idle',
      folder: '/videos',
      freeDiskMegabytes: 102_400,
      bitrateKbps: 6160,
      ...recording,
    },
    scenes: ['Live', 'Break'],
    program: 'Live',
    sources: ['Live', 'Break', 'Camera', 'Mic'],
    inputs: [input('Mic'), input('Camera', { audio: false, muted: null })],
    here: true,
    unknown: {},
    ...more,
  };
}

function facts(survey: Survey | string = surveyed(), more: Partial<Facts> = {}): Facts {
  return {
    application: { kind: 'OBS', name: 'Studio', simulated: false, state: 'ready', fault: null },
    survey: typeof survey === 'string' ? { value: null, reason: survey } : { value: survey, reason: null },
    picture: {
      value: { atMs: 0, source: 'Live', width: 2, height: 1, luma: Uint8Array.of(120, 10) },
      reason: null,
    },
    server: { answer: 'answers', tookMs: 12 },
    ffmpeg: { version: '7.1' },
    clock: { wallMs: Date.UTC(2027, 5, 1), jumpedMs: 3, timeServer: { offsetMs: 4, uncertainMs: 9 } },
    ...more,
  };
}

function expects(more: Partial<Expectations> = {}): Expectations {
  return {
    ticks: new Set(TICKS),
    destination: null,
    profile: 'Show',
    collection: 'Evening',
    scenes: ['Live'],
    sources: ['Camera'],
    inputs: ['Mic'],
    diskWarnGigabytes: 20,
    diskFailGigabytes: 5,
    timeServer: 'time.example',
    ffmpegPath: null,
    unknownFails: false,
    ...more,
  };
}

function one(id: CheckId, found: Facts, expected = expects()): Check {
  const check = judge(expected, found).checks.find((candidate) => candidate.id === id);
  assert.ok(check, id);
  assert.equal(check.result === 'ok', check.advice === null, check.message);
  return check;
}

describe('preflight: what is said', () => {
  it('a healthy show: every check is there once, and ok', () => {
    const { ready, checks } = judge(expects(), facts());
    assert.equal(ready, true);
    assert.deepEqual([...new Set(checks.map(({ result }) => result))], ['ok']);
    assert.equal(new Set(checks.map(({ id }) => id)).size, checks.length);
    assert.equal(checks.length, 18);
    assert.deepEqual(
      judge(
        expects({ ticks: new Set(), profile: null, collection: null, scenes: [], sources: [], inputs: [] }),
        facts(),
      ).checks.map(({ id }) => id),
      ['connection'],
    );
  });

  it('nothing of an OBS that could not be asked is called ok', () => {
    const { ready, checks } = judge(
      expects(),
      facts('OBS is not connected', {
        application: { kind: 'OBS', name: 'Studio', simulated: false, state: 'waiting', fault: 'Start OBS.' },
        picture: { value: null, reason: 'OBS is not connected' },
        server: null,
      }),
    );
    assert.equal(ready, false);
    const by = Object.fromEntries(checks.map(({ id, result }) => [id, result]));
    const { connection, rehearsal, ffmpeg, clock, ...rest } = by;
    assert.deepEqual([connection, rehearsal, ffmpeg, clock], ['failed', 'ok', 'ok', 'ok']);
    assert.deepEqual([...new Set(Object.values(rest))], ['unknown']);
    assert.equal(checks[0]?.advice, 'Start OBS.');
  });

  it('what OBS did not tell is unknown with its reason, and fails only where the dialog says so', () => {
    const reason = 'OBS is not ready (207)';
    const requests = ['profile', 'collection', 'scenes', 'inputs', 'folder'];
    const dark = surveyed(
      {
        profile: null,
        collection: null,
        scenes: null,
        sources: null,
        inputs: null,
        unknown: Object.fromEntries(requests.map((name) => [name, reason])),
      },
      { destination: null, state: 'unknown' },
      { folder: null, freeDiskMegabytes: null, state: 'unknown' },
    );
    const found = facts(dark, { picture: { value: null, reason } });
    const { ready, checks } = judge(expects(), found);
    assert.equal(ready, true);
    const unknown = checks.filter(({ result }) => result === 'unknown');
    assert.deepEqual(
      unknown.map(({ id }) => id).sort(),
      'bandwidthTest collection disk folder key live picture profile recording scenes server sound sources target'.split(
        ' ',
      ),
    );
    assert.ok(unknown.filter(({ message }) => message.includes(reason)).length >= 7);
    assert.equal(judge(expects({ unknownFails: true }), found).ready, false);
  });

  it('every answer of a server has its sentence', () => {
    const answers = {
      answers: 'ok',
      untrusted: 'warning',
      refused: 'failed',
      silent: 'failed',
      mute: 'failed',
      foreign: 'failed',
      notFound: 'failed',
      unreachable: 'failed',
    } as const;
    for (const [answer, result] of Object.entries(answers)) {
      const server = { answer: answer as keyof typeof answers, tookMs: 5 };
      const check = one('server', facts(surveyed(), { server }));
      assert.equal(check.result, result, answer);
      assert.match(check.message, /live\.example:1935/);
      assert.ok(!check.message.includes('from this computer'));
      // OBS may have another way out
      const elsewhere = one('server', facts(surveyed({ here: false }), { server }));
      if (answer !== 'foreign') assert.match(elsewhere.message, /from this computer/);
    }
  });

  it('an application that streams there already is believed, whatever the knock says', () => {
    const live = facts(surveyed({}, { state: 'live' }), { server: { answer: 'silent', tookMs: 3500 } });
    const target = (host: string) => ({
      name: 'Main',
      destination: { ...DESTINATION, address: { ...DESTINATION.address!, host } },
    });
    assert.match(one('server', live).message, /connected to it already/);
    assert.equal(one('server', live, expects({ destination: target('live.example') })).result, 'ok');
    assert.equal(one('server', live, expects({ destination: target('other.example') })).result, 'failed');
  });

  it('room on the disk is told in gigabytes, and in time where the bitrate is known', () => {
    const disk = (freeDiskMegabytes: number, bitrateKbps: number | null = null) =>
      one('disk', facts(surveyed({}, {}, { freeDiskMegabytes, bitrateKbps })));
    assert.match(
      disk(102_400, 6160).message,
      /^100 GB are free for the recording, about 38 h at 6160 kbit\/s\.$/,
    );
    assert.match(disk(6 * 1024, 50_000).message, /^6 GB are free for the recording, about 17 min/);
    assert.equal(disk(6 * 1024).result, 'warning');
    assert.match(
      disk(4.96 * 1024).message,
      /^4\.9 GB are free for the recording\. The least for this show is 5 GB/,
    );
    assert.equal(disk(4.96 * 1024).result, 'failed');
    // OBS itself starts nothing with less than 50 MB
    const none = expects({ diskWarnGigabytes: 0, diskFailGigabytes: 0 });
    assert.equal(one('disk', facts(surveyed({}, {}, { freeDiskMegabytes: 40 })), none).result, 'failed');
  });

  it('the gravest of several inputs counts, and each is named', () => {
    const inputs = [input('A', { volumeDb: -40 }), input('B', { muted: true }), input('C', { muted: null })];
    const sound = (names: string[]) => one('sound', facts(surveyed({ inputs })), expects({ inputs: names }));
    assert.equal(sound(['A', 'B', 'C']).result, 'failed');
    assert.match(sound(['A', 'B', 'C']).message, /"A" .*-40 dB; "B" is muted; "C" could not be looked at\./);
    assert.equal(sound(['A', 'C']).result, 'warning');
    assert.equal(sound(['C']).result, 'unknown');
  });

  it('without names it is enough that anything on air can be heard', () => {
    const sound = (...inputs: InputSurvey[]) =>
      one('sound', facts(surveyed({ inputs })), expects({ inputs: [] }));
    assert.equal(sound(input('A', { muted: true }), input('B')).result, 'ok');
    assert.equal(sound(input('A', { muted: true }), input('B', { active: false })).result, 'warning');
    assert.match(sound(input('A', { muted: true })).message, /Nothing on air can be heard: "A" is muted/);
    assert.equal(sound().result, 'warning');
    assert.equal(sound(input('A', { active: null })).result, 'unknown');
  });

  it('an advanced output sends another track', () => {
    const mic = [input('Mic', { tracks: [1] })];
    assert.match(
      one('sound', facts(surveyed({ inputs: mic }, { audioTrack: 3 }))).message,
      /not on audio track 3/,
    );
  });

  it('a picture is black when nearly all of it is', () => {
    const picture = (dark: number) => {
      const luma = new Uint8Array(100).fill(200).fill(23, 0, dark);
      return one(
        'picture',
        facts(surveyed(), {
          picture: { value: { atMs: 0, source: 'Live', width: 10, height: 10, luma }, reason: null },
        }),
      ).result;
    };
    assert.deepEqual([picture(100), picture(98), picture(97)], ['warning', 'warning', 'ok']);
  });

  it('an OBS older than any that was tried is a warning', () => {
    assert.equal(one('connection', facts(surveyed({ version: '28.1.2' }))).result, 'warning');
    assert.equal(one('connection', facts(surveyed({ version: null }))).result, 'ok');
  });

  it('a secret that got into a name is hidden', () => {
    const release = hold('hunter2hunter2');
    const { checks } = judge(expects({ scenes: ['hunter2hunter2'] }), facts());
    release();
    assert.ok(!JSON.stringify(checks).includes('hunter2hunter2'));
  });

  it('is told to people: one line, and what to do, gravest first', () => {
    const found = facts(surveyed({ scenes: [] }, { state: 'live' }, { freeDiskMegabytes: null }));
    const report = reportOf(judge(expects(), found), 'Studio');
    assert.equal(report.subject, 'Studio: NOT ready (1 failed, 1 warning, 2 not known of 18 checks)');
    assert.deepEqual(
      report.text.split('\n').map((line) => line.split(':')[0]),
      ['FAILED scenes', 'WARNING live', 'NOT KNOWN folder', 'NOT KNOWN disk', 'OK'],
    );
    assert.deepEqual(report.counts, { ok: 14, warning: 1, failed: 1, unknown: 2 });
    assert.equal(reportOf(judge(expects(), facts()), 'Studio').subject, 'Studio: ready (18 checks, all ok)');
  });
});

describe('preflight: where a stream goes', () => {
  const target = (more: Partial<StreamTarget>): StreamTarget => ({
    name: 'Main',
    service: 'rtmp',
    server: 'rtmp://live.example/app',
    key: 'k-e-y',
    user: '',
    password: '',
    ...more,
  });

  it('addresses lead to host and port, without path, key or user', () => {
    for (const [server, host, port, speaks] of [
      ['rtmp://live.example/app', 'live.example', 1935, 'rtmp'],
      ['rtmp://live.example:1936/app/key', 'live.example', 1936, 'rtmp'],
      ['RTMPS://user:pass@live.example/app', 'live.example', 443, 'rtmps'],
      ['rtmp://[::1]:2000/app', '::1', 2000, 'rtmp'],
      ['srt://live.example:9000?mode=caller&passphrase=secret', 'live.example', 9000, 'srt'],
      ['srt://live.example:9000', 'live.example', 9000, 'srt'],
      ['https://whip.example/x?token=1', 'whip.example', 443, 'https'],
      ['http://whip.example:8080/x', 'whip.example', 8080, 'http'],
    ] as const)
      assert.deepEqual(addressOf(server), { address: { host, port, speaks }, reason: null }, server);
    for (const [server, reason] of [
      [null, /no server/],
      [' ', /no server/],
      ['auto', /itself/],
      ['srt://:9000?mode=listener', /waits for a caller/],
      ['srt://0.0.0.0:9000?mode=listener', /waits for a caller/],
      ['srt://live.example:9000?mode=rendezvous', /partner/],
      ['srt://live.example', /no port/],
      ['rist://live.example:9000', /RIST/],
      ['rtmp://', /host|understood/],
    ] as const) {
      const found = addressOf(server);
      assert.equal(found.address, null, String(server));
      assert.match(found.reason ?? '', reason);
    }
  });

  it('a stream target is judged without OBS', () => {
    assert.equal(destinationOf(target({ service: 'as-set' })), null);
    assert.deepEqual(destinationOf(target({})), { ...DESTINATION, protocol: 'rtmp' });
    const twitch = destinationOf(target({ service: 'twitch', server: '' }));
    assert.deepEqual([twitch?.keyNeed, twitch?.address], ['always', null]);
    assert.match(twitch?.noAddress ?? '', /itself/);
    const youtube = destinationOf(target({ service: 'youtube', server: '' }));
    assert.deepEqual(youtube?.address, { host: 'a.rtmps.youtube.com', port: 443, speaks: 'rtmps' });
    assert.match(
      destinationOf(target({ service: 'youtube', server: '', key: '' }))?.fault ?? '',
      /no stream key/,
    );
    assert.equal(destinationOf(target({ service: 'srt', server: 'srt://h:1', key: '' }))?.keyNeed, 'never');
    const name = 'Main';
    const gone = one(
      'target',
      facts(),
      expects({ destination: { name, destination: unusable('it is gone') } }),
    );
    assert.match(gone.message, /^The stream target "Main" cannot be used: it is gone\.$/);
    assert.match(gone.advice ?? '', /^Open the stream target "Main" in Node-RED/);
    const complete = judge(expects({ destination: { name, destination: DESTINATION } }), facts()).checks;
    // it switches the test mode off by itself
    assert.ok(!complete.some(({ id }) => id === 'bandwidthTest'));
  });
});

describe('several names in one text', () => {
  it('are set apart by commas, and quoted where they hold one', () => {
    assert.deepEqual(namesIn(''), []);
    assert.deepEqual(namesIn('Live'), ['Live']);
    assert.deepEqual(namesIn(' Starting soon ,Live,, Live , "Break, with music" '), [
      'Starting soon',
      'Live',
      'Break, with music',
    ]);
    assert.deepEqual(namesIn('6" monitor, "Q&A"'), ['6" monitor', 'Q&A']);
  });
});
