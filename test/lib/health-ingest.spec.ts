// The health of what people publish to the ingest: readings from its figures and pictures, on a paper ingest.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../lib/connection/clock';
import type { DecoderStatus, Frame, FrameSource, FrameWish } from '../../lib/frames/types';
import { IngestHealth } from '../../lib/ingest/health';
import type { HealthSample, HealthWish } from '../../lib/production/health';
import { ToldFeed } from '../../lib/rtmp/media/told-feed';
import type { IngestEvent, IngestStatus, StreamFigures } from '../../lib/rtmp/types';
import { frameOf } from '../support/frames';
import { brief, PaperStream, Show } from '../support/show';
import { waitFor } from '../support/wait';

const FIGURES: StreamFigures = {
  ...{ video: { codec: 'avc', width: 1280, height: 720, profile: 'High', level: '3.1', fps: 30 } },
  ...{
    audio: { codec: 'aac', sampleRateHz: 48_000, channels: 2 },
    bytes: 1000,
    videoFrames: 30,
    keyframes: 2,
  },
  ...{
    bitrateKbps: 2500,
    fps: 29.9,
    keyframeMs: 2000,
    longestKeyframeMs: 2000,
    videoAgeMs: 10,
    audioAgeMs: 10,
  },
  ...{ gaps: 0, skewMs: 0, silentSinceMs: null, isSilent: false, unknown: {} },
};

/** An ingest that tells what it is told to, and a decoder likewise. */
class Paper {
  figures = { ...FIGURES };
  state: IngestStatus = { listening: true, fault: null, port: 1935, guarded: true };
  taps: { stream: string; wish: FrameWish; released: boolean }[] = [];
  frame: Frame | null = null;
  decoder: DecoderStatus = {
    state: 'running',
    fault: null,
    mode: 'keyframes',
    frames: 0,
    dropped: 0,
    restarts: 0,
  };
  readonly feeds: ToldFeed[] = [];
  private readonly listeners = new Set<(event: IngestEvent) => void>();
  readonly health: IngestHealth;

  constructor() {
    const ingest = {
      status: () => this.state,
      feeds: () => this.feeds,
      onEvent: (listener: (event: IngestEvent) => void) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
      },
    };
    const frames: FrameSource = {
      tap: (stream, wish) => {
        const mine = { stream, wish, released: false };
        this.taps.push(mine);
        return {
          onFrame: () => () => undefined,
          onStatus: () => () => undefined,
          status: () => this.decoder,
          last: () => this.frame,
          release: () => void (mine.released = true),
        };
      },
      close: () => Promise.resolve(),
    };
    this.health = new IngestHealth(ingest, frames);
  }

  tell(event: IngestEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  feed(stream: string, connectionId = `c-${stream}`): ToldFeed {
    const meter = {
      take: () => ({ video: null, fault: null, keyframe: false, header: false }),
      figures: () => this.figures,
    };
    return new ToldFeed({ stream, app: 'live', connectionId, address: null }, now, meter);
  }

  publish(stream: string, back = false, connectionId = `c-${stream}`): ToldFeed {
    const feed = this.feed(stream, connectionId);
    this.tell({ what: 'publishing', feed, name: stream, back });
    return feed;
  }
}

const WISH: HealthWish = { everyMs: 200, pictureEveryMs: 1000, sound: true, media: [], stream: 'cam' };

