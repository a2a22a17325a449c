import type { ObsClient } from './client';
import { toPutBack, writeService, type ServiceSettings } from './stream-service';
import type { StreamTracker } from './stream-tracker';
import type { StreamWaits } from './stream-waits';

/** Remembers OBS's own service settings while a stream target is used, and puts them back once the stream has stopped. */
export class ServiceKeeper {
  private kept: ServiceSettings | null = null;
  private puttingBack: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: ObsClient,
    private readonly tracker: StreamTracker,
    private readonly waits: StreamWaits,
    private readonly warn: (text: string) => void,
  ) {
    tracker.transitions.add(() => void this.putBack());
  }

  /** These were OBS's own; what is kept already came first. */
  keep(own: ServiceSettings): void {
    this.kept ??= own;
  }

  /** Put back what is kept, if nothing streams. Resolves when no putting back is under way. */
  putBack(): Promise<void> {
    if (this.kept && this.tracker.state === 'idle')
      this.puttingBack = this.puttingBack.then(() => this.write());
    return this.puttingBack;
  }

  private async write(): Promise<void> {
    const own = this.kept;
    if (!own) return;
    try {
      await this.waits.inactive();
      await writeService(this.client, toPutBack(own), 'the old settings');
      this.kept = null;
    } catch (error) {
      this.warn(`the old stream settings could not be put back: ${(error as Error).message}`);
    }
  }
}
