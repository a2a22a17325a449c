// What is wrong with a stream that a real ffmpeg publishes to the ingest, and that it is well again: without OBS, by figures and key frames.
import assert from 'node:assert/strict';
import { HealthMonitor } from '../../lib/health/monitor';
import type { HealthAlert, WatchId } from '../../lib/health/types';
import { openIngest } from '../../lib/ingest/open';
import { requirePrograms } from '../support/mocha';
import { freePort } from '../support/ports';
import { type Program, startProgram } from '../support/programs';
import { waitFor } from '../support/wait';

const LOGO = 'testsrc2=size=320x240:rate=15';
const BLACK = 'color=black:size=320x240:rate=15';
const STILL =
  'mandelbrot=size=320x240:rate=15:end_pts=1:maxiter=500,loop=loop=-1:size=1:start=0,setpts=N/15/TB';

describe('health of a real publisher to the ingest', function () {
  this.timeout(120_000);
  const running: (() => Promise<unknown>)[] = [];
  before(function () {
    requirePrograms(this, ['ffmpeg']);
  });
  afterEach(async () => {
    for (const close of running.splice(0).reverse()) await close();
  });

  async function world(watch: WatchId[]) {
    const port = await freePort();
    const ingest = {
      ...{
        host: '127.0.0.1',
        port,
        app: 'live',
        mostPublishers: 10,
        graceMs: 0,
        maxWidth: 7680,
        maxHeight: 4320,
      },
      ...{ duplicates: 'reject' as const, maxKbps: null, tls: null, play: { allowFrom: [], token: null } },
    };
    const application = openIngest(
      { ingest, ownProcess: false, ffmpeg: null },
      { id: 'i', name: 'ingest', log: () => undefined },
    );
    running.push(() => application.close());
    application.ingest.guard((request) => ({ allow: true, name: request.stream }));
    await waitFor(() => application.ingest.status().listening);
    const overrides = {
      black: { criticalForMs: 1000 },
      silent: { criticalForMs: 2000 },
      frozen: { criticalForMs: 4000 },
    };
    const monitor = new HealthMonitor({
      ...{ preset: 'standard', watch, overrides, when: 'show', reminderMs: 0, bitrateKbps: null },
      ...{ media: [], frozenNeedsSilence: false, place: 'the sender' },
    });
    const alerts: HealthAlert[] = [];
    const wish = { everyMs: 500, pictureEveryMs: 1000, sound: true, media: [], stream: 'cam' };
    application.health!.watch(wish, (sample) => alerts.push(...monitor.sample(sample)));
    const story = () =>
      `${alerts.map((one) => one.subjectLine).join('\n')}\n${JSON.stringify(monitor.report())}`;
    const told = (change: HealthAlert['change'], rule: string) =>
      waitFor(
        () => alerts.find((one) => one.change === change && one.rules.some((its) => its.rule === rule)),
        {
          ...{ timeoutMs: 60_000, message: () => `${change} ${rule}:\n${story()}` },
        },
      );
    const publish = async (picture: string, sound: string, keyEvery = 15, name = 'cam'): Promise<Program> => {
      const program = await startProgram('ffmpeg', [
        ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', picture],
        ...[
          '-re',
          '-f',
          'lavfi',
          '-i',
          sound,
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-pix_fmt',
          'yuv420p',
        ],
        ...['-g', String(keyEvery), '-sc_threshold', '0', '-b:v', '300k', '-c:a', 'aac'],
        ...['-f', 'flv', `rtmp://127.0.0.1:${port}/live/${name}`],
      ]);
      running.push(() => program.close('SIGKILL'));
      return program;
    };
    // before anybody publishes there is nothing to be ill
    const isWell = () => {
      const { verdict, rules, metrics } = monitor.report();
      const moves = rules.some((one) => one.rule === 'noData' && one.verdict === 'ok');
      return verdict === 'ok' && moves && metrics.darkPercent !== null;
    };
    const well = () => waitFor(isWell, { timeoutMs: 60_000, message: story });
    return { application, monitor, alerts, told, publish, well, story };
  }

  it('black and silent are told, a picture and a sound are not; then that the stream is gone', async () => {
    const { publish, told, well, alerts, story } = await world([
      'stream',
      'coding',
      'black',
      'frozen',
      'silent',
    ]);
    const good = await publish(LOGO, 'sine');
    // somebody beside him, of whom nothing is said
    await publish(LOGO, 'sine', 15, 'other');
    await well();
    assert.deepEqual(alerts, [], story());
    // one who says goodbye is no fault: he is cut off
    await good.close('SIGKILL');
    const gone = await told('opened', 'unexpectedStop');
    assert.equal(gone.severity, 'critical');
    await publish(BLACK, 'anullsrc');
    const black = await told('opened', 'black');
    assert.equal(black.subject, 'cam');
    assert.match(black.subjectLine, /^Picture "cam": the picture is black/);
    const silent = await told('opened', 'silent');
    assert.match(silent.detail, /-100 dB/);
    assert.match(silent.title, /^Sound "cam": /);
    assert.deepEqual([...new Set(alerts.map(({ subject }) => subject))], ['cam']);
  });

  it('a still picture is frozen, and key frames that are far apart are told', async () => {
    const { publish, told, monitor } = await world(['stream', 'coding', 'frozen']);
    await publish(STILL, 'sine', 90);
    await told('opened', 'frozen');
    const far = await told('opened', 'keyframes');
    assert.equal(far.severity, 'degraded');
    assert.equal(monitor.report().rules.find(({ rule }) => rule === 'keyframes')?.value, 6);
  });
});
