import { isoTime, now } from '../connection/clock';
import { fail, LiveError } from '../errors';
import type { StartedStream, StartStreamOptions } from '../production/application';
import { CONFIRM_MS } from '../production/stream-machine';
import type { EventName } from '../production/vocabulary';
import { hold } from '../secrets';
import { isUnanswered } from './faults';
import { streamValue } from './functions/numbers';
import { noFigures } from './stream-book';
import type { Starting } from './stream-desk';
import { endChannel, unnamed, type StreamParts } from './stream-stop';
import { tellStream } from './stream-told';
import { StartWatch, type StartVerdict } from './stream-watch';
import { settingCalls, type Wish } from './stream-wishes';
import { streamThing } from './things';

/** A look may come this much late while a start is being confirmed. */
const LOOKS_MAY_LAG_MS = 15_000;
/** A start that vMix did not answer shows within this time, or was not taken. */
const UNANSWERED_MS = 5_000;
const ACTION = 'the start of the stream';

/** One start of one channel, confirmed; see `run`. */
export class ChannelStart {
  private readonly confirmMs: number;
  private readonly signal: AbortSignal;
  private readonly channel: number;

  constructor(
    private readonly parts: StreamParts,
    private readonly wish: Wish,
    private readonly options: StartStreamOptions,
    private readonly starting: Omit<Starting, 'result'>,
  ) {
    this.confirmMs = options.confirmMs ?? CONFIRM_MS;
    this.signal = starting.cancelling.signal;
    this.channel = wish.channel;
  }

  /** Start and confirm, or find it running. Rejects with a coded error. */
  async run(): Promise<StartedStream> {
    const { desk, looks } = this.parts;
    const letGo = [hold(this.wish.settings?.key), hold(this.wish.settings?.password)];
    try {
      await desk.stopping.get(this.channel)?.result.catch(() => undefined);
      const { streaming } = await looks.now(ACTION, this.signal);
      const on = streaming.channels[this.channel];
      if (on !== true && on !== false)
        throw unnamed(this.parts.client, `whether channel ${this.channel} is free`);
      if (on && (await this.isWanted())) return await this.alreadyOn();
      return await this.startOff();
    } finally {
      for (const release of letGo) release();
    }
  }

  /** Whether what runs is what was wanted; a channel that goes elsewhere is stopped where wished. Throws STREAM_LIVE_ELSEWHERE. */
  private async isWanted(): Promise<boolean> {
    const { settings, told } = this.wish;
    const set = this.parts.desk.setHere(this.channel);
    if (!settings || set?.print === told.print) return true;
    if (this.options.ifLiveElsewhere !== 'restart') throw this.elsewhere(set?.target ?? null);
    await endChannel(this.parts, this.channel);
    if (this.signal.aborted) throw fail('STREAM_START_CANCELLED');
    return false;
  }

  private elsewhere(current: string | null): LiveError {
    return fail('STREAM_LIVE_ELSEWHERE', {
      where: `channel ${this.channel} of vMix`,
      current: current ?? 'a target that vMix does not tell',
      target: this.wish.told.target ?? 'the target set in vMix',
    });
  }

  /** It is on; what has only just come on has to hold like any other. It is not ours, so it is left alone. */
  private async alreadyOn(): Promise<StartedStream> {
    const { onSinceMs } = this.parts.book.spanOf(this.channel);
    const watch = new StartWatch(now(), this.confirmMs, onSinceMs ?? now());
    if (watch.look(now(), true) !== 'live') {
      const verdict = await this.watched(watch);
      if (verdict !== 'live') throw this.dropped(watch);
    }
    return this.report(true);
  }

  private async startOff(): Promise<StartedStream> {
    const { client, desk, book } = this.parts;
    const { told } = this.wish;
    const thing = streamThing(this.channel);
    let release = (): void => undefined;
    try {
      await this.set();
      const begin = () => {
        this.throwUnlessOff();
        // from here on it may go live, so from here on it is told
        this.starting.begun = true;
        desk.remember(this.channel, told);
        book.beginAnew(this.channel);
        release = client.confirming(thing);
        this.tell('stream_starting', { expected: true, previous: 'idle', state: 'starting' });
      };
      const unanswered = await client
        .call({ name: 'StartStreaming', value: streamValue(this.channel) }, { unless: begin })
        .then(() => null)
        .catch((error: unknown) => {
          if (!this.starting.begun || !isUnanswered(error)) throw error;
          return error;
        });
      await this.confirm(unanswered);
      this.starting.begun = false;
      this.tell('stream_started', { expected: true, previous: 'starting', state: 'live' });
      return this.report(false);
    } catch (error) {
      this.failed(error);
      throw error;
    } finally {
      release();
    }
  }

