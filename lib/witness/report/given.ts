import {
  between,
  certain,
  iso,
  merged,
  missing,
  momentOf,
  totalMs,
  without,
  type Interval,
  type Mark,
} from './marks';
import type { RecordingDraft } from './recordings';
import type { Draft } from './sessions';
import type { StreamDraft } from './streams';
import type { Interruption, RecordingSession, Session, StreamSession, WrittenFile } from './types';

/** The end, which every session has once all is read. */
export const endOf = ({ begin, end }: Pick<Draft, 'begin' | 'end'>): Mark => end ?? begin;

/** A stream as it is given out. `heard`: its application tells of its streams, so that no interruption means none. */
export function streamOf(one: StreamDraft, session: Session, heard: boolean): StreamSession {
  const interruptions = one.breaks.map(({ begin, end, cameBack }): Interruption => {
    const ended = end ?? missing('the record does not tell', { notBefore: begin.ms ?? undefined });
    return {
      connection: session.connection,
      output: session.output,
      begin: momentOf(begin),
      end: momentOf(ended),
      durationMs: between(begin, ended),
      cameBack,
    };
  });
  const { target, service, server, sizeBytes, totalFrames, droppedFrames, averageBitrateKbps } = one;
  const durations = interruptions.map(({ durationMs }) => durationMs);
  return {
    ...session,
    target,
    service,
    server,
    confirmedAt: iso(one.confirmedMs),
    sizeBytes,
    totalFrames,
    droppedFrames,
    averageBitrateKbps,
    interruptions,
    interruptedMs:
      (!heard && !durations.length) || durations.includes(null)
        ? null
        : durations.reduce<number>((sum, ms) => sum + ms!, 0),
  };
}

/** A recording as it is given out. */
export function recordingOf(one: RecordingDraft, session: Session): RecordingSession {
  const pauses = one.pauses.map(({ begin, end }) => {
    const ended = end ?? missing('the record does not tell', { notBefore: begin.ms ?? undefined });
    return { begin: momentOf(begin), end: momentOf(ended), durationMs: between(begin, ended) };
  });
  const durations = pauses.map(({ durationMs }) => durationMs);
  const files = one.files.map((file): WrittenFile => ({ ...file, connection: session.connection }));
  return {
    ...session,
    pauses,
    pausedMs: durations.includes(null) ? null : durations.reduce<number>((sum, ms) => sum + ms!, 0),
    recordedMs: one.recordedMs,
    sizeBytes: one.sizeBytes,
    files,
  };
}

/**
 * How long a recording ran within a time, ms, without its pauses. Of one that lies whole in it the application's own figure counts; of a part
 * only the clock can tell.
 */
export function recordedWithin(one: RecordingDraft, { from, to }: Interval): number {
  const sure = certain(one.begin, endOf(one));
  if (sure.from >= from && sure.to <= to) return one.recordedMs ?? between(one.begin, endOf(one)) ?? 0;
  const part = { from: Math.max(sure.from, from), to: Math.min(sure.to, to) };
  const pauses = one.pauses.map(({ begin, end }) => certain(begin, end ?? endOf(one)));
  return totalMs(without(merged([part]), merged(pauses)));
}