describe('health of an ingest', () => {
  const open: IngestHealth[] = [];
  afterEach(() => {
    for (const health of open.splice(0)) health.close();
  });
  const watch = (paper: Paper, wish: Partial<HealthWish> = {}) => {
    open.push(paper.health);
    const samples: HealthSample[] = [];
    const release = paper.health.watch({ ...WISH, ...wish }, (sample) => samples.push(sample));
    const next = async (fits: (sample: HealthSample) => boolean = () => true) => {
      const from = samples.length;
      return await waitFor(() => samples.slice(from).find(fits));
    };
    return { samples, next, release };
  };

  it('a stream that nobody publishes is idle, and nothing is known of picture and sound', async () => {
    const { next } = watch(new Paper());
    const sample = await next();
    assert.deepEqual([sample.reachable, sample.streams.length, sample.streams[0]!.state], [true, 1, 'idle']);
    assert.deepEqual([sample.picture, sample.sound, sample.hasStatistics], [null, null, false]);
    assert.match(sample.unknown.picture!, /nobody publishes/);
    assert.match(sample.unknown.sound!, /nobody publishes/);
  });

  it('figures, silence, and each picture once', async () => {
    const paper = new Paper();
    const { next } = watch(paper);
    const { connectionId } = paper.publish('cam');
    paper.frame = frameOf('cam', 0, 1, { connectionId, arrivedMs: now() });
    const seen = await next(({ picture }) => picture !== null);
    assert.deepEqual([seen.picture!.luma.length, seen.picture!.sameLuma], [64 * 36, 2]);
    assert.equal(seen.sender, 'cam');
    const [stream] = seen.streams;
    assert.deepEqual(
      [stream!.state, stream!.bytes, stream!.frames, stream!.keyframeMs, stream!.size],
      ['live', 1000, 30, 2000, '1280x720'],
    );
    assert.deepEqual(
      [seen.statistics.fps, seen.statistics.targetFps, seen.statistics.cpuPercent],
      [29.9, 30, null],
    );
    assert.deepEqual([seen.sound!.peakDb, seen.sound!.heard], [null, ['cam']]);
    const again = await next();
    assert.deepEqual([again.picture, again.unknown.picture], [null, undefined], 'no new one is no fault');
    paper.figures.isSilent = true;
    assert.equal((await next()).sound!.peakDb, -100);
    assert.equal(paper.taps[0]!.wish.sampling, 'keyframes');
  });

  it('the picture of a publisher before him is not taken for his', async () => {
    const paper = new Paper();
    const { next } = watch(paper);
    paper.frame = frameOf('cam', 0, 1, { connectionId: 'somebody else', arrivedMs: now() });
    paper.publish('cam');
    const sample = await next(({ streams }) => streams[0]!.state === 'live');
    assert.equal(sample.picture, null);
  });

  it('away, back, and gone', async () => {
    const paper = new Paper();
    const { next } = watch(paper);
    const feed = paper.publish('cam');
    paper.tell({ what: 'away', feed, reason: 'the line broke', expected: false });
    assert.equal((await next()).streams[0]!.state, 'reconnecting');
    const later = paper.publish('cam', true, 'c2');
    // a late word about the first connection
    paper.tell({ what: 'left', feed, reason: 'late', expected: null });
    const back = await next();
    assert.deepEqual([back.streams[0]!.state, back.streams[0]!.reconnects], ['live', 1]);
    paper.tell({ what: 'left', feed: later, reason: 'he stopped', expected: null });
    const { lastEnd } = (await next()).streams[0]!;
    assert.deepEqual([lastEnd?.expected, lastEnd?.reason], [null, 'He stopped.']);
    const third = paper.publish('cam');
    paper.tell({ what: 'left', feed: third, reason: 'put out', expected: true });
    assert.equal((await next()).streams[0]!.lastEnd?.expected, true);
    // nobody asked for it, so that it is told as a fault, with the reason
    const fourth = paper.publish('cam');
    paper.tell({ what: 'left', feed: fourth, reason: 'more than 100 kbit/s', expected: false });
    const put = (await next()).streams[0]!.lastEnd;
    assert.deepEqual([put?.expected, put?.reason], [false, 'More than 100 kbit/s.']);
  });

  it('of all streams each has its figures, and picture and sound are of the only one', async () => {
    const paper = new Paper();
    const { next } = watch(paper, { stream: null });
    assert.deepEqual((await next()).streams, []);
    paper.publish('one');
    const single = await next(({ streams }) => streams.length === 1);
    assert.ok(single.sound);
    paper.publish('two');
    const both = await next(({ streams }) => streams.length === 2);
    assert.equal(both.sound, null);
    assert.match(both.unknown.sound!, /several/);
    assert.deepEqual(
      paper.taps.map(({ stream, released }) => [stream, released]),
      [['one', true]],
    );
  });

  it('who wants no picture has no decoder, and who ends lets it go', async () => {
    const paper = new Paper();
    paper.publish('cam');
    const plain = watch(paper, { pictureEveryMs: null, sound: false });
    const sample = await plain.next();
    assert.deepEqual([sample.picture, sample.sound, paper.taps.length], [null, null, 0]);
    assert.equal(sample.unknown.picture, undefined);
    const { next, release, samples } = watch(paper);
    await next();
    assert.equal(paper.taps.length, 1);
    release();
    assert.equal(paper.taps[0]!.released, true);
    const count = samples.length;
    await sleep(450);
    assert.equal(samples.length, count);
  });

  it('an ingest that cannot listen is not reachable, and a decoder says why it has no picture', async () => {
    const paper = new Paper();
    const { next } = watch(paper);
    paper.publish('cam');
    paper.decoder = { ...paper.decoder, state: 'no-ffmpeg', fault: new Error('ffmpeg was not found') };
    assert.match((await next()).unknown.picture!, /ffmpeg was not found/);
    paper.state = { ...paper.state, listening: false, fault: new Error('the port is taken') };
    const sample = await next();
    assert.deepEqual(
      [sample.reachable, sample.connection, sample.reason],
      [false, 'disconnected', 'the port is taken'],
    );
  });
});

