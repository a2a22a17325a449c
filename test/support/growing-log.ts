// A log as a cosigner sees it: signed checkpoints of any size, proofs between them, and forks of it with the same key.
import { checkpointText } from '../../lib/witness/checkpoint';
import { addCheckpointBody } from '../../lib/witness/cosign/request';
import { signerOf, type Signer } from '../../lib/witness/keys';
import { signNote } from '../../lib/witness/note';
import { EMPTY_ROOT, consistencyProof, leafHash, subtreesOf } from '../../lib/witness/tree';

export class GrowingLog {
  readonly signer: Signer;
  private readonly leaves: Buffer[] = [];

  constructor(
    readonly origin = 'studio.example/live-witness/main',
    private readonly seed = Buffer.alloc(32, 7),
  ) {
    this.signer = signerOf(origin, seed);
  }

  get vkey(): string {
    return this.signer.verifier.text;
  }

  get size(): number {
    return this.leaves.length;
  }

  /** Append so many entries more; what they say differs with `word`. */
  grow(count: number, word = ''): this {
    for (let more = 0; more < count; more++)
      this.leaves.push(leafHash(Buffer.from(`${word}${this.leaves.length}`)));
    return this;
  }

  /** Another log of the same name and key, with the same first entries. */
  fork(at: number): GrowingLog {
    const other = new GrowingLog(this.origin, this.seed);
    other.leaves.push(...this.leaves.slice(0, at));
    return other;
  }

  root(size = this.size): Buffer {
    return size === 0 ? EMPTY_ROOT : subtreesOf(this.leaves)(0, size);
  }

  note(size = this.size): string {
    return signNote(checkpointText({ origin: this.origin, size, root: this.root(size) }), this.signer);
  }

  /** Empty where the protocol wants none, and where there cannot be one. */
  proof(from: number, to = this.size): Buffer[] {
    return from > 0 && from < to ? consistencyProof(from, to, subtreesOf(this.leaves)) : [];
  }

  /** What is posted to a cosigner that is believed to know `from` entries. */
  request(from: number, to = this.size): string {
    return addCheckpointBody(from, this.proof(from, to), this.note(to));
  }
}
