// The program itself: black, frozen, silent, clipped; and the media inputs that are named.
import assert from 'node:assert/strict';
import type { HealthOptions, WatchId } from '../../lib/health/types';
import type { MediaState } from '../../lib/production/health';
import { BEGIN, Show, brief } from '../support/show';

const picture = (index: number): number => 60 + ((index * 29) % 120);

/** A picture that moves with the clock. */
function move(show: Show): void {
  show.luma = (index) => picture(index + Math.floor(show.atMs / 500));
}

function showOf(watch: WatchId[], options: Partial<HealthOptions> = {}): Show {
  const show = new Show({ watch, ...options });
  move(show);
  show.peakDb = -14;
  return show.begin(20);
}

describe('health of the picture', () => {
  it('black is 98 of 100 points below luma 24, held 5 s', () => {
    const points = 16 * 9;
    for (const [bright, luma, told] of [
      [0, 0, true],
      [2, 23, true],
      [2, 16, true],
      // 3 of 144 are more than 2 %
      [3, 16, false],
      [0, 24, false],
      [points, 16, false],
    ] as const) {
      const show = showOf(['black']);
      show.luma = (index) => (index < bright ? 180 : luma);
      const [alerts, seconds] = show.until(30);
      assert.equal(alerts.length, told ? 1 : 0, `${bright} bright, the rest at ${luma}`);
      if (!told) continue;
      assert.equal(brief(alerts[0]!), 'opened picture critical');
      assert.equal(seconds, 6);
      assert.equal(alerts[0]!.rules[0]!.rule, 'black');
    }
  });

  it('a fade through black is nothing', () => {
    const show = showOf(['black', 'frozen']);
    for (let round = 0; round < 30; round++) {
      show.luma = () => 10;
      show.run(4);
      move(show);
      show.run(2);
    }
    assert.deepEqual(show.told, []);
  });

  it('frozen is unchanged since the first such picture, for 10 s', () => {
    const show = showOf(['frozen'], { frozenNeedsSilence: false });
    const still = Math.floor(show.atMs / 500);
    show.luma = (index) => picture(index + still);
    const frozenSince = show.atMs;
    const [[opened], seconds] = show.until(30);
    assert.equal(brief(opened!), 'opened picture critical');
    assert.equal(Date.parse(opened!.since), frozenSince);
    assert.equal(seconds, 10);
    assert.equal(opened!.rules[0]!.value, 10_000);
    assert.equal(opened!.rules[0]!.threshold, 10_000);
    assert.match(opened!.text, /Nothing in the picture has changed for 10 s/);
    assert.equal(show.monitor.report().metrics.unchangedMs, 10_000);
    move(show);
    assert.equal(show.until(30)[1], 6);
    assert.deepEqual(show.told, ['opened picture critical', 'recovered picture critical']);
  });

  it('noise of one step is no change; two steps in one point are', () => {
    for (const [step, told] of [
      [1, 1],
      [2, 0],
    ] as const) {
      const show = showOf(['frozen'], { frozenNeedsSilence: false });
      show.luma = (index) => picture(index) + (index === 70 && Math.floor(show.atMs / 1_000) % 2 ? step : 0);
      show.run(60);
      assert.equal(show.alerts.length, told);
    }
  });

  it('a slow fade is a change: every picture is held against the first, not the one before', () => {
    const show = showOf(['frozen'], { frozenNeedsSilence: false });
    show.luma = (index) => picture(index) + Math.floor((show.atMs - BEGIN) / 3_000);
    show.run(120);
    assert.deepEqual(show.told, []);
  });

  it('pictures every 2 s, or now and then one that fails: still within the hold and 2 s', () => {
    const show = showOf(['frozen', 'black'], { frozenNeedsSilence: false });
    const still = (index: number) => picture(index);
    const began = show.atMs;
    let at = 0;
    for (let second = 0; second < 30 && show.alerts.length === 0; second++) {
      show.luma = at++ % 2 ? still : null;
      show.step();
    }
    assert.equal(show.told[0], 'opened picture critical');
    assert.ok(show.atMs - began <= 14_000, `${show.atMs - began}`);
  });

  it('a static slide with talking is not frozen; with nobody talking it is', () => {
    const show = showOf(['frozen', 'silent']);
    const slide = (index: number) => picture(index);
    show.luma = slide;
    // people pause: up to 7 s without a word
    show.run(600, (second) => (show.peakDb = second % 9 < 7 ? -70 : -18));
    assert.deepEqual(show.told, []);
    const { unchangedMs } = show.monitor.report().metrics;
    assert.ok(unchangedMs! > 590_000);
    assert.equal(show.rule('frozen')!.verdict, 'ok');
    show.peakDb = -18;
    show.run(5);
    show.peakDb = -70;
    // the last word, and 10 s
    const [alerts, seconds] = show.until(30);
    assert.deepEqual(alerts.map(brief).sort(), ['opened picture critical', 'opened sound critical']);
    assert.equal(seconds, 10);
    show.run(5);
    // one cough is nothing, talking ends it
    show.run(1, () => (show.peakDb = -18));
    show.run(6, () => (show.peakDb = -70));
    assert.equal(show.alerts.length, 2);
    show.run(20, () => (show.peakDb = -18));
    assert.deepEqual(show.told.slice(2).sort(), ['recovered picture critical', 'recovered sound critical']);
  });

  it('the same slide counts as frozen where silence is not needed, or nobody listens', () => {
    const settable = showOf(['frozen'], { frozenNeedsSilence: false });
    settable.luma = (index) => picture(index);
    settable.run(20);
    assert.deepEqual(settable.told, ['opened picture critical']);
    const deaf = showOf(['frozen']);
    deaf.luma = (index) => picture(index);
    deaf.peakDb = null;
    deaf.run(20);
    assert.deepEqual(deaf.told, ['opened picture critical']);
  });

  it('a picture that stood still before the show has its hold time within it', () => {
    const show = new Show({ watch: ['frozen', 'silent'] });
    show.luma = (index) => picture(index);
    show.peakDb = -90;
    for (let round = 0; round < 2; round++) {
      show.run(60);
      show.stream.live(show.atMs);
      // the first reading of the show, and 10 s
      assert.equal(show.until(30)[1], 11);
      show.stream.end(show.atMs, true);
      show.step();
    }
    assert.equal(new Set(show.alerts.map(({ id }) => id)).size, 4);
  });

  it('another scene is another picture, though it looks the same', () => {
    const show = showOf(['frozen'], { frozenNeedsSilence: false });
    show.luma = (index) => picture(index);
    show.run(120, (second) => (show.program = `Scene ${Math.floor(second / 8)}`));
    assert.deepEqual(show.told, []);
  });

  it('black and frozen are one incident of the picture', () => {
    const show = showOf(['black', 'frozen'], { frozenNeedsSilence: false });
    show.luma = () => 16;
    show.run(60);
    assert.deepEqual(show.told, ['opened picture critical']);
    assert.deepEqual(
      show.monitor.report().incidents[0]!.rules.map(({ rule }) => rule),
      ['black', 'frozen'],
    );
    assert.match(show.alerts[0]!.title, /black/);
    move(show);
    show.run(20);
    assert.deepEqual(show.told.slice(1), ['recovered picture critical']);
  });

  it('no picture is unknown, never well', () => {
    const show = showOf(['black', 'frozen']);
    show.luma = null;
    show.unknown = { picture: 'OBS gave no picture' };
    show.run(1);
    const report = show.monitor.report();
    assert.equal(report.verdict, 'unknown');
    assert.equal(report.unknown.picture, 'OBS gave no picture');
    assert.equal(report.unknown.darkPercent, 'OBS gave no picture');
    show.unknown = {};
    move(show);
    show.run(1);
    assert.equal(show.monitor.report().verdict, 'ok');
    // not its turn: what was seen holds for a while
    show.luma = null;
    show.run(25);
    assert.equal(show.monitor.report().verdict, 'ok');
    show.run(10);
    assert.equal(show.monitor.report().verdict, 'unknown');
    assert.deepEqual(show.told, []);
  });

  it('a picture from before the connection was lost says nothing after it', () => {
    const show = showOf(['frozen'], { frozenNeedsSilence: false });
    show.luma = (index) => picture(index);
    show.run(8);
    show.reachable = false;
    show.run(8);
    show.reachable = true;
    assert.equal(show.until(30)[1], 11);
  });
});