describe('health rules of an ingest', () => {
  it('a level of sound that nobody knows is no silence, and ends one', () => {
    const show = new Show({ watch: ['stream', 'silent'] });
    show.peakDb = -14;
    show.begin(20);
    show.peakDb = -100;
    assert.equal(show.until(30)[0][0]!.rules[0]!.rule, 'silent');
    const sample = show.sample.bind(show);
    show.sample = () => {
      const made = sample();
      return { ...made, sound: { ...made.sound!, peakDb: null } };
    };
    const [[recovered]] = show.until(30);
    assert.equal(recovered!.change, 'recovered');
    assert.doesNotMatch(recovered!.text, /Infinity|NaN/);
    const rule = show.rule('silent')!;
    assert.deepEqual([rule.verdict, rule.value], ['ok', null]);
    assert.match(rule.reason!, /nobody knows how loud/);
    assert.equal(show.monitor.report().verdict, 'ok');
    assert.equal(show.monitor.report().metrics.peakDb, null);
  });

  it('another size over a break is told, after an end it is not', () => {
    const show = new Show({ watch: ['stream', 'coding'] });
    show.stream.size = '1920x1080';
    show.begin(20);
    show.stream.state = 'reconnecting';
    show.run(1);
    show.stream.live(show.atMs);
    show.stream.size = '1280x720';
    const [[opened]] = show.until(60);
    assert.ok(
      opened!.rules.some(({ rule }) => rule === 'resolution'),
      opened!.text,
    );
    assert.match(opened!.detail, /from 1920x1080 to 1280x720/);
    show.stream.end(show.atMs, true);
    show.run(30);
    show.stream.size = '640x360';
    show.stream.live(show.atMs);
    const before = show.alerts.length;
    show.run(60);
    assert.equal(show.alerts.length, before);
    assert.equal(show.rule('resolution')!.verdict, 'ok');
  });

  it('an application that does not tell how it is coded is not judged by it', () => {
    const show = new Show({ watch: ['stream', 'coding'] }).begin(30);
    assert.deepEqual(show.told, []);
    assert.equal(show.monitor.report().verdict, 'ok');
  });

  it('names whose picture is black and whose sound is silent, and tells of nobody what was another', () => {
    const show = new Show({ watch: ['stream', 'black', 'silent'], place: 'The ingest' });
    show.streams = [new PaperStream('anna'), new PaperStream('ben')];
    show.sender = 'anna';
    show.luma = () => 120;
    show.peakDb = -14;
    for (const stream of show.streams) stream.live(show.atMs);
    show.run(20);
    show.luma = () => 16;
    const [[black]] = show.until(30);
    assert.equal(brief(black!), 'opened picture anna critical');
    assert.deepEqual([black!.subject, black!.rules[0]!.subject], ['anna', 'anna']);
    assert.match(black!.subjectLine, /^Picture "anna": the picture is black \(The ingest, since /);
    assert.match(black!.text, /What to try first: Look at the program in what sends "anna":/);
    show.luma = () => 120;
    const [[well]] = show.until(60);
    assert.equal(well!.text.split(' after ')[0], 'The picture of "anna" is well again');
    show.peakDb = -90;
    const [[silent]] = show.until(60);
    assert.match(silent!.subjectLine, /^Sound "anna": nothing can be heard/);
    // another one is looked at: hers has ended, and his begins anew
    show.sender = 'ben';
    const [[over]] = show.until(3);
    assert.deepEqual([over!.change, over!.subject, over!.rules[0]!.subject], ['recovered', 'anna', 'anna']);
    assert.match(over!.text, /^Sound "anna": it ended with the stream/);
    const [[his]] = show.until(60);
    assert.deepEqual([his!.change, his!.subject], ['opened', 'ben']);
    // while several send and none is named nobody can tell, and it is told so long
    show.sender = null;
    show.peakDb = null;
    assert.deepEqual(show.run(20), []);
    assert.equal(show.monitor.report().incidents[0]!.subject, 'ben');
  });

  it('more streams one after another than are watched at once', () => {
    const show = new Show({ watch: ['stream'] }).begin(20);
    for (let guest = 0; guest < 20; guest++) {
      show.streams[0]!.end(show.atMs, true);
      show.run(3);
      const next = new PaperStream(`guest${guest}`);
      show.streams = [next];
      next.live(show.atMs);
      show.run(75);
    }
    assert.deepEqual(show.told, []);
    assert.equal(show.rule('bitrate', 'guest19')?.verdict, 'ok');
  });
});
