import { fail } from '../errors';
import type { StartStreamOptions, Streams, StreamStarted, StreamStopped } from '../production/application';
import type { StreamState } from '../production/vocabulary';
import type { ObsClient } from './client';
import { ServiceKeeper } from './service-keeper';
import { settingsFor } from './stream-service';
import { StreamStart } from './stream-start';
import { StreamStop } from './stream-stop';
import type { StreamTracker } from './stream-tracker';
import { StreamWaits } from './stream-waits';

interface Starting {
  key: string;
  label: string;
  cancelled: boolean;
  result: Promise<StreamStarted>;
}

/** Starts and stops the one stream of an OBS: equal starts join, and a stop wins over a start. */
export class ObsStreams implements Streams {
  private starting: Starting | null = null;
  private readonly keeper: ServiceKeeper;
  private readonly stopper: StreamStop;
  private readonly starter: StreamStart;

  constructor(
    client: ObsClient,
    private readonly tracker: StreamTracker,
    warn: (text: string) => void,
  ) {
    const waits = new StreamWaits(client, tracker);
    this.stopper = new StreamStop(client, tracker, waits);
    this.keeper = new ServiceKeeper(client, tracker, waits, warn);
    this.starter = new StreamStart(client, tracker, waits, this.stopper, this.keeper, warn);
  }

  state(): StreamState {
    return this.tracker.state;
  }

  /** Start and confirm; two equal calls join one start. Rejects with a coded error and then leaves OBS idle. */
  async start(options: StartStreamOptions): Promise<StreamStarted> {
    if (options.channels)
      throw fail('STREAM_CHANNEL_MISSING', {
        application: 'OBS',
        channel: options.channels.map(({ channel }) => channel).join(', '),
        advice: 'it sends one stream. Choose where that goes.',
      });
    const wanted = options.target ? settingsFor(options.target) : null;
    const key = JSON.stringify([wanted, options]);
    // a start that was cancelled is over before this one begins
    while (this.starting?.cancelled) await this.starting.result.catch(() => undefined);
    if (this.starting?.key === key) return this.starting.result;
    if (this.starting) throw fail('STREAM_BUSY', { where: 'this OBS', target: this.starting.label });
    const label = options.target?.name ?? 'the target set in OBS';
    const starting: Omit<Starting, 'result'> = { key, label, cancelled: false };
    const result = this.starter
      .run(options, wanted, () => starting.cancelled)
      .finally(() => (this.starting = null));
    this.starting = Object.assign(starting, { result });
    return result;
  }

  /** Stop and wait until it has. Waits out a start in progress, which OBS cannot cancel. */
  async stop(): Promise<StreamStopped> {
    const { starting } = this;
    this.cancelStart();
    // a start that has not reached OBS yet would otherwise go live after we said that nothing runs
    await starting?.result.catch(() => undefined);
    return this.stopper.now();
  }

  /** Whether a start is under way here, in whatever phase. */
  get isStarting(): boolean {
    return this.starting !== null;
  }

  /** A start that is under way here is not wanted any more. */
  cancelStart(): void {
    if (!this.starting) return;
    this.starting.cancelled = true;
    this.tracker.wake();
  }

  /** After a reconnect: settings that wait to be put back, if the stream has ended meanwhile. */
  resynced(): void {
    void this.keeper.putBack();
  }
}
