import { now } from '../connection/clock';
import { asLiveError, fail } from '../errors';
import type {
  StartedStream,
  StartStreamOptions,
  StoppedStream,
  StreamReport,
  Streams,
  StreamStarted,
  StreamStopped,
} from '../production/application';
import type { EventHub } from '../production/event-hub';
import { SomeStreamsFailed } from '../production/some-streams-failed';
import type { StreamState } from '../production/vocabulary';
import { WantedStarts } from '../production/wanted-starts';
import { redactText } from '../secrets';
import type { VmixChange } from './changes';
import type { StateNews, VmixClient } from './client';
import { StreamBook, type ChannelView } from './stream-book';
import { deskOf, heard, joined, type Starting } from './stream-desk';
import { Looks } from './stream-looks';
import { ChannelStart } from './stream-start';
import { stoppedTogether, together } from './stream-sums';
import { stopChannel, type StreamParts } from './stream-stop';
import { ToldStreams } from './stream-told';
import { checkChannels, wishesOf, type Wish } from './stream-wishes';
import { channelOf, streamThing } from './things';

/** From the one that matters most. */
const ALIVE: readonly StreamState[] = ['live', 'reconnecting', 'starting', 'stopping', 'unknown', 'idle'];

export interface VmixStreamsOptions {
  host: string;
  port: number;
  /** what the connection says; null: as the version has */
  channels: number | null;
}

/** One channel of a start: begun by it, or one under way that it joined. */
interface Part {
  wish: Wish;
  starting: Starting;
  own: boolean;
  result: Promise<StartedStream>;
}

/**
 * The streaming channels of one vMix: several may start at once, each to its own target. Equal starts of a channel join, whichever
 * connection of this process asks; a stop wins over a start that is being confirmed.
 */
export class VmixStreams implements Streams {
  private readonly parts: StreamParts;
  private readonly release: () => void;
  private readonly wanted = new WantedStarts();

  constructor(
    private readonly client: VmixClient,
    hub: EventHub,
    private readonly options: VmixStreamsOptions,
  ) {
    const { desk, release } = deskOf(options.host, options.port);
    this.release = release;
    this.parts = {
      client,
      desk,
      hub,
      looks: new Looks(client),
      book: new StreamBook(client, desk, options.channels),
      told: new ToldStreams(desk),
    };
  }

  /** To be called with each state that is read: the changes to be told, with what is known of the streams in them. */
  follow(news: StateNews): VmixChange[] {
    const { book, told } = this.parts;
    book.see(news);
    const changes = news.changes.map((change) => this.askedElsewhere(change));
    const at = { askedAt: news.answer.askedAt, atMs: now() };
    return told.read(changes, news.state, at).map((change) => book.describe(change));
  }

  /** Another connection of this process to the same vMix may have asked for it. */
  private askedElsewhere(change: VmixChange): VmixChange {
    const channel = change.output === null ? null : channelOf(change.output);
    if (channel === null || change.expected !== null) return change;
    const { desk } = this.parts;
    const asked =
      (change.event === 'stream_started' && desk.setHere(channel) !== null) ||
      (change.event === 'stream_stopped' && desk.wasStopped(channel, now()));
    return asked ? { ...change, expected: true } : change;
  }

  /** A change as `follow` gives it, for what is told at the start. */
  describe(change: VmixChange): VmixChange {
    return this.parts.book.describe(change);
  }

  state(channels?: readonly number[]): StreamState {
    const { book } = this.parts;
    if (book.isUnnamed) return 'live';
    const states = (channels ?? book.views().map(({ channel }) => channel)).map((one) => book.stateOf(one));
    return ALIVE.find((state) => states.includes(state)) ?? 'unknown';
  }

  /** Each channel by its number: what it does, since when, and where it goes as far as that is known. */
  views(): ChannelView[] {
    return this.parts.book.views();
  }

  /** The same as `status` reports streams. */
  list(): StreamReport[] {
    return this.parts.book.list();
  }

  /**
   * Start channels and confirm each. Without `channels` it is the first one. Rejects with a coded error before anything is sent
   * where that can be known, with `SomeStreamsFailed` where some of several failed.
   */
  async start(options: StartStreamOptions): Promise<StreamStarted> {
    const wishes = wishesOf(options);
    await this.client.whenReady(0);
    const { streaming, version } = this.client.state!;
    const chosen = wishes.map(({ channel }) => channel);
    checkChannels(chosen, {
      set: this.options.channels,
      version: streaming.channelCount,
      versionText: String(version.major),
    });
    const wanted = this.wanted.wanted('stream', chosen);
    await this.cancelledOver(wishes);
    if (!wanted()) throw fail('STREAM_START_CANCELLED');
    const parts = this.begin(wishes, options);
    const [first] = parts;
    if (parts.length === 1) return together([await first!.result]);
    return this.several(parts, options.ifOneFails === 'stop');
  }

  /** Stop these channels, or all that run, each by its own number. */
  async stop(channels?: readonly number[]): Promise<StreamStopped> {
    this.cancelStarts(channels);
    await this.client.whenReady(0);
    if (channels) {
      const { streaming, version } = this.client.state!;
      checkChannels(channels, {
        set: this.options.channels,
        version: streaming.channelCount,
        versionText: String(version.major),
      });
    }
    const ends = new Map<number, Promise<StoppedStream>>();
    const end = (channel: number) => {
      if (!ends.has(channel)) ends.set(channel, heard(stopChannel(this.parts, channel)));
    };
    if (channels) channels.forEach(end);
    else await this.forRunning(end);
    const chosen = [...ends.keys()].sort((one, other) => one - other);
    const settled = await Promise.allSettled(chosen.map((channel) => ends.get(channel)!));
    const streams = settled.map((one, at): StoppedStream => {
      if (one.status === 'fulfilled') return one.value;
      const channel = chosen[at]!;
      const { code, message } = asLiveError(one.reason);
      return {
        output: streamThing(channel),
        state: this.parts.book.stateOf(channel),
        wasRunning: true,
        final: null,
        error: { code, message: redactText(message) },
      };
    });
    const failures = settled.flatMap((one) => (one.status === 'rejected' ? [asLiveError(one.reason)] : []));
    if (failures.length === 0) return stoppedTogether(streams);
    throw streams.length === 1 ? failures[0]! : new SomeStreamsFailed('stop', streams);
  }