describe('health of the sound', () => {
  it('silence is no peak over -50 dB for 10 s', () => {
    for (const [peakDb, told] of [
      [-100, 1],
      [-51, 1],
      [-50, 0],
      [-30, 0],
    ] as const) {
      const show = showOf(['silent']);
      show.peakDb = peakDb;
      show.run(60);
      assert.equal(show.alerts.length, told, `${peakDb} dB`);
    }
  });

  it('a speaker who pauses is not silent', () => {
    const show = showOf(['silent']);
    show.run(600, (second) => (show.peakDb = second % 10 === 0 ? -20 : -90));
    assert.deepEqual(show.told, []);
  });

  it('silent and clipped are one cause, and sound without a reading is unknown', () => {
    const show = showOf(['silent', 'clipped']);
    show.peakDb = 0;
    show.clippedPercent = 80;
    show.run(10);
    assert.deepEqual(show.told, ['opened sound degraded', 'worsened sound critical']);
    show.peakDb = null;
    show.unknown = { sound: 'no meters came' };
    show.run(10);
    const report = show.monitor.report();
    assert.equal(report.verdict, 'critical', 'what was told stays told');
    assert.equal(report.unknown.peakDb, 'no meters came');
    const fresh = showOf(['silent', 'clipped']);
    fresh.peakDb = null;
    fresh.unknown = { sound: 'no meters came' };
    fresh.run(5);
    assert.equal(fresh.monitor.report().verdict, 'unknown');
    assert.equal(fresh.monitor.report().unknown.sound, 'no meters came');
  });

  it('a reading without a meter reading in it is none', () => {
    const show = showOf(['silent']);
    const sample = show.sample();
    sample.atMs += 1_000;
    sample.sound = { peakDb: -100, clippedPercent: 0, readings: 0, heard: [] };
    show.monitor.sample(sample);
    assert.equal(show.monitor.report().verdict, 'unknown');
  });
});

