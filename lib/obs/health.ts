import { now } from '../connection/clock';
import { Emitter } from '../connection/emitter';
import { asLiveError } from '../errors';
import type { Release } from '../production/application';
import { WATCHED, type HealthSample, type HealthSource, type HealthWish } from '../production/health';
import type { ObsClient } from './client';
import { recordingReading, StatisticsReader, streamReading } from './health-figures';
import { HealthSettings } from './health-settings';
import { mediaReadings, mediaRequests } from './media-inputs';
import { ProgramPicture } from './program-picture';
import { ProgramSound } from './program-sound';
import type { RecordTracker } from './record-tracker';
import type { ObsScenes } from './scenes';
import type { RequestData } from './session';
import type { StreamTracker } from './stream-tracker';

/** Bounds of the interval between two readings, whatever anybody wishes. */
const EVERY_MS = { least: 200, most: 10_000 };
/** A reading costs OBS time: at most a tenth of its time goes into them. */
const REST = 10;
/** The lane drops a poll while another one waits: soon again. */
const DROPPED_MS = 100;
/** A reading waits this long for the picture that was asked for with it. */
const PICTURE_MAY_LAG_MS = 150;
/** An OBS that answers in milliseconds and has not for this long is not there. */
const SILENT_MS = 3_000;
const NOT_ASKED = 'nothing is recorded, or nobody watches the recording';
const REFUSED = 'OBS refused to tell; it may be loading or changing its scene collection';

/** One reading after another of an OBS's health, shared by everyone who watches. */
export class ObsHealth implements HealthSource {
  readonly watches = WATCHED.obs;
  private readonly wishes = new Set<HealthWish>();
  private readonly samples: Emitter<HealthSample>;
  private readonly settings = new HealthSettings();
  private readonly statistics = new StatisticsReader();
  private readonly picture: ProgramPicture;
  private readonly sound: ProgramSound;
  private readonly releases: Release[];
  private profile: Release | null = null;
  private timer: NodeJS.Timeout | null = null;
  private timerAtMs = 0;
  /** the reading under way: when it was sent, null while it waits in the lane */
  private reading: { wantedAtMs: number; sentAtMs: number | null } | null = null;
  private dueAtMs = Number.NEGATIVE_INFINITY;
  private closed = false;

  constructor(
    private readonly client: ObsClient,
    private readonly stream: StreamTracker,
    private readonly record: RecordTracker,
    private readonly scenes: ObsScenes,
    onListenerError: (error: unknown) => void,
  ) {
    this.samples = new Emitter(onListenerError);
    this.picture = new ProgramPicture(client, scenes);
    this.sound = new ProgramSound(client);
    this.releases = [
      client.onStatus(({ state }) => this.onConnection(state === 'ready')),
      stream.transitions.add(({ event }) => {
        if (event === 'stream_starting') this.settings.expire();
      }),
    ];
  }

  watch(wish: HealthWish, listener: (sample: HealthSample) => void): Release {
    if (this.closed) return () => undefined;
    // the same wish object may be used twice
    const mine = { ...wish };
    this.wishes.add(mine);
    const release = this.samples.add(listener);
    this.listen();
    this.tickWithin(Math.max(0, Math.min(this.dueAtMs - now(), this.everyMs)));
    return () => {
      release();
      this.wishes.delete(mine);
      this.listen();
      if (this.wishes.size === 0) this.stop();
    };
  }

  /** Nothing is told any more. */
  close(): void {
    this.closed = true;
    this.stop();
    for (const release of this.releases) release();
    this.wishes.clear();
    this.listen();
    this.samples.clear();
  }

  private stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** The shortest wish. */
  private get everyMs(): number {
    const shortest = Math.min(...[...this.wishes].map(({ everyMs }) => everyMs));
    return Math.min(EVERY_MS.most, Math.max(EVERY_MS.least, shortest || EVERY_MS.least));
  }

  /** How often anybody wants a picture; null: nobody does. */
  private get pictureEveryMs(): number | null {
    const wanted = [...this.wishes].flatMap(({ pictureEveryMs }) => pictureEveryMs ?? []);
    return wanted.length > 0 ? Math.max(EVERY_MS.least, Math.min(...wanted)) : null;
  }

  private get wantsSound(): boolean {
    return [...this.wishes].some(({ sound }) => sound);
  }

  /** Whether to ask how far the recording is: somebody wants to know, and one runs. */
  private get wantsRecording(): boolean {
    return this.record.running && [...this.wishes].some(({ recording }) => recording);
  }

  /** Events of OBS, only while somebody wants them: the meters are twenty messages a second. */
  private listen(): void {
    this.sound.listen(this.wantsSound, () => this.settings.track);
    if (this.wishes.size > 0) {
      this.profile ??= this.client.on('CurrentProfileChanged', () => this.settings.expire());
      return;
    }
    this.profile?.();
    this.profile = null;
    this.settings.expire();
  }

  private get media(): string[] {
    return [...new Set([...this.wishes].flatMap(({ media }) => media))];
  }

