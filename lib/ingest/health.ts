import { now } from '../connection/clock';
import type { FrameSource } from '../frames/types';
import type { Release } from '../production/application';
import {
  noStatistics,
  WATCHED,
  type HealthSample,
  type HealthSource,
  type HealthWish,
} from '../production/health';
import type { Ingest } from '../rtmp/types';
import { statisticsOf, streamReading } from './health-figures';
import { type Subject, SubjectPicture } from './health-picture';
import { StreamHistory, type TrackedStream } from './stream-history';

/** Bounds of the interval between two readings, whatever anybody wishes. */
const EVERY_MS = { least: 200, most: 10_000 };
const SEVERAL = 'several streams are watched, and pictures and sound are of one: name it';
const NOBODY = 'nobody publishes it now';

/** What of an ingest its health is read from. */
export type WatchedIngest = Pick<Ingest, 'status' | 'onEvent' | 'feeds'>;

/** The health of what people publish here. A reading costs nothing but counting: every watcher has his own. */
export class IngestHealth implements HealthSource {
  readonly watches = WATCHED.ingest;
  private readonly history: StreamHistory;
  private readonly watchers = new Set<Watcher>();

  constructor(
    private readonly ingest: WatchedIngest,
    private readonly frames: FrameSource,
    private readonly onListenerError: (error: unknown) => void = () => undefined,
  ) {
    this.history = new StreamHistory(ingest);
  }

  watch(wish: HealthWish, listener: (sample: HealthSample) => void): Release {
    const watcher: Watcher = new Watcher({ ...wish }, this.frames, (picture) => {
      try {
        listener(this.sample(wish, picture));
      } catch (error) {
        this.onListenerError(error);
      }
    });
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
      watcher.end();
    };
  }

  /** Nothing is told any more. */
  close(): void {
    for (const watcher of this.watchers) watcher.end();
    this.watchers.clear();
    this.history.close();
  }

  private sample(wish: HealthWish, picture: SubjectPicture): HealthSample {
    const atMs = now();
    const { listening, fault } = this.ingest.status();
    const wanted = wish.stream ?? null;
    const streams = this.history.list(wanted);
    const unknown: Record<string, string> = {};
    const subject = subjectOf(streams, wanted);
    picture.follow(subject.stream);
    const figures = subject.live?.feed?.figures() ?? null;
    return {
      atMs,
      reachable: listening,
      connection: listening ? 'ready' : 'disconnected',
      reason: listening ? null : (fault?.message ?? 'the ingest does not listen yet'),
      streams: streams.map((one) => streamReading(one)),
      recording: 'idle',
      program: subject.stream,
      sender: subject.stream,
      hasStatistics: figures !== null,
      statistics: figures ? statisticsOf(figures, unknown) : noStatistics(unknown, subject.why),
      picture: wish.pictureEveryMs === null ? null : picture.read(subject, unknown),
      sound: wish.sound ? soundOf(subject, figures, unknown) : null,
      media: [],
      unknown,
    };
  }
}

/** The one stream whose pictures and sound are meant, while somebody publishes it. */
function subjectOf(streams: readonly TrackedStream[], wanted: string | null): Subject {
  const live = streams.filter(({ feed, awayMs }) => feed !== null && awayMs === null);
  const [first] = live;
  // several that come and go: what is said of one must not be taken for another
  if (wanted === null && live.length > 1) return { stream: null, live: null, why: SEVERAL };
  return { stream: wanted ?? first?.stream ?? null, live: first ?? null, why: NOBODY };
}

function soundOf(
  { live, why, stream }: Subject,
  figures: ReturnType<NonNullable<TrackedStream['feed']>['figures']> | null,
  unknown: Record<string, string>,
): HealthSample['sound'] {
  if (!live || !figures || figures.isSilent === null) {
    unknown.sound = live ? (figures?.unknown.isSilent ?? 'nothing can be said of the sound yet') : why;
    return null;
  }
  unknown.clippedPercent = 'the sound is not decoded';
  return {
    peakDb: figures.isSilent ? SILENCE_DB : null,
    clippedPercent: null,
    // all sound since the reading before was looked at, and one that is heard ends the silence
    readings: 2,
    heard: figures.isSilent || stream === null ? [] : [stream],
  };
}

const SILENCE_DB = -100;

/** One who watches: his interval, and the pictures that he wants. */
class Watcher {
  private readonly picture: SubjectPicture;
  private readonly timer: NodeJS.Timeout;
  private readonly first: NodeJS.Timeout;

  constructor(wish: HealthWish, frames: FrameSource, tell: (picture: SubjectPicture) => void) {
    this.picture = new SubjectPicture(frames, wish.pictureEveryMs);
    const everyMs = Math.min(EVERY_MS.most, Math.max(EVERY_MS.least, wish.everyMs || EVERY_MS.least));
    this.timer = setInterval(() => tell(this.picture), everyMs);
    this.timer.unref();
    // not in the call that asks for it
    this.first = setTimeout(() => tell(this.picture), 0);
    this.first.unref();
  }

  end(): void {
    clearInterval(this.timer);
    clearTimeout(this.first);
    this.picture.follow(null);
  }
}