describe('health of media inputs', () => {
  const set = (show: Show, state: MediaState, cursorMs: number | null, onAir = true) => {
    show.media = [{ name: 'Intro', state, cursorMs, durationMs: 60_000, onAir }];
  };
  const begin = (media = ['Intro']): Show => {
    const show = new Show({ watch: ['media'], media });
    set(show, 'playing', 0);
    show.stream.live(show.atMs);
    show.run(20, (second) => set(show, 'playing', second * 1_000));
    return show;
  };

  it('playing with a moving cursor is well, looping too', () => {
    const show = begin();
    show.run(300, (second) => set(show, 'playing', (second * 1_000) % 60_000));
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().verdict, 'ok');
    assert.deepEqual(show.monitor.report().metrics.media, [{ name: 'Intro', state: 'playing', cursorMs: 0 }]);
  });

  it('playing with a cursor that stands is stalled: degraded after 5 s, critical after 15 s', () => {
    const show = begin();
    const [[opened], seconds] = show.until(30);
    assert.equal(brief(opened!), 'opened media Intro degraded');
    assert.equal(seconds, 5);
    assert.match(opened!.text, /"Intro" has been standing still/);
    const [[worse], more] = show.until(30);
    assert.equal(brief(worse!), 'worsened media Intro critical');
    assert.equal(more, 10);
  });

  for (const [state, rule, severity, after] of [
    ['error', 'mediaStalled', 'degraded', 6],
    ['buffering', 'mediaStalled', 'degraded', 6],
    ['opening', 'mediaStalled', 'degraded', 6],
    ['ended', 'mediaEnded', 'degraded', 6],
    ['stopped', 'mediaEnded', 'degraded', 6],
    ['none', 'mediaEnded', 'degraded', 6],
    ['missing', 'mediaMissing', 'critical', 6],
    ['paused', null, null, 0],
  ] as const)
    it(`${state}: ${rule ?? 'content'}`, () => {
      const show = begin();
      set(show, state, null);
      const [alerts, seconds] = show.until(14);
      assert.deepEqual(alerts.map(brief), rule ? [`opened media Intro ${severity}`] : []);
      if (!rule) return assert.equal(show.monitor.report().verdict, 'ok');
      assert.equal(seconds, after);
      assert.deepEqual(
        alerts[0]!.rules.map((one) => one.rule),
        [rule],
      );
      show.until(60, (second) => set(show, 'playing', second * 1_000));
      assert.equal(show.alerts.at(-1)!.change, 'recovered');
      assert.match(show.alerts.at(-1)!.text, /"Intro" plays again/);
    });

  it('one that waits for its turn is no fault and no doubt, and its end on air is over when it goes', () => {
    for (const state of ['ended', 'none', 'stopped'] as const) {
      const show = begin();
      set(show, state, null, false);
      show.run(120);
      assert.deepEqual(show.told, []);
      assert.equal(show.monitor.report().verdict, 'ok');
      set(show, state, null);
      assert.equal(brief(show.until(14)[0][0]!), 'opened media Intro degraded');
      set(show, state, null, false);
      const [[over]] = show.until(3);
      assert.equal(over!.change, 'recovered');
      assert.match(over!.text, /no longer on air/);
    }
  });

  it('one that plays off the air is judged all the same', () => {
    const show = begin();
    show.run(30, (second) => set(show, 'playing', second * 1_000, false));
    assert.deepEqual(show.told, []);
    set(show, 'playing', 30_000, false);
    assert.equal(brief(show.until(14)[0][0]!), 'opened media Intro degraded');
  });

  it('a clip that ends and begins again at once is nothing', () => {
    const show = begin();
    for (let round = 0; round < 20; round++) {
      set(show, 'ended', null);
      show.run(3);
      show.run(5, (second) => set(show, 'playing', second * 1_000));
    }
    assert.deepEqual(show.told, []);
  });

  it('a source that never tells how far it is: unknown, neither stalled nor well', () => {
    for (const cursorMs of [null, 0]) {
      const show = new Show({ watch: ['media'], media: ['Intro'] });
      set(show, 'playing', cursorMs);
      show.begin(120);
      assert.deepEqual(show.told, []);
      assert.equal(show.monitor.report().verdict, 'unknown');
      assert.match(show.monitor.report().unknown['media Intro']!, /does not tell how far/);
    }
  });

  it('one that moved, and stands at 0 now, is stalled', () => {
    const show = begin();
    set(show, 'playing', 0);
    show.run(10);
    assert.deepEqual(show.told, ['opened media Intro degraded']);
  });

  it('an input that was not read is unknown', () => {
    const show = begin();
    show.media = [];
    show.unknown = { 'media Intro': 'OBS did not tell its state' };
    show.run(60);
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().verdict, 'unknown');
    assert.equal(show.monitor.report().unknown['media Intro'], 'OBS did not tell its state');
  });

  it('each input has its own incident', () => {
    const show = begin(['Intro', 'Loop', 'Loop']);
    const both = (one: MediaState, two: MediaState) => (second: number) =>
      (show.media = [
        { name: 'Loop', state: two, cursorMs: second * 1_000, durationMs: null },
        { name: 'Intro', state: one, cursorMs: second * 1_000, durationMs: null },
        { name: 'Other', state: 'error', cursorMs: null, durationMs: null },
      ]);
    show.run(20, both('missing', 'playing'));
    show.run(20, both('missing', 'ended'));
    show.run(20, both('playing', 'ended'));
    assert.deepEqual(show.told, [
      'opened media Intro critical',
      'opened media Loop degraded',
      'recovered media Intro critical',
    ]);
    // per cause only the worst counts: half of 20
    assert.equal(show.monitor.report().score, 90);
  });

  for (const [first, then] of [
    ['ended', 'opening'],
    ['error', 'missing'],
    ['buffering', 'ended'],
    ['missing', 'error'],
    ['opening', 'stopped'],
  ] as const)
    it(`a media input that is ${first} and then ${then}: one fault, over when it plays`, () => {
      const show = new Show({ watch: ['media'], media: ['Clip'], when: 'always' });
      const clip = { name: 'Clip', durationMs: 60_000 };
      let cursorMs = 0;
      const plays = () => {
        cursorMs += 1_000;
        show.media = [{ ...clip, state: 'playing', cursorMs }];
      };
      show.run(5, plays);
      show.media = [{ ...clip, state: first, cursorMs: null }];
      show.run(30);
      show.media = [{ ...clip, state: then, cursorMs: null }];
      show.run(30);
      const before = show.told.filter((told) => !told.startsWith('worsened'));
      assert.equal(before.length, 1, show.told.join(', '));
      show.run(30, plays);
      assert.match(show.told.at(-1)!, /^recovered media/);
      assert.equal(show.told.filter((told) => told.startsWith('recovered')).length, 1);
    });

  it('a disk that was full as the recording ended is not told as well', () => {
    const show = new Show();
    show.recording = 'recording';
    show.run(20);
    show.freeDiskMegabytes = 500;
    show.run(20);
    show.recording = 'idle';
    const [[over]] = show.until(30);
    assert.equal(over!.change, 'recovered');
    assert.match(over!.advice, /not seen to become well/);
    assert.match(over!.text, /look at it before the next show/);
  });
});
