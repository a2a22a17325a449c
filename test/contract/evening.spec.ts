// An evening as it is: real OBS, our nodes in Node-RED, a stream that is cut, a recording, an incident. Every figure of the report of it
// is held against what the receiver and the file say.
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-return -- a message carries anything */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ShowReport } from '../../lib/witness/report';
import { findBrowser, startBrowser } from '../editor/support';
import { connectionIs, heardBy, load, next, send, tearDown, type Msg } from '../nodes/support/rig';
import { folders, linesOf, logConfig, logNode, opened } from '../nodes/support/witness';
import { ffprobe, requirePrograms, startThrottledProxy, waitFor } from '../support';
import { setParameter } from './drive';
import { eveningFlow } from './evening';
import { Program } from './health-program';
import { watchReceiver, type Receiver } from './receiver';
import { endings, realWorld, rtmpModule, type World } from './support';

const pictures = join(__dirname, '..', '..', 'build', 'pictures');
/** OBS says it has started once the server has taken the stream; the receiver counts from the connection. */
const BEGIN_MS = 750;
/** What OBS has sent and the receiver has read at the end are apart by what is under way. */
const END_MS = 750;
/** OBS counts what it has written into its socket, in which some of it is when the line is cut. */
const BYTES = { share: 0.06, least: 200_000 };

/** The first message behind the witness with this event since position `from`. */
const told = (event: string, from = 0, more: (msg: Msg) => boolean = () => true): Promise<Msg> =>
  next('out', (msg) => heardBy('out').indexOf(msg) >= from && msg.live?.event === event && more(msg), 60_000);
const byNode = (msg: Msg): boolean => typeof msg.live.action === 'string';
const ms = (at: string | null | undefined): number => Date.parse(at ?? '');

function near(what: string, one: number, other: number, tolerance: number): void {
  const apart = one - other;
  assert.ok(
    Math.abs(apart) <= tolerance,
    `${what}: ${one} and ${other} are ${apart} apart, ${tolerance} at most`,
  );
}

