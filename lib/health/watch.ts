import { now } from '../connection/clock';
import { withDeadline } from '../connection/deadline';
import type { Kept } from '../connection/lease';
import { asLiveError, fail } from '../errors';
import type { Application, Release } from '../production/application';
import type { HealthSample, HealthWish, ReceiverReading } from '../production/health';
import { applicationName } from '../production/names';
import type { Picture } from '../production/pictures';
import type { ProductionEvent } from '../production/vocabulary';
import { redact, redactText } from '../secrets';
import type { HealthAlert, HealthHistory, HealthReport, HealthStatus, Verdict } from './types';

/** An alert that waits longer for its picture goes without. */
export const PICTURE_MS = 5_000;
/** Enough to see in a mail what is on air, and quick to make even for a busy application. */
const PICTURE_WIDTH = 960;
/** Alerts kept while a deploy is under way; more than a few in its seconds tell nothing new. */
const MOST_KEPT = 50;

/** The rules at work: what a watch needs of a HealthMonitor. */
export interface Monitor {
  readonly verdict: Verdict;
  rename(place: string): void;
  sample(sample: HealthSample): HealthAlert[];
  report(): HealthReport;
  history(): HealthHistory;
  status(): HealthStatus;
  snooze(ms: number, atMs: number): HealthAlert[];
  acknowledge(atMs: number): HealthAlert[];
}

/** An alert as it is told. */
export interface ToldAlert extends HealthAlert {
  /** why there is no picture though one is wished; null otherwise */
  pictureMissing: string | null;
}

/** Who is told: one node, for as long as it lives. */
export interface HealthListener {
  /** whether a picture of the program goes with each alert */
  pictures: boolean;
  /** what a media server says of the stream, asked with each reading; absent: none is asked */
  receiver?: () => ReceiverReading;
  alert(alert: ToldAlert, event: ProductionEvent, picture: Picture | null): void;
  /** after each reading, those that failed too */
  reading(sample: HealthSample): void;
}

interface Waiting {
  alert: ToldAlert;
  event: ProductionEvent;
  picture: Picture | null;
  /** somebody wished a picture of it */
  pictured: boolean;
  /** its picture is there, or will not come, or is not wished */
  settled: boolean;
  announced: boolean;
}

/**
 * One monitor tied to the readings of an application, and to the node that tells its alerts. It is kept over a deploy
 * that changes nothing: open incidents, history and snooze stay, and what is found meanwhile is told to the next node.
 */
export class HealthWatch implements Kept {
  private application: Application | null = null;
  private unwatch: Release = () => undefined;
  private listener: HealthListener | null = null;
  private receiver: (() => ReceiverReading) | null = null;
  private waiting: Waiting[] = [];
  /** by stream; '' of the program */
  private readonly taking = new Map<string, Promise<Picture>>();
  private readonly lastSeverity = new Map<string, string>();
  private closed = false;

  constructor(
    private readonly monitor: Monitor,
    private readonly wish: HealthWish,
    private readonly pictureMs = PICTURE_MS,
  ) {}

  /**
   * Read this application from now on and tell `listener`, first what was found while nobody listened.
   * Throws CAPABILITY_MISSING for an application that cannot be watched.
   */
  attach(application: Application, listener: HealthListener): Release {
    this.follow(application);
    this.monitor.rename(application.name);
    this.listener = listener;
    this.receiver = listener.receiver ?? null;
    if (listener.pictures) for (const one of this.waiting) this.addPicture(one);
    this.tell();
    return () => {
      if (this.listener === listener) this.listener = null;
    };
  }

  get verdict(): Verdict {
    return this.monitor.verdict;
  }

  report(): HealthReport {
    const report = redact(this.monitor.report());
    // a media input may be called by its address
    const reasons = Object.entries(report.unknown).map(([name, why]) => [redactText(name), why]);
    return { ...report, unknown: Object.fromEntries(reasons) as Record<string, string> };
  }

  history(): HealthHistory {
    return redact(this.monitor.history());
  }

  status(): HealthStatus {
    return redact(this.monitor.status());
  }

  /** Tell nothing new for `ms` milliseconds; 0 ends it, and what is still wrong is told then. */
  snooze(ms: number): HealthStatus {
    this.take(this.monitor.snooze(ms, now()));
    return this.status();
  }

  /** Somebody knows of what is open: no reminder of it any more. */
  acknowledge(): HealthStatus {
    this.take(this.monitor.acknowledge(now()));
    return this.status();
  }

