import type { Checkpoint } from '../checkpoint';
import type { Verifier } from '../keys';
import { verifyNote } from '../note';
import { CHECKPOINT_FILE, HISTORY_FILE } from '../format';
import { MOST_DRIFT_MS } from './clock';
import { EMPTY_ROOT } from '../tree';
import type { History } from './history';
import type { Known, Trusted } from './known';
import type { Findings, Problem } from './problems';
import { judgeNote, type Signed } from './signed';

type Place = Partial<Pick<Problem, 'seq' | 'file' | 'offset'>>;

/** After so many wrong checkpoints the history is not read on. */
const MOST_WRONG = 100;

/** What the root over so many entries has to be. */
export type SignedRoot = Pick<Checkpoint, 'size' | 'root'>;

/** A root that the entries have to have at a size. */
type Claim = { of: 'log'; signed: Signed; place: Place } | { of: 'trusted'; trusted: Trusted };

/**
 * What was signed and what the asker trusts, compared with the entries in one pass: the checkpoint, those before it, and those from outside.
 * Two checkpoints that both fit the same entries are consistent with each other, so every pair is.
 */
export class Claims {
  /** the next size at which a root is wanted */
  nextSize = Infinity;
  /** the largest checkpoint of the log that fits */
  newest: Signed | null = null;
  /** entries under the largest trusted checkpoint that fits; null where none was given */
  trustedSize: number | null = null;
  /** how far each cosigner went along, and when, seconds since 1970 */
  readonly cosigned = new Map<Verifier, { size: number; at: number }>();
  private fixed: Claim[] = [];
  private head: { signed: Signed; place: Place } | null = null;
  private before: Signed | null = null;
  /** what the file of the newest checkpoint holds */
  private present: Signed | null = null;
  private key: Verifier | null = null;
  private origin = '';
  private begun = false;
  /** checkpoints of the history that are none */
  private wrongs = 0;
  /** a checkpoint of the log does not fit its entries */
  private misfits = false;

  /** @param checkpoint content of the file, or null */
  constructor(
    private readonly checkpoint: string | null,
    private history: History | null,
    private readonly known: Known,
    private readonly findings: Findings,
  ) {
    if (known.trusted.length > 0) this.trustedSize = 0;
  }

  /** Begin, with what the first entry says; or without, where it cannot be read. */
  async begin(key: Verifier | null, origin: string | null): Promise<void> {
    this.begun = true;
    this.key = key;
    this.origin = origin ?? '';
    const { keys, origin: wanted, trusted } = this.known;
    if (wanted !== null && origin !== null && origin !== wanted)
      this.findings.add('ORIGIN_OTHER', `the log says it is ${origin}, and ${wanted} was expected`, {
        seq: 0,
      });
    if (key && keys.length > 0 && !keys.some(({ text }) => text === key.text))
      this.findings.add('KEY_OTHER', 'the log is signed with another key than those given', { seq: 0 });
    for (const one of trusted) this.trust(one);
    if (!key) return;
    if (this.checkpoint !== null) {
      const place = { file: CHECKPOINT_FILE, offset: 0 };
      const signed = this.judge(this.checkpoint, key, place);
      this.present = signed;
      if (signed) this.fixed.push({ of: 'log', signed, place });
    }
    // of one size, what the log says of itself first
    this.fixed.sort((a, b) => sizeOf(a) - sizeOf(b) || a.of.localeCompare(b.of));
    await this.pull();
    await this.at(0, EMPTY_ROOT, null);
  }

  /** Whether something vouches for entry `seq`: damage there is more than a crash. */
  beyond(seq: number): boolean {
    // not read yet: that there is a checkpoint is enough
    if (!this.begun)
      return this.checkpoint !== null || this.history !== null || this.known.trusted.length > 0;
    return (this.head?.signed.checkpoint.size ?? 0) > seq || this.fixed.some((claim) => sizeOf(claim) > seq);
  }

  /** The next root that this log signed, or that is trusted; null where there is none. */
  nextRoot(): SignedRoot | null {
    const [first] = this.fixed;
    const { checkpoint } = this.head?.signed ?? {};
    if (!first || (checkpoint && checkpoint.size < sizeOf(first))) return checkpoint ?? null;
    return first.of === 'trusted' ? first.trusted.checkpoint : first.signed.checkpoint;
  }

  /**
   * Compare what is claimed at a size.
   * @param t time of the last entry under it
   */
  async at(size: number, root: Buffer, t: string | null): Promise<void> {
    for (let claim = this.fixed[0]; claim && sizeOf(claim) <= size; claim = this.fixed[0]) {
      this.fixed.shift();
      if (sizeOf(claim) === size) this.compare(claim, root, t);
    }
    while (this.head && this.head.signed.checkpoint.size <= size) {
      if (this.head.signed.checkpoint.size === size) this.compare({ of: 'log', ...this.head }, root, t);
      await this.pull();
    }
    this.next();
  }

  /** All entries were in order, and there are no more: whatever is still claimed is missing. */
  async end(size: number): Promise<void> {
    for (const claim of this.fixed) {
      if (claim.of === 'trusted')
        this.findings.add(
          'TRUSTED_BEYOND',
          `a trusted checkpoint has ${sizeOf(claim)} entries, and here are ${size}`,
          { seq: size },
        );
      else this.missing(claim.signed, size, claim.place);
    }
    for (; this.head; await this.pull()) this.missing(this.head.signed, size, this.head.place);
  }

  private missing({ checkpoint }: Signed, size: number, place: Place): void {
    const detail = `${checkpoint.size} entries were signed, and here are ${size}`;
    this.findings.add('ENTRIES_MISSING', detail, { ...place, seq: size });
  }