describe('an evening', function () {
  this.timeout(240_000);
  const ending = endings();
  let world: World;
  let receiver: Receiver;
  let report: ShowReport;
  let answer: Msg;
  let at: { log: string; state: string };
  const key = { secret: '' };

  before(async function () {
    requirePrograms(this, ['obs', 'Xvfb', 'nginx', 'ffmpeg', 'ffprobe', rtmpModule]);
    world = await realWorld({ profile: { SimpleOutput: { VBitrate: '2500', RecRB: 'false' } } }, ending);
    await setParameter(world, 'Output', 'RetryDelay', '1');
    await setParameter(world, 'Output', 'MaxRetries', '25');
    await new Program(world).set();
    const proxy = await startThrottledProxy(Number(new URL(world.good.server).port));
    world.cleanUp(() => proxy.close());
    receiver = watchReceiver(world.real!.nginx, world.good.key);
    world.cleanUp(() => receiver.end());
    key.secret = world.good.key;
    const server = `rtmp://127.0.0.1:${proxy.port}/live`;
    at = folders();
    await load(eveningFlow(world, server, logNode(at, { fields: 'topic, payload, live, alert, user' })), {
      studio: { password: world.password ?? '' },
      church: { key: world.good.key },
    });
    await opened();
    await connectionIs('ready');
    await show(world, proxy);
  });
  after(async () => {
    await tearDown();
    await ending.run();
  });

  /** The evening itself. */
  async function show(stage: World, proxy: Awaited<ReturnType<typeof startThrottledProxy>>): Promise<void> {
    const obs = await stage.connectClient();
    send({ user: 'Anna' }, 'go');
    await told('stream_started', 0, byNode);
    send({ payload: 'start', user: 'Anna' }, 'rec');
    await told('recording_started', 0, byNode);
    const recorded = async (): Promise<number> => (await obs.call('GetRecordStatus')).outputDuration;
    await waitFor(async () => (await recorded()) > 4000, { message: 'some of the recording' });
    send({ scene: 'Second' }, 'scene');
    await told('scene_changed', 0, byNode);
    await told('scene_changed');

    await proxy.cut();
    await told('stream_reconnecting');
    await told('health_alert');
    await waitFor(() => receiver.published.at(-1)?.goneMs != null, { message: 'the publisher to be gone' });
    await proxy.restore();
    await told('stream_reconnected');
    await told('health_recovered');

    // somebody in OBS itself
    const before = heardBy('out').length;
    await obs.call('SetCurrentProgramScene', { sceneName: 'Third' });
    await told('scene_changed', before);
    send({ payload: 'pause' }, 'rec');
    await told('recording_paused', 0, byNode);
    const paused = await recorded();
    send({ payload: 'resume' }, 'rec');
    await told('recording_resumed', 0, byNode);
    await waitFor(async () => (await recorded()) > paused + 1000, { message: 'the recording to go on' });
    send({ payload: 'stop' }, 'rec');
    await told('recording_stopped', 0, byNode);
    send({}, 'end');
    await told('stream_stopped', 0, byNode);
    await waitFor(() => receiver.published.at(-1)?.goneMs != null, { message: 'the publisher to be gone' });
    send({}, 'query');
    answer = await next('asked', () => true, 30_000);
    assert.deepEqual(
      heardBy('caught').map(({ error }) => error),
      [],
    );
    report = answer.payload?.streams ? answer.payload : answer.report;
  }

  it('is recorded whole, and verified', () => {
    assert.equal(report.verification.verdict, 'valid', report.verification.sentence);
    assert.deepEqual(report.notes, []);
    assert.deepEqual(report.failures, []);
    const inFile = linesOf(at.log).length;
    assert.ok(report.entries > 15 && report.entries <= inFile, `${report.entries} of ${inFile}`);
    assert.equal(report.verification.vkey, logConfig().trust.vkey);
    for (const place of [JSON.stringify(answer), ...linesOf(at.log).map((line) => JSON.stringify(line))])
      for (const secret of [key.secret, world.password!])
        assert.ok(!place.includes(secret), place.slice(0, 200));
  });

  it('the stream, against the receiver', () => {
    const [stream, ...others] = report.streams;
    assert.equal(others.length, 0);
    const [first, second, ...more] = receiver.published;
    assert.equal(more.length, 0, JSON.stringify(receiver.published));
    near('begin', ms(stream!.begin.at), first!.beganMs, BEGIN_MS);
    near('end', ms(stream!.end.at), second!.goneMs!, END_MS);
    near('duration', stream!.durationMs!, second!.goneMs! - first!.beganMs, BEGIN_MS + END_MS);
    const [cut, ...rest] = stream!.interruptions;
    assert.equal(rest.length, 0);
    near('begin of the interruption', ms(cut!.begin.at), first!.goneMs!, END_MS);
    near('end of the interruption', ms(cut!.end.at), second!.beganMs, BEGIN_MS);
    assert.ok(cut!.cameBack === true && cut!.durationMs === stream!.interruptedMs && cut!.durationMs! > 0);
    const bytes = first!.bytes + second!.bytes;
    near('bytes', stream!.sizeBytes!, bytes, Math.max(BYTES.least, bytes * BYTES.share));
    assert.deepEqual([stream!.target, stream!.connection], ['Church', 'Studio']);
    assert.deepEqual(
      [stream!.startedBy.who, stream!.startedBy.person, stream!.stoppedBy.action],
      ['flow', 'Anna', 'stop-stream'],
    );
    const told = (text: string, one: number, other: number): string =>
      `${text} ${one - other > 0 ? '+' : ''}${Math.round(one - other)} ms`;
    console.log(
      `      report against nginx: ${told('begin', ms(stream!.begin.at), first!.beganMs)}, ${told('cut', ms(cut!.begin.at), first!.goneMs!)}, ${told('back', ms(cut!.end.at), second!.beganMs)}, ${told('end', ms(stream!.end.at), second!.goneMs!)}, bytes ${((stream!.sizeBytes! / bytes - 1) * 100).toFixed(2)} %`,
    );
  });

  it('the recording, against its file', async () => {
    const [recording, ...others] = report.recordings;
    const [file, ...files] = report.files;
    assert.deepEqual([others.length, files.length], [0, 0]);
    const probe = await ffprobe(file!.path);
    const [durationMs, size] = [Number(probe.format.duration) * 1000, statSync(file!.path).size];
    assert.equal(file!.finished, true);
    // OBS says how long it is before its encoder has handed over everything: measured 0.6 s, on a busy machine up to 1.2 s
    near('duration of the file', file!.durationMs!, durationMs, 2_500);
    // the file's last part is written when it is closed
    near('size of the file', file!.sizeBytes!, size, Math.max(60_000, size / 10));
    near('recorded', recording!.durationMs! - recording!.pausedMs!, durationMs, 2_500);
    assert.equal(recording!.pauses.length, 1);
    assert.equal(file!.format, file!.path.split('.').at(-1));
    console.log(
      `      report against ffprobe: duration ${Math.round(file!.durationMs! - durationMs)} ms, size ${file!.sizeBytes! - size} bytes of ${size}`,
    );
  });

  it('the incident, the scenes and who acted', () => {
    const [incident, ...others] = report.incidents;
    assert.equal(others.length, 0, JSON.stringify(report.incidents));
    assert.deepEqual([incident!.cause, incident!.open, incident!.connection], ['stream', false, 'Studio']);
    near('begin of the incident', ms(incident!.begin.at), receiver.published[0]!.goneMs!, 4_000);
    near('end of the incident', ms(incident!.end.at), receiver.published[1]!.beganMs, 4_000);
    assert.deepEqual(
      report.scenes.timeline.map(({ scene, by }) => [scene, by.who]),
      [
        ['Scene', 'unknown'],
        ['Second', 'flow'],
        ['Third', 'other'],
      ],
    );
    const acts = report.acts.map(({ event, by }) => `${event} ${by.who}${by.person ? ` ${by.person}` : ''}`);
    assert.deepEqual(acts, [
      'stream_started flow Anna',
      'recording_started flow Anna',
      'scene_changed flow',
      'scene_changed other',
      'recording_paused flow',
      'recording_resumed flow',
      'recording_stopped flow',
      'stream_stopped flow',
    ]);
    assert.deepEqual(report.unknown, []);
  });

  it('the page shows it, on a screen, a phone and paper', async function () {
    if (!findBrowser()) requirePrograms(this, ['chromium']);
    const page = String(answer.attachments[0].content);
    mkdirSync(pictures, { recursive: true });
    const file = join(pictures, 'show-report-evening.html');
    writeFileSync(file, page);
    const browser = await startBrowser();
    try {
      const tab = await browser.newPage({ viewport: { width: 1000, height: 1200 } });
      const faults: string[] = [];
      const asked: string[] = [];
      tab.on('console', (message) => faults.push(message.text()));
      tab.on('request', (request) => asked.push(request.url()));
      await tab.goto(`file://${file}`);
      const text = await tab.locator('main').innerText();
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone: report.timeZone, timeStyle: 'medium' });
      for (const moment of [
        report.streams[0]!.begin,
        report.streams[0]!.end,
        report.interruptions[0]!.begin,
        report.recordings[0]!.begin,
      ])
        assert.ok(text.includes(clock.format(new Date(moment.at!))), `${moment.at} in the page`);
      for (const word of [
        'Verified',
        'Church',
        'Second',
        'Third',
        'Anna',
        report.files[0]!.path,
        'came back',
        report.verification.vkey!,
      ])
        assert.ok(text.includes(word), `${word} in the page`);
      await tab.screenshot({ path: join(pictures, 'show-report-evening.png'), fullPage: true });
      await tab.setViewportSize({ width: 375, height: 800 });
      assert.ok(
        (await tab.evaluate<number>('document.documentElement.scrollWidth')) <= 375,
        'nothing is cut off on a phone',
      );
      const printed = await tab.pdf({ preferCSSPageSize: true });
      const sheets = printed.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length;
      assert.ok(sheets <= 2, `${sheets} sheets of paper`);
      assert.deepEqual([faults, asked], [[], [`file://${file}`]]);
    } finally {
      await browser.close();
    }
    assert.ok(readFileSync(file, 'utf8').includes(report.verification.checkpoint!.split('\n')[2]!));
  });
});
