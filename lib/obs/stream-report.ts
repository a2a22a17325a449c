import { isoTime, now } from '../connection/clock';
import type { StreamReport } from '../production/application';
import type { StreamMachine, StreamSample } from '../production/stream-machine';
import type { StreamTotals } from '../production/stream-totals';
import type { RequestData } from './session';
import type { ServiceInfo } from './stream-service';
import { number } from './values';

/** What is known of the one stream of an OBS. */
export interface KnownStream {
  readonly machine: StreamMachine;
  readonly totals: StreamTotals;
  readonly target: string | null;
  readonly info: ServiceInfo;
}

/** Why there is no figure of drops and congestion for this service; null where OBS gives them. */
export function uncounted(info: ServiceInfo): string | null {
  return info.countsDrops
    ? null
    : `OBS counts no drops and no congestion for ${info.service ?? 'this service'}`;
}

/** The stream as `status` reports it. */
export function reportOf({ machine, totals, target, info }: KnownStream): StreamReport {
  const active = machine.state !== 'idle' && machine.state !== 'unknown';
  const unknown: Record<string, string> = {};
  const bitrateKbps = active ? totals.bitrateKbps() : null;
  if (machine.state === 'unknown') unknown.state = 'OBS is not connected';
  if (active && bitrateKbps === null)
    unknown.bitrateKbps = 'fewer than two readings of this connection so far';
  const drops = uncounted(info);
  if (drops) unknown.droppedFrames = unknown.congestion = drops;
  const { sizeBytes, totalFrames, droppedFrames } = totals.totals();
  return {
    output: 'stream',
    state: machine.state,
    target,
    service: info.service,
    server: info.server,
    startedAt: active && machine.startedAtMs !== null ? isoTime(machine.startedAtMs) : null,
    durationMs: active && machine.startedAtMs !== null ? Math.round(now() - machine.startedAtMs) : null,
    sizeBytes: active ? sizeBytes : null,
    totalFrames: active ? totalFrames : null,
    droppedFrames: active && info.countsDrops ? droppedFrames : null,
    congestion: active && info.countsDrops ? totals.congestion : null,
    bitrateKbps,
    unknown,
  };
}

/** What GetStreamStatus answers, as the machine wants it. */
export function sampleOf(answer: RequestData): StreamSample {
  return {
    atMs: now(),
    active: answer.outputActive === true,
    reconnecting: answer.outputReconnecting === true,
    frames: number(answer.outputTotalFrames),
    droppedFrames: number(answer.outputSkippedFrames),
    bytes: number(answer.outputBytes),
    congestion: number(answer.outputCongestion),
  };
}