  /** Address and key, while the channel is off: what setting a live one does, nobody knows. */
  private async set(): Promise<void> {
    const { client, desk } = this.parts;
    const { settings } = this.wish;
    if (!settings) return;
    for (const call of settingCalls(this.channel, settings, desk.hasLogin(this.channel)))
      await client.call(call, { unless: () => this.throwUnlessOff() });
    desk.gotLogin(this.channel, settings.user !== '' || settings.password !== '');
  }

  private throwUnlessOff(): void {
    if (this.signal.aborted) throw fail('STREAM_START_CANCELLED');
    if (this.parts.client.state?.streaming.channels[this.channel] === true) throw this.elsewhere(null);
  }

  /** Rejects unless the channel comes on and stays on; one that does not is stopped where wished. */
  private async confirm(unanswered: LiveError | null): Promise<void> {
    const watch = new StartWatch(now(), this.confirmMs, null, unanswered ? UNANSWERED_MS : undefined);
    const verdict = await this.watched(watch);
    if (verdict === 'live') return;
    if (verdict === 'dropped') throw this.dropped(watch);
    const outcome =
      this.options.onUnstable === 'leave' ? 'It was left as it is.' : await this.stoppedForSure();
    throw (
      unanswered ??
      fail('VMIX_STREAM_NOT_ON', {
        channel: this.channel,
        server: this.server,
        seconds: Math.round((watch.limitMs - this.confirmMs) / 1000),
        outcome,
      })
    );
  }

  private watched(watch: StartWatch): Promise<StartVerdict> {
    return this.parts.looks.until<StartVerdict>(
      ({ streaming }) => {
        const on = streaming.channels[this.channel];
        if (on !== true && on !== false)
          throw unnamed(this.parts.client, `whether channel ${this.channel} is live`);
        const verdict = watch.look(now(), on);
        return verdict === 'waiting' ? undefined : verdict;
      },
      watch.limitMs + LOOKS_MAY_LAG_MS,
      ACTION,
      { signal: this.signal },
    );
  }

  /** Nothing shows, and it must not go live when nobody expects it any more. */
  private stoppedForSure(): Promise<string> {
    const stop = { name: 'StopStreaming', value: streamValue(this.channel) };
    return this.parts.client.call(stop, { priority: 'stop' }).then(
      () => 'The start was taken back.',
      () => 'Taking the start back failed.',
    );
  }

  private dropped({ onSinceMs }: StartWatch): LiveError {
    return fail('VMIX_STREAM_DROPPED', {
      channel: this.channel,
      server: this.server,
      seconds: Math.max(1, Math.round((now() - (onSinceMs ?? now())) / 1000)),
    });
  }

  /** Whoever has heard that it starts has to hear what became of it. */
  private failed(error: unknown): void {
    const { desk, told, client, book } = this.parts;
    const { begun } = this.starting;
    const code = error instanceof LiveError ? error.code : null;
    if (!begun || code === 'VMIX_CLOSED') return;
    // a stop or the next state says how it ends
    if (this.signal.aborted) return told.cancel(this.channel);
    if (client.status.state !== 'ready') return;
    this.starting.begun = false;
    // it is on, and nobody could see whether it holds: the next state tells of it
    if (book.spanOf(this.channel).onSinceMs !== null) return;
    const state = code === 'VMIX_CHANNEL_UNNAMED' ? 'unknown' : 'idle';
    this.tell('stream_failed', { expected: false, previous: 'starting', state });
    desk.forget(this.channel);
  }

  private get server(): string {
    return this.wish.told.server ?? 'the destination set in vMix';
  }

  private tell(event: EventName, more: { expected: boolean; previous: string; state: string }): void {
    tellStream(this.parts, event, this.channel, more);
  }

  private report(alreadyRunning: boolean): StartedStream {
    const { startedAtMs, target, service, server, unknown } = this.parts.book.view(this.channel);
    return {
      output: streamThing(this.channel),
      state: 'live',
      target,
      service,
      server,
      startedAt: startedAtMs === null ? null : isoTime(startedAtMs),
      confirmed: true,
      bitrateKbps: null,
      alreadyRunning,
      unknown: { ...unknown, ...noFigures(['bitrateKbps']) },
    };
  }
}