  close(): Promise<void> {
    this.closed = true;
    this.unwatch();
    this.listener = null;
    this.waiting = [];
    return Promise.resolve();
  }

  /** The connection object may be another one after a deploy: a refused one is made anew. What is known stays. */
  private follow(application: Application): void {
    if (application === this.application) return;
    if (!application.health)
      throw fail('CAPABILITY_MISSING', {
        application: applicationName(application.kind),
        action: 'health alert',
      });
    this.unwatch();
    this.application = application;
    this.unwatch = application.health.watch(this.wish, (reading) => {
      // over a deploy it is the last that was known, until that is too old
      const sample = this.receiver ? { ...reading, receiver: this.receiver() } : reading;
      this.take(this.monitor.sample(sample));
      this.listener?.reading(sample);
    });
  }

  private take(alerts: HealthAlert[]): void {
    for (const found of alerts) {
      const alert = redact(found);
      const one: Waiting = {
        alert: { ...alert, pictureMissing: null },
        event: this.eventOf(alert),
        picture: null,
        pictured: false,
        settled: true,
        announced: false,
      };
      this.waiting.push(one);
      if (this.listener) this.announce(one);
      if (this.listener?.pictures) this.addPicture(one);
    }
    if (this.waiting.length > MOST_KEPT) this.waiting.splice(0, this.waiting.length - MOST_KEPT);
    this.tell();
  }

  /** In the order in which they were found, each once its picture is settled. */
  private tell(): void {
    while (this.listener && this.waiting[0]?.settled) {
      const one = this.waiting.shift()!;
      this.announce(one);
      this.listener.alert(one.alert, one.event, this.listener.pictures ? one.picture : null);
    }
  }

  /** To everyone who listens to the application; not before somebody can hear it. */
  private announce(one: Waiting): void {
    if (one.announced) return;
    one.announced = true;
    const { event, payload, ...more } = one.event;
    this.application?.announce(event, payload, more);
  }

  private addPicture(one: Waiting): void {
    if (one.pictured) return;
    one.pictured = true;
    one.settled = false;
    this.picture(this.streamOf(one.alert))
      .then((picture) => (one.picture = picture))
      .catch((error: unknown) => (one.alert.pictureMissing = redactText(asLiveError(error).message)))
      .finally(() => {
        one.settled = true;
        if (!this.closed) this.tell();
      })
      // what a listener throws is its own
      .catch(() => undefined);
  }

  /** Of several streams that others send, the one that the alert is about, else the one that is watched; null: what is on air. */
  private streamOf(alert: HealthAlert): string | null {
    const { stream = null } = this.wish;
    if (this.application?.kind !== 'ingest') return null;
    return alert.cause === 'stream' || isOfSender(alert) ? (alert.subject ?? stream) : stream;
  }

  /** One picture at a time: alerts that come together share it, and an application that is stuck is not asked again. */
  private async picture(source: string | null): Promise<Picture> {
    const { application } = this;
    if (!application?.pictures)
      throw fail('CAPABILITY_MISSING', { application: application?.kind, action: 'pictures' });
    const key = source ?? '';
    const taking =
      this.taking.get(key) ??
      application.pictures
        .take({ source, width: PICTURE_WIDTH, height: null, format: 'jpg', quality: null })
        .finally(() => this.taking.delete(key));
    this.taking.set(key, taking);
    return withDeadline(taking, this.pictureMs, () =>
      fail('PICTURE_LATE', { seconds: this.pictureMs / 1000 }),
    );
  }

  private eventOf(alert: HealthAlert): ProductionEvent {
    const recovered = alert.change === 'recovered';
    const previous = this.lastSeverity.get(alert.id) ?? 'ok';
    this.lastSeverity.delete(alert.id);
    if (!recovered) this.lastSeverity.set(alert.id, alert.severity);
    // some end without a word
    for (const id of this.lastSeverity.keys())
      if (this.lastSeverity.size > MOST_KEPT) this.lastSeverity.delete(id);
    return {
      event: recovered ? 'health_recovered' : 'health_alert',
      at: alert.at,
      cause: 'poll',
      expected: false,
      output:
        alert.cause === 'stream' ? (alert.subject ?? 'stream') : isOfSender(alert) ? alert.subject : null,
      state: recovered ? 'ok' : alert.severity,
      previous,
      payload: { ...alert },
    };
  }
}

/** What is of one stream where others send it: there its subject is that stream. */
const isOfSender = ({ cause }: HealthAlert): boolean =>
  cause === 'picture' || cause === 'sound' || cause === 'computer';
