import { withDeadline } from '../../connection/deadline';
import { Emitter } from '../../connection/emitter';
import { type LiveError, asLiveError, fail } from '../../errors';
import type { Release } from '../../production/application';
import { isOwnType } from '../entry-type';
import { Countersigning } from './countersigning';
import { Retry, isForGood, refusal } from './failure';
import { Intake } from './intake';
import type { Lost } from './losses';
import { Notices } from './notices';
import type { Signed } from './notes';
import { openSession } from './opening';
import type { Appended, CheckpointTold, LogState, Settings, WitnessLogOptions } from './options';
import { settings } from './options';
import { ownEntry } from './own-entries';
import { type Session, letGo, writeOwn, writeStats } from './session';
import { Signing } from './signing';

export type * from './options';

/** After so many entries the counts are written once more. */
const STATS_EVERY = 10_000;
/** Closing ends by then, ms: the node that waits for it has 10 s. */
const CLOSE_MS = 9000;
/** The last checkpoint waits so long for its cosigners, ms. */
const LAST_COSIGN_MS = 2000;
/** The last one is made within this, ms: a second location that hangs must not keep the folder locked. */
const LAST_SIGN_MS = 5000;
const DONE = Promise.resolve();

/**
 * The witness log: a folder that only grows, in which each entry follows from the one before and signed checkpoints cover all.
 * One for each folder and process.
 *
 * A disk that fails stops it: nothing more is acknowledged, what comes is refused and counted. It opens the folder anew after 1 s, then 2 s, up to
 * 30 s, goes on behind what is really there, and `log.gap` tells what is missing. Where somebody else writes there or signs with
 * its key it stops until it is opened by hand.
 */
export class WitnessLog {
  private readonly checkpointHeard = new Emitter<CheckpointTold>();
  private readonly stateHeard = new Emitter<LogState>();
  private readonly intake: Intake;
  private readonly countersigning: Countersigning;
  private readonly signing: Signing<Signed>;
  private readonly reopening: Retry;
  private readonly notices = new Notices();
  /** why the last checkpoint was not signed */
  private unsigned: LiveError | null = null;
  private forGood = false;
  /** entries that were not acknowledged when it failed */
  private unacknowledged = 0;
  private closing: Promise<void> | null = null;
  private closed = false;
  private statsAt = 0;
  /** entries under the last checkpoint that was told */
  private toldSize = 0;
  private session!: Session;

  private constructor(
    private readonly base: string,
    private readonly options: Settings,
  ) {
    const { checkpointEvery, reopenAfterMs } = options;
    this.intake = new Intake(options, () => this.tellState());
    this.countersigning = new Countersigning(
      options,
      () => this.tellState(),
      (told) => {
        this.checkpointHeard.tell(told);
        this.tellState();
        this.signing.free();
      },
      (alarm) => this.note(alarm),
    );
    // a new checkpoint waits until the one before is countersigned, as long as nobody asks for it
    this.signing = new Signing(
      () => this.sign(),
      checkpointEvery,
      () => this.countersigning.busy,
    );
    this.reopening = new Retry(() => this.reopen(), reopenAfterMs);
  }

  /**
   * Open the log in `folder`, or in `folder.2` … where it went on; made where there is none.
   * @throws LiveError DURABLE_LOCKED, WITNESS_OPEN_FAILED, WITNESS_UNREADABLE, CONFIG_INVALID, DURABLE_*
   */
  static async open(folder: string, options: WitnessLogOptions): Promise<WitnessLog> {
    const log = new WitnessLog(folder, settings(options));
    log.begin(await log.connect(null));
    // the second location knows a new log from its first moment
    if (log.session.found === 0) await log.signing.now().catch(() => undefined);
    // what an opening writes is signed though no message comes
    log.signing.grown(log.session.chain.size);
    return log;
  }

  /** The folder that is written, links resolved. */
  get folder(): string {
    return this.session.folder;
  }

