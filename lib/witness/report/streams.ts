import type { Fact } from './facts';
import { known, missing, type Mark } from './marks';
import type { Outages } from './outages';
import { SessionBook, type Draft } from './sessions';
import { durationOf, countOf, textOf, timeOf, valuesOf } from './values';

export interface Break {
  begin: Mark;
  end: Mark | null;
  cameBack: boolean | null;
}

export interface StreamDraft extends Draft {
  target: string | null;
  service: string | null;
  server: string | null;
  confirmedMs: number | null;
  sizeBytes: number | null;
  totalFrames: number | null;
  droppedFrames: number | null;
  averageBitrateKbps: number | null;
  breaks: Break[];
}

/** A start that came to nothing. */
export interface FailedStart {
  fact: Fact;
  /** somebody stopped it before it was confirmed */
  stopped: boolean;
}

/** One end told by application and node, in ms. */
const TOLD_TWICE_MS = 3_000;

/** Follows every stream of every connection. */
export class StreamBook {
  readonly failed: FailedStart[] = [];
  /** connections whose application tells of its streams: there, no interruption means that there was none */
  readonly heard = new Set<string>();
  private readonly book: SessionBook<StreamDraft>;
  /** starts of which the outcome is to come */
  private readonly starting = new Set<string>();

  constructor(private readonly outages: Outages) {
    this.book = new SessionBook('stream', outages, () => ({
      target: null,
      service: null,
      server: null,
      confirmedMs: null,
      sizeBytes: null,
      totalFrames: null,
      droppedFrames: null,
      averageBitrateKbps: null,
      breaks: [],
    }));
  }

  get all(): readonly StreamDraft[] {
    return this.book.all;
  }

  take(fact: Fact): void {
    const key = `${fact.connection}\n${fact.output}`;
    if (fact.action === null && fact.event?.includes('stream_')) this.heard.add(fact.connection);
    switch (fact.event) {
      case 'stream_starting':
        this.starting.add(key);
        // it starts only where it was off
        if (fact.previous === 'idle') this.endUnseen(fact);
        return;
      case 'stream_started':
      case 'srt_stream_started':
        this.starting.delete(key);
        return this.started(fact);
      case 'stream_reconnecting':
        // a start that flaps is not live yet
        if (!this.starting.has(key)) this.lost(fact);
        return;
      case 'stream_reconnected':
        if (!this.starting.has(key)) this.back(fact);
        return;
      case 'stream_failed':
        if (this.book.track(fact).open) this.ended(fact);
        this.failed.push({ fact, stopped: false });
        this.starting.delete(key);
        return;
      case 'stream_stopped':
      case 'srt_stream_stopped':
        if (this.starting.delete(key) && !this.book.track(fact).open)
          this.failed.push({ fact, stopped: true });
        else if (!this.isToldFailure(fact)) this.ended(fact);
        return;
      default:
        // an action that found it live already says so
        if (fact.action === 'start-stream' && fact.payload.alreadyRunning === true) this.started(fact);
    }
  }

  /** The connection was lost while the stream was this. */
  wasAsLost(fact: Fact): void {
    const { stream } = fact.payload;
    if (stream === 'live' || stream === 'reconnecting') this.book.running({ ...fact, output: 'stream' });
  }

  stopAll(fact: Fact, outputs: ReadonlySet<string>): void {
    this.book.stopAll(fact, outputs);
  }

  finish(untilMs: (connection: string) => number): void {
    this.book.finish(untilMs);
    for (const { breaks, end } of this.book.all) {
      const last = breaks.at(-1);
      if (!last || last.end) continue;
      // what was not back as it ended, ended with it
      last.end = end;
      last.cameBack = end?.ms == null ? null : false;
    }
  }

  private started(fact: Fact): void {
    const { payload } = fact;
    const already = payload.alreadyRunning === true;
    const startedMs = timeOf(payload.startedAt);
    // by a message that only finds it live, nobody started it
    const found: Fact = already ? { ...fact, action: null, cause: 'startup', expected: null } : fact;
    const one = this.book.begin(found, startedMs);
    this.describe(one, fact);
    if (fact.action === null && fact.cause === 'event') one.confirmedMs ??= fact.atMs;
  }

  private ended(fact: Fact): void {
    const final = valuesOf(fact.payload.final);
    const one = this.book.end(fact, durationOf(final.durationMs));
    if (!one) return;
    this.describe(one, fact);
    one.sizeBytes = countOf(final.sizeBytes) ?? one.sizeBytes;
    one.totalFrames = countOf(final.totalFrames) ?? one.totalFrames;
    one.droppedFrames = countOf(final.droppedFrames) ?? one.droppedFrames;
    one.averageBitrateKbps = countOf(final.averageBitrateKbps) ?? one.averageBitrateKbps;
  }

  /** The node's word of an end that the application has told of already, or the other way round. */
  private isToldFailure(fact: Fact): boolean {
    if (this.book.track(fact).open) return false;
    const before = this.failed.findLast(
      ({ fact: { connection, output } }) => connection === fact.connection && output === fact.output,
    );
    return before !== undefined && before.fact.atMs >= fact.begunMs - TOLD_TWICE_MS;
  }

  private endUnseen(fact: Fact): void {
    const { open } = this.book.track(fact);
    if (open) this.book.endMissing(open, fact.atMs);
  }

  private lost(fact: Fact): void {
    const one = this.book.running(fact);
    const last = one.breaks.at(-1);
    if (last && !last.end) return;
    one.breaks.push({ begin: this.outages.mark(fact, 'it was lost'), end: null, cameBack: null });
  }

  private back(fact: Fact): void {
    const one = this.book.running(fact);
    let last = one.breaks.at(-1);
    if (!last || last.end) {
      // told twice
      if (last?.end?.ms != null && fact.atMs - last.end.ms < 1_000) return;
      last = {
        begin: missing('its begin was not recorded', { notAfter: fact.atMs }),
        end: null,
        cameBack: true,
      };
      one.breaks.push(last);
    }
    last.end = fact.cause === 'resync' ? this.outages.mark(fact, 'it came back') : known(fact.atMs);
    last.cameBack = true;
  }

  private describe(one: StreamDraft, { payload }: Fact): void {
    one.target ??= textOf(payload.target);
    one.service ??= textOf(payload.service);
    one.server ??= textOf(payload.server);
  }
}