  private compare(claim: Claim, root: Buffer, t: string | null): void {
    const size = sizeOf(claim);
    if (claim.of === 'trusted') {
      if (claim.trusted.checkpoint.root.equals(root))
        this.trustedSize = Math.max(this.trustedSize ?? 0, size);
      else
        this.findings.add(
          'TRUSTED_OTHER',
          `the first ${size} entries are not those of the trusted checkpoint`,
          // where a checkpoint of its own does not fit, that says it more exactly
          { seq: this.misfits ? null : this.trustedSize },
        );
      return;
    }
    const { signed, place } = claim;
    if (!signed.checkpoint.root.equals(root)) {
      const from = this.newest?.checkpoint.size ?? 0;
      this.misfits = true;
      const detail =
        from === size
          ? `a checkpoint of ${size} entries does not fit them, and another does`
          : `the first ${size} entries are not those that were signed: one of those from ${from} on is another`;
      this.findings.add('ROOT_OTHER', detail, { ...place, seq: from === size ? null : from });
      return;
    }
    if (size >= (this.newest?.checkpoint.size ?? 0)) this.newest = this.together(signed);
    for (const { by, at } of signed.cosigned) {
      const known = this.cosigned.get(by);
      // the newest stands in both files
      if (known?.size === size && known.at === at) continue;
      if (!known || known.size <= size) this.cosigned.set(by, { size, at });
      if (t !== null && (at + 1) * 1000 + MOST_DRIFT_MS < Date.parse(t))
        this.findings.add(
          'COSIGNED_BEFORE',
          `${by.name} countersigned ${size} entries at ${isoOf(at)}, and the last of them is of ${t}: one of the clocks is wrong`,
          { ...place, seq: size - 1 },
        );
    }
  }

  /** Of two notes of one size, that with more cosignatures. */
  private together(signed: Signed): Signed {
    const { newest } = this;
    if (newest?.checkpoint.size !== signed.checkpoint.size) return signed;
    return newest.cosigned.length >= signed.cosigned.length ? newest : signed;
  }

  private trust(trusted: Trusted): void {
    const { note, checkpoint } = trusted;
    const { keys } = this.known;
    if (this.origin !== '' && checkpoint.origin !== this.origin) {
      this.findings.add(
        'TRUSTED_OTHER',
        `the trusted checkpoint is of the log ${checkpoint.origin}, and this is ${this.origin}`,
      );
      return;
    }
    if (keys.length > 0 && verifyNote(note, keys).fault) {
      this.findings.add(
        'TRUSTED_UNSIGNED',
        'a trusted checkpoint is not signed with a given key, so nothing was compared with it',
      );
      return;
    }
    this.fixed.push({ of: 'trusted', trusted });
  }

  private judge(note: string, key: Verifier, place: Place): Signed | null {
    const judged = judgeNote(note, key, this.origin, this.known.cosigners);
    if (judged.fault) {
      this.findings.add(judged.fault, `${place.file}: ${judged.detail}`, place);
      return null;
    }
    for (const by of judged.signed.wrong)
      this.findings.add('COSIGNATURE_WRONG', `${place.file}: the cosignature of ${by.name} is wrong`, place);
    this.compareNotes(judged.signed, place);
    return judged.signed;
  }

  /** Two signed checkpoints of one size with different roots: its log told two stories. */
  private compareNotes(signed: Signed, place: Place): void {
    const others = this.fixed.map((claim) => (claim.of === 'trusted' ? claim.trusted : claim.signed));
    if (this.before) others.push(this.before);
    for (const { note, checkpoint } of others) {
      if (checkpoint.size !== signed.checkpoint.size || checkpoint.root.equals(signed.checkpoint.root))
        continue;
      if (!this.key || verifyNote(note, [this.key]).fault) continue;
      this.findings.add(
        'EQUIVOCATION',
        `two checkpoints of ${checkpoint.size} entries are signed by this log and differ:\n${note}and\n${signed.note}`,
        place,
      );
    }
  }

  /** Make the next right one of the history the head. */
  private async pull(): Promise<void> {
    this.head = null;
    while (!this.head && this.key) {
      const item = await this.history?.next();
      if (!item) return;
      const { note, offset, torn } = item;
      const place = { file: HISTORY_FILE, offset };
      if (torn) {
        this.findings.add('HISTORY_TORN', 'its last checkpoint is not whole, as it is after a crash', place);
        return;
      }
      // the newest stands in both files
      const signed = note === this.present?.note ? this.present : this.judge(note, this.key, place);
      if (!signed) {
        // an honest history has none of these: enough is known, and a hostile one may be long
        if (++this.wrongs >= MOST_WRONG) this.history = null;
        continue;
      }
      const { before } = this;
      if (before && signed.checkpoint.size < before.checkpoint.size) {
        this.findings.add(
          'CHECKPOINT_ORDER',
          `after a checkpoint of ${before.checkpoint.size} entries comes one of ${signed.checkpoint.size}`,
          place,
        );
        continue;
      }
      this.before = signed;
      this.head = { signed, place };
    }
  }

  private next(): void {
    const [first] = this.fixed;
    this.nextSize = Math.min(first ? sizeOf(first) : Infinity, this.head?.signed.checkpoint.size ?? Infinity);
  }
}

function sizeOf(claim: Claim): number {
  return claim.of === 'trusted' ? claim.trusted.checkpoint.size : claim.signed.checkpoint.size;
}

function isoOf(seconds: number): string {
  const ms = seconds * 1000;
  return ms < 8.64e15 ? new Date(ms).toISOString() : `${seconds} s`;
}