  /**
   * Put an entry behind all others. Number and hash are known at once; an entry that is refused is counted, and told by `log.gap` later.
   * @param data canonical text, from `project` or `projectMessage`
   * @param src canonical text, from `sourceText`
   * @throws LiveError WITNESS_NOT_WRITABLE, WITNESS_STOPPED, WITNESS_FORKED, WITNESS_BUSY, WITNESS_FULL, WITNESS_TOO_LARGE, WITNESS_CLOSED; RangeError for a type that is none, or the log's own
   */
  append(type: string, data: string, src: string): Appended {
    const { session } = this;
    if (this.closing) throw fail('WITNESS_CLOSED', { folder: session.folder });
    if (isOwnType(type)) throw new RangeError(`${type} is for the log itself`);
    if (this.intake.losses.count) this.tellLosses();
    try {
      const { seq, hash, bytes } = this.intake.take(session, { type, data, src }, () => this.turn());
      const written = session.segments.append(bytes);
      const size = seq + 1;
      if (size - this.statsAt >= STATS_EVERY) this.writeStats();
      if (this.options.durability !== 'async') return { seq, hash, size, done: written };
      written.catch(() => undefined);
      return { seq, hash, size, done: DONE };
    } finally {
      // not before: what is signed now has to have this entry. Also where it is refused: the loss is told with the next checkpoint
      this.signing.grown(session.chain.size);
    }
  }

  /** These came before the log could be opened, and are lost: the next `log.gap` tells it. */
  missed(lost: Iterable<Lost>): void {
    this.intake.losses.addEarlier(lost);
    this.signing.grown(this.session.chain.size + 1);
  }

