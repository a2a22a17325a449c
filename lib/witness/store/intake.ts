import { LiveError, fail } from '../../errors';
import type { Link } from './chain';
import { shortly } from './failure';
import { type Lost, Losses } from './losses';
import type { Settings } from './options';
import { type Session, writeOwn } from './session';

/** Of a line, what stands around data and source, bytes; only measured against the size of files. */
const AROUND = 250;
/** Losses are told once so little of the queue is taken: while the disk cannot keep up there is no gap for each entry. */
const CALM = 0.5;
const MIB = 2 ** 20;

/** The door of the log: decides whether an entry can be taken, and counts those that cannot. */
export class Intake {
  readonly losses = new Losses();
  /** why nothing can be written; set from outside */
  failed: LiveError | null = null;
  /** why the last one was not taken although the log can be written */
  refused: LiveError | null = null;

  /** @param onChange hears when `refused` has changed */
  constructor(
    private readonly options: Pick<Settings, 'mostBytes' | 'mostWaiting'>,
    private readonly onChange: () => void,
  ) {}

  /**
   * Make the next entry, if it can be taken.
   * @param turn begins a new file
   * @throws LiveError WITNESS_*, and counts it; RangeError for a type that is none
   */
  take(session: Session, entry: { type: string; data: string; src: string }, turn: () => void): Link {
    const { type, data, src } = entry;
    const { chain, segments } = session;
    const bytes = data.length + src.length + AROUND;
    try {
      const refused = this.failed ?? this.full(session, bytes) ?? this.busy(session);
      if (refused) throw refused;
      if (segments.isFull(bytes)) turn();
      return chain.next(type, data, src);
    } catch (error) {
      if (error instanceof LiveError) this.losses.add({ t: chain.time(), reason: shortly(error) });
      throw error;
    }
  }

  /** Let `log.gap` tell what was lost, as soon as there is room for it; `anyway`: at the end of the log. Gives what was told. */
  tell(session: Session, anyway = false): LiveError | null {
    const { chain, segments, folder } = session;
    if (this.losses.count === 0) return null;
    if (!anyway && (this.failed || this.refused?.code === 'WITNESS_FULL' || segments.load > CALM))
      return null;
    const gap = this.losses.tell(chain.size);
    if (!gap) return null;
    writeOwn(session, gap.entry);
    this.refused = null;
    return fail('WITNESS_GAP', { folder, count: gap.count, reason: gap.reason });
  }

  /**
   * After a failure: what of the old session is not there in the new one is lost.
   * @param unacknowledged how many of its last entries had not been acknowledged
   */
  account(old: Session, now: Session, unacknowledged: number): void {
    const { chain } = old;
    const same = old.logId === now.logId;
    const there = same ? now.found : chain.size - unacknowledged;
    const reason = this.failed ? shortly(this.failed) : '';
    const lost: Lost[] = [];
    for (const [at, { t, own }] of chain.unread.entries())
      if (!own && chain.readBack + at >= there) lost.push({ t, reason });
    this.losses.addEarlier(lost);
    this.losses.onlyThere(same ? now.found : 0);
  }

  private full({ segments, folder }: Session, bytes: number): LiveError | null {
    const { mostBytes } = this.options;
    if (mostBytes === null || segments.bytes + bytes <= mostBytes) return null;
    return this.refuse('WITNESS_FULL', { folder, limit: Math.round(mostBytes / MIB) });
  }

  private busy({ segments, folder }: Session): LiveError | null {
    if (segments.hasRoom) return null;
    const { entries, bytes } = this.options.mostWaiting;
    return this.refuse('WITNESS_BUSY', { folder, limit: `${entries} entries or ${bytes / MIB} MiB` });
  }

  /** One error for all that are refused for the same reason. */
  private refuse(code: 'WITNESS_FULL' | 'WITNESS_BUSY', details: LiveError['details']): LiveError {
    if (this.refused?.code !== code) {
      this.refused = fail(code, details);
      this.onChange();
    }
    return this.refused;
  }
}