  /** Starts under way of these channels, or of all, are not wanted any more. */
  cancelStarts(channels?: readonly number[]): void {
    this.wanted.cancel('stream', channels);
    this.parts.desk.cancel(channels);
  }

  close(): void {
    this.release();
  }

  /** What shows live and what is being started, at once; then what a fresh look shows. An old vMix may name none: then each. */
  private async forRunning(end: (channel: number) => void): Promise<void> {
    const { looks, desk, book } = this.parts;
    const live = (channels: Readonly<Record<number, boolean | null>>) =>
      Object.entries(channels).flatMap(([channel, on]) => (on === true ? [Number(channel)] : []));
    const known = [...live(this.client.state?.streaming.channels ?? {}), ...desk.starting.keys()];
    known.forEach(end);
    const look = looks.now('the stop of the stream').then(({ streaming }) => live(streaming.channels));
    const found = await (known.length > 0 ? look.catch(() => []) : look);
    found.forEach(end);
    if (known.length + found.length === 0 && book.isUnnamed)
      for (const { channel } of book.views()) end(channel);
  }

  /** A start that was cancelled is over before the next one of its channel begins. */
  private async cancelledOver(wishes: readonly Wish[]): Promise<void> {
    for (;;) {
      const over = wishes
        .map(({ channel }) => this.parts.desk.starting.get(channel))
        .find((starting) => starting?.cancelling.signal.aborted);
      if (!over) return;
      await over.result.catch(() => undefined);
    }
  }

  /** All of them or, with STREAM_BUSY, none. */
  private begin(wishes: readonly Wish[], options: StartStreamOptions): Part[] {
    const { starting: present } = this.parts.desk;
    const keyOf = ({ told }: Wish) =>
      JSON.stringify([told, options.confirmMs, options.ifLiveElsewhere, options.onUnstable]);
    for (const wish of wishes) {
      const other = present.get(wish.channel);
      if (other && other.key !== keyOf(wish))
        throw fail('STREAM_BUSY', { where: `channel ${wish.channel} of this vMix`, target: other.label });
    }
    return wishes.map((wish): Part => {
      const other = present.get(wish.channel);
      if (other) {
        const anew = async () => this.begin([wish], options)[0]!.result;
        return { wish, starting: other, own: false, result: heard(joined(other, this.client, anew)) };
      }
      const label = wish.told.target ?? 'the target set in vMix';
      const cancelling = new AbortController();
      const about = { key: keyOf(wish), label, cancelling, begun: false, owner: this.client };
      const start = new ChannelStart(this.parts, wish, options, about);
      const over = () => this.parts.desk.over('starting', wish.channel, performance.now());
      const result = heard(start.run().finally(over));
      const starting = Object.assign(about, { result });
      present.set(wish.channel, starting);
      return { wish, starting, own: true, result };
    });
  }

  private async several(parts: readonly Part[], stopOthers: boolean): Promise<StreamStarted> {
    let giveUp = false;
    const settled = await Promise.allSettled(
      parts.map(({ result }) =>
        result.catch((error: unknown) => {
          // somebody who stops one of them does not mean the others
          if (stopOthers && !giveUp && asLiveError(error).code !== 'STREAM_START_CANCELLED') {
            giveUp = true;
            for (const other of parts) if (other.own) other.starting.cancelling.abort();
          }
          throw error;
        }),
      ),
    );
    const failures = settled.flatMap((end) => (end.status === 'rejected' ? [asLiveError(end.reason)] : []));
    if (failures.length === 0)
      return together(settled.map((end) => (end as PromiseFulfilledResult<StartedStream>).value));
    const [first] = failures;
    // one reason for all of them is said once
    if (failures.length === parts.length && failures.every(({ message }) => message === first!.message))
      throw first!;
    const streams = await Promise.all(settled.map((end, at) => this.endedUp(parts[at]!, end, giveUp)));
    throw new SomeStreamsFailed('start', streams);
  }

  /** What became of one of several; one that was begun here and is not to go on alone is stopped. */
  private async endedUp(
    { wish, own, starting }: Part,
    end: PromiseSettledResult<StartedStream>,
    giveUp: boolean,
  ): Promise<StartedStream> {
    const failed = end.status === 'rejected' ? asLiveError(end.reason) : null;
    const began =
      own &&
      (end.status === 'fulfilled' ? !end.value.alreadyRunning : failed?.code === 'STREAM_START_CANCELLED');
    if (giveUp && began) {
      const stopped = await stopChannel(this.parts, wish.channel, starting.begun).catch(asLiveError);
      return this.notLive(wish, stopped instanceof Error ? stopped : null);
    }
    return end.status === 'fulfilled' ? end.value : this.notLive(wish, failed);
  }

  private notLive({ channel, told }: Wish, error: Error | null): StartedStream {
    const { target, service, server } = told;
    const said = error && asLiveError(error);
    return {
      output: streamThing(channel),
      state: this.parts.book.stateOf(channel),
      target,
      service,
      server,
      startedAt: null,
      confirmed: false,
      bitrateKbps: null,
      alreadyRunning: false,
      ...(said ? { error: { code: said.code, message: redactText(said.message) } } : {}),
    };
  }
}
