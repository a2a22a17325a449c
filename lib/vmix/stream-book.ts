import { isoTime, now } from '../connection/clock';
import type { FinalFigures, StreamReport } from '../production/application';
import type { StreamState } from '../production/vocabulary';
import type { VmixChange } from './changes';
import type { StateNews, VmixClient } from './client';
import type { SetHere, StreamDesk } from './stream-desk';
import { channelOf, streamThing } from './things';

/** What a channel is doing, for whoever reports or judges it. */
export interface ChannelView {
  /** `stream1` … */
  output: string;
  /** from 1 */
  channel: number;
  state: StreamState;
  /** when it was seen to come on; null when it is off, or nobody saw it */
  startedAtMs: number | null;
  /** since when it has been seen on; it may have been on before. Null when it is off */
  onSinceMs: number | null;
  target: string | null;
  service: string | null;
  server: string | null;
  /** for each of these that is null: why, where that is not plain */
  unknown: Record<string, string>;
}

const NO_FIGURES = 'vMix tells no figures of its streams';
const NO_TARGET =
  'vMix does not tell where a channel streams to, and it was not set from here since Node-RED started';
const NOT_SEEN = 'it ran already when the connection was made';
const UNSEEN: Span = { startedAtMs: null, onSinceMs: null };

interface Span {
  startedAtMs: number | null;
  onSinceMs: number | null;
}

/** How a channel ran that has ended. */
interface Ended extends Span {
  endedAtMs: number;
  set: SetHere | null;
}

/** Why each figure of a stream that vMix does not have is null. */
export function noFigures(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, NO_FIGURES]));
}

/** The final figures of a stream of vMix: how long it was seen on, and nothing more. */
export function finalOf(
  startedAtMs: number | null,
  endedAtMs: number,
): { final: FinalFigures; unknown: Record<string, string> } {
  return {
    final: {
      sizeBytes: null,
      totalFrames: null,
      droppedFrames: null,
      durationMs: startedAtMs === null ? null : Math.round(endedAtMs - startedAtMs),
      averageBitrateKbps: null,
    },
    unknown: {
      ...noFigures(['sizeBytes', 'totalFrames', 'droppedFrames', 'averageBitrateKbps']),
      ...(startedAtMs === null ? { durationMs: NOT_SEEN } : {}),
    },
  };
}

/** Follows the streaming channels of one vMix: since when each is on, and what is known of where it goes. */
export class StreamBook {
  private readonly spans = new Map<number, Span>();
  private readonly ended = new Map<number, Ended>();
  /** the last number of channels that was seen */
  private count: number | null = null;

  constructor(
    private readonly client: VmixClient,
    private readonly desk: StreamDesk,
    private readonly channelsSet: number | null,
  ) {}

  /** Another state was read; to be called before its changes are told. */
  see({ state, previous, restarted }: StateNews, atMs = now()): void {
    this.count = state.streaming.channelCount;
    for (const [name, on] of Object.entries(state.streaming.channels)) {
      const channel = Number(name);
      const span = this.spans.get(channel);
      if (span && (on === false || restarted)) this.end(channel, span, atMs);
      if (on === true && !this.spans.has(channel)) {
        // what the very first state shows was on before, nobody knows since when
        const seen = previous?.streaming.channels[channel] === false || restarted;
        this.spans.set(channel, { startedAtMs: seen ? atMs : null, onSinceMs: atMs });
      }
      if (on === false) this.desk.wentOff(channel);
    }
  }

  /** Since when the channel has been on, as far as it was seen. */
  spanOf(channel: number): Readonly<Span> {
    return this.spans.get(channel) ?? UNSEEN;
  }

  /** How many channels it has, by its version and its connection; five where nobody knows yet. */
  get channelCount(): number {
    const version = this.count ?? 5;
    return Math.min(this.channelsSet ?? version, version);
  }

  /** Something streams, and the document does not say on which channel (vMix 21). */
  get isUnnamed(): boolean {
    const streaming = this.client.state?.streaming;
    return streaming?.on === true && Object.values(streaming.channels).every((on) => on === null);
  }

  stateOf(channel: number): StreamState {
    const { state } = this.client;
    if (!state) return 'unknown';
    if (this.desk.stopping.has(channel)) return 'stopping';
    if (this.desk.starting.get(channel)?.begun) return 'starting';
    const on = state.streaming.channels[channel];
    return on === true ? 'live' : on === false ? 'idle' : 'unknown';
  }

