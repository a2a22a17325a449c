import { pause } from '../../connection/deadline';
import type { LiveError } from '../../errors';
import { type CosignerStanding, Cosigners } from '../cosign/round';
import type { Checkpoints } from './checkpoints';
import type { Signed } from './notes';
import type { CheckpointTold, Settings } from './options';

/** What they have signed is written by then, ms: a folder that hangs holds up no close. */
const WRITE_MS = 1000;

/** Has the checkpoints countersigned, and keeps and tells what came of it, one after the other. */
export class Countersigning {
  private readonly cosigners: Cosigners;
  private last: Promise<void> = Promise.resolve();

  /**
   * @param onChange hears when a cosigner stands otherwise than before
   * @param onTold hears each checkpoint once
   * @param onAlarm hears when a cosigner has seen another log of this name
   */
  constructor(
    private readonly options: Pick<Settings, 'cosigners' | 'cosignWaitMs' | 'now'>,
    onChange: () => void,
    private readonly onTold: (told: CheckpointTold) => void,
    onAlarm: (error: LiveError) => void,
  ) {
    this.cosigners = new Cosigners(options.cosigners, options.now, onChange, onAlarm);
  }

  get standings(): CosignerStanding[] {
    return this.cosigners.standings();
  }

  /** Whether somebody was asked who is worth waiting for. */
  get busy(): boolean {
    return this.cosigners.busy;
  }

  /**
   * Tell a checkpoint: at once where there are no cosigners, else after their answers. Never throws.
   * @param ours whether the folder may still be written by then
   */
  tell({ note, size }: Signed, checkpoints: Checkpoints, ours: () => boolean): void {
    const { cosigners, cosignWaitMs: waitMs } = this.options;
    if (cosigners.length === 0) return this.onTold({ note, size, cosignedBy: [], missing: [] });
    const proofFrom = (before: number): Promise<Buffer[]> => checkpoints.proof(before, size);
    const round = this.cosigners.ask({ note, size, proofFrom, waitMs });
    const telling = this.last.then(async () => {
      const told = await round;
      // where it cannot be written, the next one can
      if (told.cosignedBy.length && ours()) await checkpoints.replace(told.note).catch(() => undefined);
      this.onTold({ ...told, size });
    });
    // one that goes wrong keeps no other back
    this.last = telling.catch(() => undefined);
  }

  /** Wait until all have answered, or for `ms`; who has not by then is not waited for. Everything is in the folder then, and told, unless the disk hangs. */
  async close(ms: number): Promise<void> {
    await this.cosigners.finish(ms);
    await Promise.race([this.last, pause(WRITE_MS)]);
  }
}