  /** Look again in `ms`, or earlier where that was meant already. */
  private tickWithin(ms: number): void {
    const atMs = now() + ms;
    if (this.timer && this.timerAtMs <= atMs) return;
    this.stop();
    this.timerAtMs = atMs;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (!this.closed && this.wishes.size > 0) this.tick();
    }, ms);
    this.timer.unref();
  }

  private tick(): void {
    const atMs = now();
    const { everyMs, reading } = this;
    const { state, fault } = this.client.status;
    if (state !== 'ready') this.tellUnreachable(fault?.message ?? `OBS is not connected (${state})`);
    else if (reading) {
      const waitedMs = atMs - (reading.sentAtMs ?? reading.wantedAtMs);
      const seconds = Math.round(waitedMs / 1000);
      if (waitedMs >= SILENT_MS && reading.sentAtMs !== null)
        this.tellUnreachable(`OBS has not answered for ${seconds} s`);
      else if (waitedMs >= SILENT_MS)
        this.tellNothingKnown(`other requests to OBS have gone first for ${seconds} s`);
    } else if (atMs >= this.dueAtMs) {
      this.dueAtMs = atMs + everyMs;
      void this.read(everyMs);
    } else return this.tickWithin(this.dueAtMs - atMs);
    this.tickWithin(everyMs);
  }

  /** One reading, told as a sample; never rejects. */
  private async read(everyMs: number): Promise<void> {
    const reading: NonNullable<typeof this.reading> = { wantedAtMs: now(), sentAtMs: null };
    this.reading = reading;
    const { media } = this;
    const parts = [
      [{ requestType: 'GetStreamStatus' }, { requestType: 'GetStats' }],
      this.settings.requests(),
      this.wantsSound ? this.sound.requests() : [],
      mediaRequests(media),
      this.wantsRecording ? [{ requestType: 'GetRecordStatus' }] : [],
    ];
    let signals = 0;
    try {
      const results = await this.client.poll(parts.flat(), () => {
        reading.sentAtMs = now();
        signals = this.stream.signalCount;
        const { pictureEveryMs } = this;
        if (pictureEveryMs !== null) this.picture.look(pictureEveryMs, reading.sentAtMs);
      });
      this.reading = null;
      if (this.closed) return;
      const atMs = now();
      if (!results) {
        this.dueAtMs = atMs + DROPPED_MS;
        if (this.wishes.size > 0) this.tickWithin(DROPPED_MS);
        return;
      }
      const sentAtMs = reading.sentAtMs ?? atMs;
      const pauseMs = Math.min(EVERY_MS.most, Math.max(everyMs, (atMs - sentAtMs) * REST));
      this.dueAtMs = sentAtMs + pauseMs;
      let from = 0;
      const answers = parts.map(({ length }) => results.slice(from, (from += length)));
      const [figures = [], settings = [], sound = [], inputs = [], recording = []] = answers;
      if (settings.length > 0) this.settings.take(settings);
      this.sound.answers(sound);
      const [status = null, stats = null] = figures.map(({ responseData }) => responseData ?? null);
      if (status) this.stream.feed(status, signals, pauseMs);
      // answers come a little sooner or later; what is due after five readings must not wait for a sixth because of it
      const sample = this.sample(sentAtMs, status, stats, REFUSED);
      sample.media = mediaReadings(media, inputs, sample.unknown);
      const [file] = recording;
      if (file)
        sample.recordingReading = recordingReading(this.record.lastEnd, file.responseData ?? null, REFUSED);
      // told with this reading and not with the one after it, when it is a second old
      await this.picture.settle(PICTURE_MAY_LAG_MS);
      if (this.closed || this.client.status.state !== 'ready') return;
      this.addSenses(sample);
      this.tell(sample);
    } catch (error) {
      this.reading = null;
      if (!this.closed) this.tellUnreachable(asLiveError(error).message);
    }
  }

  /** What was seen and heard of the program since the sample before. */
  private addSenses(sample: HealthSample): void {
    if (this.pictureEveryMs !== null) {
      const { picture, fault } = this.picture.read();
      sample.picture = picture;
      if (fault !== null) sample.unknown.picture = fault;
    }
    if (this.wantsSound) {
      const { sound, fault } = this.sound.read();
      sample.sound = sound;
      if (fault !== null) sample.unknown.sound = fault;
    }
  }

  private tellUnreachable(reason: string): void {
    this.tellNothingKnown(reason, { reachable: false, reason });
  }

  /** A sample without a single figure, for this reason. */
  private tellNothingKnown(reason: string, more: Partial<HealthSample> = {}): void {
    const sample = this.sample(now(), null, null, reason);
    if (this.pictureEveryMs !== null) sample.unknown.picture = reason;
    if (this.wantsSound) sample.unknown.sound = reason;
    for (const name of this.media) sample.unknown[`media ${name}`] = reason;
    this.tell({ ...sample, ...more });
  }

  private sample(
    atMs: number,
    status: RequestData | null,
    stats: RequestData | null,
    missing: string,
  ): HealthSample {
    const { figures, unknown } = this.statistics.read(stats, this.settings.targetFps, missing);
    return {
      atMs,
      reachable: true,
      connection: this.client.status.state,
      reason: null,
      streams: [streamReading(this.stream, this.settings, status, missing)],
      outputs: this.record.srt.reading,
      recording: this.record.state,
      lastRecording: this.record.lastKnown,
      recordingReading: recordingReading(this.record.lastEnd, null, NOT_ASKED),
      program: this.scenes.program,
      statistics: figures,
      picture: null,
      sound: null,
      media: [],
      unknown,
    };
  }

  private tell(sample: HealthSample): void {
    if (this.wishes.size > 0) this.samples.tell(sample);
  }

  private onConnection(ready: boolean): void {
    if (!ready) {
      this.settings.forget();
      this.statistics.forget();
      this.picture.forget();
      this.sound.forget();
    }
    // a change is told at once
    this.dueAtMs = Number.NEGATIVE_INFINITY;
    if (this.wishes.size > 0) this.tickWithin(0);
  }
}