  /**
   * Sign what is there now, read back from the disk. Gives the signed note; the present one where nothing is new.
   * @throws (rejects) LiveError WITNESS_NOT_SIGNED, WITNESS_FORKED, WITNESS_MISREAD, WITNESS_CLOSED, or why nothing can be written
   */
  async checkpoint(): Promise<string> {
    if (this.closing) throw fail('WITNESS_CLOSED', { folder: this.folder });
    return (await this.signing.now()).note;
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

  /** Where it stands now. */
  state(): LogState {
    const { folder, logId, chain, checkpoints } = this.session;
    const { origin, signer } = this.options;
    const { failed, refused, losses } = this.intake;
    return {
      state: this.closed ? 'closed' : failed ? 'failed' : 'open',
      ...{ folder, origin, logId },
      vkey: signer.verifier.text,
      size: chain.size,
      signedSize: checkpoints.signed?.size ?? 0,
      lost: losses.count,
      error: failed ?? refused ?? this.unsigned,
      cosigners: this.countersigning.standings,
      notices: this.notices.list,
      noticed: this.notices.count,
    };
  }

  /**
   * Write the counts and `log.close`, sign, and let others in. Twice is once. Within 9 s; what hangs longer goes on unheard.
   * @throws (rejects) LiveError WITNESS_CLOSE_LATE, or what could not be written or signed; closed all the same
   */
  close(): Promise<void> {
    this.closing ??= this.finish();
    return this.closing;
  }

  private async finish(): Promise<void> {
    this.signing.stop();
    this.reopening.stop();
    const details = { folder: this.folder, seconds: CLOSE_MS / 1000 };
    try {
      await withDeadline(this.end(), CLOSE_MS, () => fail('WITNESS_CLOSE_LATE', details));
    } finally {
      this.closed = true;
      void this.countersigning.close(0);
      this.tellState();
    }
  }

  private async end(): Promise<void> {
    // one more try: what was lost should be told
    if (this.intake.failed && !this.forGood) await this.reopening.now();
    const { session } = this;
    try {
      if (this.intake.failed) throw this.intake.failed;
      this.note(this.intake.tell(session, true));
      writeStats(session);
      writeOwn(session, ownEntry('log.close', { size: session.chain.size }));
      await this.signing.now();
      await session.segments.close();
    } finally {
      // what cosigners have signed goes into the files before others may write there
      await this.countersigning.close(LAST_COSIGN_MS);
      await letGo(session);
      await session.lock.release();
    }
  }

  private async sign(): Promise<Signed> {
    if (this.intake.failed) throw this.intake.failed;
    this.tellLosses();
    const { checkpoints } = this.session;
    const { signMs } = this.options;
    try {
      const signed = await checkpoints.sign(this.closing ? Math.min(signMs, LAST_SIGN_MS) : signMs);
      this.intake.losses.safe(signed.size);
      this.unsigned = null;
      // a folder that was opened anew has another writer by then
      const ours = (): boolean => checkpoints === this.session.checkpoints && !this.intake.failed;
      // one that was given up may have come about all the same
      if (signed.size !== this.toldSize) this.countersigning.tell(signed, checkpoints, ours);
      this.toldSize = signed.size;
      return signed;
    } catch (error) {
      const fault = asLiveError(error);
      // it was let go meanwhile: what goes wrong there says nothing of the log that goes on
      if (checkpoints !== this.session.checkpoints || this.intake.failed) throw fault;
      if (fault.code === 'WITNESS_NOT_SIGNED') {
        this.unsigned = fault;
        this.tellState();
      } else this.fail(fault, 0);
      throw fault;
    }
  }

  private turn(): void {
    this.writeStats();
    this.session.segments.turn(this.session.chain.size);
    this.signing.soon();
  }

  private writeStats(): void {
    writeStats(this.session);
    this.statsAt = this.session.chain.size;
  }

  private tellLosses(): void {
    this.note(this.intake.tell(this.session));
  }

  private note(notice: LiveError | null): void {
    if (!notice) return;
    this.notices.add([notice]);
    this.tellState();
  }

  private tellState(): void {
    // an opening that fails has no state yet
    if (this.session) this.stateHeard.tell(this.state());
  }

  private async connect(before: Session | null): Promise<Session> {
    let mine: Session | null = null;
    const onFailure = (error: LiveError, unacknowledged: number): void => {
      if (mine && mine === this.session) this.fail(error, unacknowledged);
    };
    const hashOf = (seq: number): string | undefined => before?.chain.hashOf(seq);
    const written = before && { logId: before.logId, hashOf };
    mine = await openSession(this.base, this.options, onFailure, written);
    return mine;
  }

  private begin(session: Session): void {
    this.session = session;
    this.statsAt = session.chain.size;
    this.toldSize = session.checkpoints.signed?.size ?? 0;
    this.notices.add(session.notices);
    this.signing.begin(session.chain.size);
  }

  private fail(error: LiveError, unacknowledged: number): void {
    if (this.intake.failed) {
      // an error of reading came first; what waits is lost all the same
      this.unacknowledged = Math.max(this.unacknowledged, unacknowledged);
      return;
    }
    this.intake.failed = refusal(this.folder, error);
    this.forGood = isForGood(error);
    this.unacknowledged = unacknowledged;
    this.tellState();
    if (!this.forGood && !this.closing) this.reopening.begin();
  }

  /** Gives whether it can be written again. Never rejects. */
  private async reopen(): Promise<boolean> {
    const old = this.session;
    await letGo(old);
    await old.lock.release();
    try {
      const session = await this.connect(old);
      this.intake.account(old, session, this.unacknowledged);
      this.begin(session);
      this.unacknowledged = 0;
      this.note(this.intake.tell(session, true));
      await session.segments.flush();
    } catch (error) {
      this.intake.failed = refusal(old.folder, asLiveError(error));
      this.forGood = isForGood(asLiveError(error));
      this.tellState();
      // somebody else is at work: no more tries
      return this.forGood;
    }
    this.intake.failed = null;
    this.signing.grown(this.session.chain.size);
    this.tellState();
    return true;
  }
}
