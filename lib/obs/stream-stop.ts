import { now } from '../connection/clock';
import { fail } from '../errors';
import type { FinalFigures, StreamStopped } from '../production/application';
import type { ObsClient } from './client';
import { streamDelayMs } from './delay';
import { refusedWith } from './session';
import { Status } from './status-codes';
import type { StreamTracker } from './stream-tracker';
import type { StreamWaits } from './stream-waits';

const STOP_MS = 15_000;

/** Stops the one stream of an OBS, confirmed. Every request of it goes before the actions that wait. */
export class StreamStop {
  private stopping: Promise<StreamStopped> | null = null;

  constructor(
    private readonly client: ObsClient,
    private readonly tracker: StreamTracker,
    private readonly waits: StreamWaits,
  ) {}

  /** Stop and wait until it has; two at once are one. Rejects with STREAM_STOP_TIMEOUT. */
  now(): Promise<StreamStopped> {
    this.stopping ??= this.run().finally(() => (this.stopping = null));
    return this.stopping;
  }

  /** Nothing half-way: no start of somebody else's that connects, no stop that is not done. */
  async settled(): Promise<void> {
    await this.waits.connectingOver();
    if (this.stopping) await this.stopping.catch(() => undefined);
    if (this.tracker.state === 'stopping')
      await this.tracker.until(
        () => (this.tracker.state === 'stopping' ? undefined : true),
        STOP_MS + this.tracker.machine.delayMs,
      );
    if (this.tracker.state === 'idle') await this.waits.inactive();
  }

  private async run(): Promise<StreamStopped> {
    const { tracker, client } = this;
    await this.waits.connectingOver();
    const sample = await tracker.read('stop');
    if (!sample?.active && (tracker.state === 'idle' || tracker.state === 'starting'))
      return stopped(false, null);
    const startedAtMs = tracker.machine.startedAtMs;
    const limit = STOP_MS + (await streamDelayMs(client, { priority: 'stop' }));
    if (tracker.state !== 'stopping') {
      try {
        // once only: with a stream delay a second one cuts the rest off
        await client.call('StopStream', undefined, { priority: 'stop' });
      } catch (error) {
        if (!refusedWith(error, Status.OutputNotRunning)) throw error;
      }
    }
    const idle = await tracker.until(() => {
      this.waits.throwIfLost();
      return tracker.state === 'idle' ? true : undefined;
    }, limit);
    const endedAtMs = now();
    if (!idle)
      throw fail('STREAM_STOP_TIMEOUT', { application: 'OBS', seconds: limit / 1000, state: tracker.state });
    await this.waits.inactive();
    return stopped(true, await tracker.final(startedAtMs, endedAtMs));
  }
}

function stopped(wasRunning: boolean, final: FinalFigures | null): StreamStopped {
  const stream = { output: 'stream', state: 'idle', wasRunning, final } as const;
  return { state: 'idle', wasRunning, final, streams: [stream] };
}
