import type { Fact } from './facts';
import { between, iso, missing, type Mark } from './marks';
import type { Outages } from './outages';
import { SessionBook, type Draft } from './sessions';
import type { WrittenFile } from './types';
import { durationOf, countOf, flagOf, textOf } from './values';

/** A file while the log is read: whose name comes at the end. */
export type FileDraft = Omit<WrittenFile, 'connection'>;

export interface RecordingDraft extends Draft {
  pauses: { begin: Mark; end: Mark | null }[];
  files: FileDraft[];
  recordedMs: number | null;
  sizeBytes: number | null;
}

/** An application's duration may differ from the clock's by the time its encoders need to begin and end. */
const DIFFERS_MS = 3_000;
const SEVERAL = 'the application tells one figure for all files together';

/** Follows the recording of every connection. */
export class RecordingBook {
  private readonly book: SessionBook<RecordingDraft>;

  constructor(private readonly outages: Outages) {
    this.book = new SessionBook('recording', outages, () => ({
      pauses: [],
      files: [],
      recordedMs: null,
      sizeBytes: null,
    }));
  }

  get all(): readonly RecordingDraft[] {
    return this.book.all;
  }

  take(fact: Fact): void {
    switch (fact.event) {
      case 'recording_started':
        return this.started(fact);
      case 'recording_paused':
        return this.paused(fact);
      case 'recording_resumed':
        return this.resumed(fact);
      case 'recording_file_changed':
        return this.changed(fact);
      case 'recording_stopped':
        return this.stopped(fact);
      default:
        if (fact.action === 'record-start' && fact.payload.alreadyRunning === true) this.started(fact);
    }
  }

  wasAsLost(fact: Fact): void {
    const { recording } = fact.payload;
    if (recording === 'recording' || recording === 'paused')
      this.book.running({ ...fact, output: 'recording' });
  }

  stopAll(fact: Fact, outputs: ReadonlySet<string>, pathOf: (output: string) => string | null): void {
    const before = this.book.all.findLast(({ connection }) => connection === fact.connection);
    this.book.stopAll(fact, outputs);
    const path = pathOf('recording');
    if (before && path !== null && outputs.has('recording'))
      this.file(before, { ...fact, payload: { outputPath: path, finished: true } });
  }

  finish(untilMs: (connection: string) => number): void {
    this.book.finish(untilMs);
    for (const one of this.book.all) {
      const last = one.pauses.at(-1);
      if (last) last.end ??= one.end;
      this.figures(one);
    }
  }

  private started(fact: Fact): void {
    const found: Fact =
      fact.payload.alreadyRunning === true
        ? { ...fact, action: null, cause: 'startup', expected: null }
        : fact;
    this.file(this.book.begin(found, null), fact);
  }

  private paused(fact: Fact): void {
    const one = this.book.running(fact);
    const last = one.pauses.at(-1);
    if (last && !last.end) return;
    if (
      fact.action !== null &&
      last?.end?.ms != null &&
      last.begin.ms !== null &&
      last.begin.ms >= fact.begunMs
    )
      return;
    const begin =
      fact.cause === 'startup'
        ? missing('its begin was not recorded', { notAfter: fact.atMs })
        : this.outages.mark(fact, 'it was paused');
    one.pauses.push({ begin, end: null });
  }

  private resumed(fact: Fact): void {
    const one = this.book.running(fact);
    const last = one.pauses.at(-1);
    if (last && !last.end) last.end = this.outages.mark(fact, 'it went on');
    else if (!last && fact.action === null)
      one.pauses.push({
        begin: missing('its begin was not recorded', { notAfter: fact.atMs }),
        end: this.outages.mark(fact, 'it went on'),
      });
  }

  private changed(fact: Fact): void {
    const one = this.book.running(fact);
    const path = textOf(fact.payload.outputPath);
    const last = one.files.at(-1);
    if (path === null || last?.path === path) return;
    if (last) {
      last.finished ??= true;
      last.at ??= iso(fact.atMs);
    }
    this.file(one, fact);
  }

  private stopped(fact: Fact): void {
    const one = this.book.end(fact, null);
    if (!one) return;
    this.file(one, fact);
    const told = durationOf(fact.payload.durationMs);
    if (fact.action !== null) {
      one.recordedMs = told ?? one.recordedMs;
      one.sizeBytes = countOf(fact.payload.sizeBytes) ?? one.sizeBytes;
    } else one.recordedMs ??= told;
    const last = one.files.at(-1);
    if (last && one.end) last.at ??= iso(one.end.ms);
  }

  /** The file that a message names, once. */
  private file(one: RecordingDraft, { payload }: Fact): void {
    const path = textOf(payload.outputPath);
    const finished = flagOf(payload.finished);
    let file = path === null ? one.files.at(-1) : one.files.find((known) => known.path === path);
    if (!file && path !== null) {
      file = {
        kind: 'recording',
        path,
        format: null,
        finished: null,
        at: null,
        durationMs: null,
        sizeBytes: null,
        reason: null,
      };
      one.files.push(file);
    }
    if (!file) return;
    file.format ??= textOf(payload.format);
    // what is still being written is not finished yet, which says nothing
    if (finished === true || (finished === false && payload.alreadyRunning !== false))
      file.finished = finished;
  }

  /** What was told of the whole belongs to its file, where there is only one. */
  private figures(one: RecordingDraft): void {
    const ran = one.end && between(one.begin, one.end);
    const pauses = one.pauses.map(({ begin, end }) => (end ? between(begin, end) : null));
    if (ran !== null && pauses.every((ms) => ms !== null)) {
      const expected = ran - pauses.reduce((sum, ms) => sum + ms, 0);
      // an application can tell what it read some time before the end
      if (one.recordedMs !== null && Math.abs(one.recordedMs - expected) > DIFFERS_MS + expected / 50)
        one.recordedMs = null;
    }
    for (const file of one.files) {
      if (one.files.length === 1) {
        file.durationMs = one.recordedMs;
        file.sizeBytes = one.sizeBytes;
      }
      if (file.durationMs === null || file.sizeBytes === null)
        file.reason = one.files.length > 1 ? SEVERAL : 'no recorded message tells it';
    }
  }
}
