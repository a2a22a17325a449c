import { Emitter } from '../../connection/emitter';
import { withDeadline } from '../../connection/deadline';
import { type LiveError, asLiveError, fail } from '../../errors';
import type { Release } from '../../production/application';
import type { Signed } from './notes';
import { openSession } from './opening';
import {
  type Appended,
  type CheckpointTold,
  type LogState,
  type Settings,
  type WitnessLogOptions,
  settings,
} from './options';
import { Gap, ownEntry } from './own-entries';
import { type Session, letGo, writeOwn, writeStats } from './session';

export type {
  Appended,
  CheckpointTold,
  CosignerState,
  Durability,
  LogState,
  WitnessLogOptions,
} from './options';

/** After so many entries the counts are written once more. */
const STATS_EVERY = 10_000;
/** Closing ends by then, ms: the node that waits for it has 10 s. */
const CLOSE_MS = 9000;
const DONE = Promise.resolve();

/**
 * The witness log: a folder that only grows, in which each entry follows from the one before and signed checkpoints cover all.
 * One for each folder.
 */
export class WitnessLog {
  private readonly checkpointHeard = new Emitter<CheckpointTold>();
  private readonly stateHeard = new Emitter<LogState>();
  private readonly gap = new Gap();
  private error: LiveError | null = null;
  private failed: LiveError | null = null;
  private closing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private signing: Promise<Signed> | null = null;
  private signingNext: Promise<Signed> | null = null;
  private statsAt = 0;
  private session!: Session;

  private constructor(private readonly options: Settings) {}

  /**
   * Open the log in `folder`, made where there is none.
   * @throws LiveError DURABLE_LOCKED, DURABLE_*, WITNESS_*
   */
  static async open(folder: string, options: WitnessLogOptions): Promise<WitnessLog> {
    const log = new WitnessLog(settings(options));
    log.session = await openSession(folder, log.options, (error) => log.fail(error));
    log.statsAt = log.session.chain.size;
    log.soon();
    return log;
  }

  /** The folder that is written, links resolved. */
  get folder(): string {
    return this.session.folder;
  }

  /**
   * Put an entry behind all others. Number and hash are known at once.
   * @param data canonical text, from `project` or `projectMessage`
   * @param src canonical text, from `sourceText`
   * @throws LiveError WITNESS_NOT_WRITABLE, WITNESS_STOPPED, WITNESS_FORKED, WITNESS_BUSY, WITNESS_FULL, WITNESS_TOO_LARGE, WITNESS_CLOSED: not taken
   */
  append(type: string, data: string, src: string): Appended {
    const { chain, segments, folder } = this.session;
    if (this.closing) throw fail('WITNESS_CLOSED', { folder });
    if (this.failed) throw this.failed;
    if (segments.isFull(data.length)) this.turn();
    const { seq, hash, bytes } = chain.next(type, data, src);
    const written = segments.append(bytes);
    const size = seq + 1;
    if (size - this.statsAt >= STATS_EVERY) this.stats();
    this.soon();
    if (this.options.durability !== 'async') return { seq, hash, size, done: written };
    written.catch(() => undefined);
    return { seq, hash, size, done: DONE };
  }

  /**
   * Sign what is there now, read back from the disk. Gives the signed note; the present one where nothing is new.
   * @throws (rejects) LiveError WITNESS_NOT_SIGNED, WITNESS_FORKED, WITNESS_MISREAD, WITNESS_CLOSED, or why nothing can be written
   */
  async checkpoint(): Promise<string> {
    if (this.closing) throw fail('WITNESS_CLOSED', { folder: this.folder });
    return (await this.sign()).note;
  }

  /** Resolves when everything taken so far is on the disk. @throws (rejects) LiveError DURABLE_* */
  flush(): Promise<void> {
    return this.session.segments.flush();
  }

  /** Hear of each checkpoint once: with the cosignatures that came in time. */
  onCheckpoint(hear: (told: CheckpointTold) => void): Release {
    return this.checkpointHeard.add(hear);
  }

  /** Hear when the state changes; not of each entry. */
  onState(hear: (state: LogState) => void): Release {
    return this.stateHeard.add(hear);
  }

  state(): LogState {
    const { folder, logId, chain, checkpoints, notices } = this.session;
    const { origin, signer, cosigners } = this.options;
    return {
      state: this.closing ? 'closed' : this.failed ? 'failed' : 'open',
      folder,
      origin,
      logId,
      vkey: signer.verifier.text,
      size: chain.size,
      signedSize: checkpoints.signed?.size ?? 0,
      lost: this.gap.count,
      error: this.failed ?? this.error,
      cosigners: cosigners.map(({ name }) => ({ name, ok: null, reason: null })),
      notices,
    };
  }

  /** Write the counts and `log.close`, sign, and let others in. Twice is once. @throws (rejects) LiveError; closed all the same */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    const { session } = this;
    const seconds = CLOSE_MS / 1000;
    const late = () => fail('WITNESS_CLOSE_LATE', { folder: session.folder, seconds });
    const work = async (): Promise<void> => {
      try {
        if (this.failed) throw this.failed;
        writeStats(session);
        writeOwn(session, ownEntry('log.close', { size: session.chain.size }));
        await this.sign();
      } finally {
        await letGo(session);
      }
    };
    try {
      await withDeadline(work(), CLOSE_MS, late);
    } finally {
      this.stateHeard.tell(this.state());
    }
  }

  /** One at a time; who asks while one is at work shares the next, which sees all that is there by then. */
  private sign(): Promise<Signed> {
    if (!this.signing) {
      this.signing = this.signNow().finally(() => (this.signing = null));
      return this.signing;
    }
    this.signingNext ??= this.signing
      .catch(() => undefined)
      .then(() => {
        this.signingNext = null;
        return this.sign();
      });
    return this.signingNext;
  }

  private async signNow(): Promise<Signed> {
    if (this.failed) throw this.failed;
    const { checkpoints } = this.session;
    const before = checkpoints.signed;
    try {
      const signed = await checkpoints.sign();
      if (signed !== before) this.tell(signed);
      return signed;
    } catch (error) {
      this.error = asLiveError(error);
      this.stateHeard.tell(this.state());
      throw error;
    }
  }

  private tell({ note, size }: Signed): void {
    this.error = null;
    this.checkpointHeard.tell({ note, size, cosignedBy: [], missing: [] });
    this.stateHeard.tell(this.state());
  }

  /** See to it that what is new is signed in time. */
  private soon(): void {
    const { entries, ms } = this.options.checkpointEvery;
    const { chain, checkpoints } = this.session;
    if (chain.size - (checkpoints.signed?.size ?? 0) >= entries && !this.signing) this.signSoon();
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.signSoon();
    }, ms).unref();
  }

  private signSoon(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (!this.closing) this.sign().catch(() => undefined);
  }

  private turn(): void {
    this.stats();
    this.session.segments.turn(this.session.chain.size);
    this.signSoon();
  }

  private stats(): void {
    writeStats(this.session);
    this.statsAt = this.session.chain.size;
  }

  private fail(error: LiveError): void {
    this.failed ??= error;
    this.stateHeard.tell(this.state());
  }
}