  view(channel: number): ChannelView {
    const state = this.stateOf(channel);
    const { startedAtMs, onSinceMs } = this.spanOf(channel);
    const set = state === 'idle' ? null : this.desk.setHere(channel);
    const unknown: Record<string, string> = {};
    if (state === 'unknown')
      unknown.state = this.client.state
        ? 'this vMix does not say which of its channels streams'
        : 'vMix is not connected';
    if (state !== 'idle' && !set?.target) unknown.target = NO_TARGET;
    if (state === 'live' && startedAtMs === null) unknown.startedAt = unknown.durationMs = NOT_SEEN;
    return {
      output: streamThing(channel),
      channel,
      state,
      startedAtMs,
      onSinceMs,
      target: set?.target ?? null,
      service: set?.service ?? null,
      server: set?.server ?? null,
      unknown,
    };
  }

  /** Every channel, by its number. */
  views(): ChannelView[] {
    return Array.from({ length: this.channelCount }, (_, index) => this.view(index + 1));
  }

  /** The channels as `status` reports streams. */
  list(): StreamReport[] {
    return this.views().map(({ output, state, startedAtMs, target, service, server, unknown }) => {
      const runs = state === 'live' || state === 'starting' || state === 'stopping';
      const known = runs && startedAtMs !== null;
      return {
        output,
        state,
        target,
        service,
        server,
        startedAt: known ? isoTime(startedAtMs) : null,
        durationMs: known ? Math.round(now() - startedAtMs) : null,
        sizeBytes: null,
        totalFrames: null,
        droppedFrames: null,
        bitrateKbps: null,
        congestion: null,
        unknown: {
          ...unknown,
          ...noFigures(['sizeBytes', 'totalFrames', 'droppedFrames', 'bitrateKbps', 'congestion']),
        },
      };
    });
  }

  /** A change of a channel with everything known of it; any other as it came. */
  describe(change: VmixChange): VmixChange {
    const channel = change.output === null ? null : channelOf(change.output);
    if (channel === null || !/^stream_/.test(change.event)) return change;
    const ends = /_(stopped|failed)$/.test(change.event);
    return {
      ...change,
      payload: { ...change.payload, ...(ends ? this.endOf(channel) : this.startOf(channel)) },
    };
  }

  /** What every payload of this channel holds. */
  about(channel: number): Record<string, unknown> {
    const set = this.desk.setHere(channel);
    return { ...whereOf(channel, set), unknown: whyNoTarget(set) };
  }

  /** What the payload of a start holds. */
  startOf(channel: number): Record<string, unknown> {
    const { startedAtMs } = this.spanOf(channel);
    const set = this.desk.setHere(channel);
    return {
      ...whereOf(channel, set),
      startedAt: startedAtMs === null ? null : isoTime(startedAtMs),
      bitrateKbps: null,
      unknown: {
        ...whyNoTarget(set),
        ...(startedAtMs === null ? { startedAt: NOT_SEEN } : {}),
        ...noFigures(['bitrateKbps']),
      },
    };
  }

  /** What the payload of an end holds; `final` is null for what was never seen on. */
  endOf(channel: number): Record<string, unknown> {
    const ended = this.ended.get(channel);
    const set = ended ? ended.set : this.desk.setHere(channel);
    const figures = ended ? finalOf(ended.startedAtMs, ended.endedAtMs) : null;
    return {
      ...whereOf(channel, set),
      final: figures?.final ?? null,
      unknown: { ...whyNoTarget(set), ...figures?.unknown },
    };
  }

  /** How the channel ran that ended last; null where none was seen to. */
  lastEnd(channel: number): Readonly<Ended> | null {
    return this.ended.get(channel) ?? null;
  }

  /** A start begins: what ended before is none of it. */
  beginAnew(channel: number): void {
    this.ended.delete(channel);
  }

  private end(channel: number, span: Span, endedAtMs: number): void {
    this.ended.set(channel, { ...span, endedAtMs, set: this.desk.setHere(channel) });
    this.spans.delete(channel);
    this.desk.wentOff(channel);
  }
}

function whereOf(channel: number, set: SetHere | null): Record<string, unknown> {
  return {
    output: streamThing(channel),
    channel,
    target: set?.target ?? null,
    service: set?.service ?? null,
    server: set?.server ?? null,
  };
}

function whyNoTarget(set: SetHere | null): Record<string, string> {
  return set?.target ? {} : { target: NO_TARGET };
}
