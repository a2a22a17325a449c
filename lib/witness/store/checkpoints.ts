import { withDeadline } from '../../connection/deadline';
import { type Files, reasonOf } from '../../durable/files';
import { LiveError, fail } from '../../errors';
import { checkpointText } from '../checkpoint';
import type { Signer } from '../keys';
import { lineBatches } from '../lines';
import { signNote } from '../note';
import { type CompactRange, sha256 } from '../tree';
import type { Chain } from './chain';

import { type Signed, signedBy } from './notes';
import type { Published } from './published';
import { type Milestone, proofFrom } from './proofs';
import { type Place, scan } from './scan';
import { openToRead } from './segment-files';
import type { SecondLocation } from './second-location';
import type { Segments } from './segments';

/** Sizes at which the tree is remembered, for proofs from there. */
const MOST_REMEMBERED = 64;

export interface CheckpointsOptions {
  folder: string;
  logId: string;
  signer: Signer;
  files: Files;
  chain: Chain;
  segments: Segments;
  published: Published;
  second: SecondLocation;
  /** up to where the files were read back */
  from: Milestone;
  /** the newest checkpoint there is */
  signed: Signed | null;
}

/**
 * Signs what is there. The order of steps is what keeps an honest log from ever looking like a changed one, and a changed one from
 * being signed, wherever a kill or a power cut comes between:
 *
 *  1. The entries are on the disk.
 *  2. They are read back from the file and hashed anew: a bit that fell over between hashing and storing would make the log
 *     unverifiable for ever once it is signed.
 *  3. The second location has to hold a beginning of what is here. Otherwise another program signs with this key.
 *  4. Sign.
 *  5. The second location takes the new note before anybody else sees it: a checkpoint that is known anywhere is known there, so that setting
 *     the folder back behind it is found out. Killed here, the folder has the older checkpoint and all the entries; the next start publishes this one.
 *  6. The history takes it. Killed here, it has a note that `checkpoint` has not.
 *  7. `checkpoint` is replaced, and the note is told.
 */
export class Checkpoints {
  signed: Signed | null;
  private range: CompactRange;
  private place: Place;
  /** the newest last */
  private milestones: Milestone[] = [];
  private reading: Promise<void> = Promise.resolve();
  private turns: Promise<unknown> = Promise.resolve();
  /** what is being written in the folder itself */
  private writing: Promise<unknown> = Promise.resolve();
  /** what the present turn waits for, in words */
  private waitsFor: string | null = null;
  private ended = false;
  /** signed, but perhaps not published everywhere */
  private tried: Signed | null = null;

  constructor(private readonly options: CheckpointsOptions) {
    this.signed = options.signed;
    this.range = options.from.range;
    this.place = options.from.place;
    // where cosigners know the log from the last time
    if (this.signed?.size === this.range.size) this.remember(this.here());
  }

  /**
   * Sign all entries that there are now; gives the present checkpoint where there is nothing new. What hangs for longer than `ms` goes on
   * unheard, and the next one comes behind it: two calls for the same disk that hangs would take the whole process with it.
   * @throws LiveError WITNESS_MISREAD, WITNESS_FORKED, WITNESS_NOT_SIGNED, or why the entries are not on the disk
   */
  sign(ms: number): Promise<Signed> {
    const { folder } = this.options;
    return withDeadline(this.signAll(), ms, () => {
      const what = this.waitsFor ?? 'the disk that it is on';
      return fail('WITNESS_NOT_SIGNED', { folder, reason: `${what} did not answer for ${ms / 1000} s` });
    });
  }

  private async signAll(): Promise<Signed> {
    const { chain, segments } = this.options;
    const size = chain.size;
    if (this.signed && this.signed.size === size) return this.signed;
    await segments.flush();
    try {
      // also while the one before is still being written somewhere: what was read back is not kept in memory any longer
      await (this.reading = this.reading.catch(() => undefined).then(() => this.readBack(size)));
    } catch (error) {
      if (error instanceof LiveError) throw error;
      const { folder } = this.options;
      throw fail('WITNESS_UNREADABLE', { path: folder, reason: reasonOf(error) }, error);
    }
    try {
      return await this.inTurn(async () => {
        // the one that was waited for may have covered it
        if (this.signed && this.signed.size >= size) return this.signed;
        await this.mustBeOurs();
        return this.publish();
      });
    } catch (error) {
      if (error instanceof LiveError && error.code === 'WITNESS_FORKED') throw error;
      throw fail(
        'WITNESS_NOT_SIGNED',
        { folder: this.options.folder, reason: error instanceof LiveError ? error.message : reasonOf(error) },
        error,
      );
    }
  }

  /** Put the same checkpoint with more signatures below it in its place; nothing where a newer one is there already. @throws as `sign` */
  replace(note: string): Promise<void> {
    return this.inTurn(async () => {
      const { signer, published } = this.options;
      const signed = signedBy(signer.verifier, note);
      if (!signed || signed.size !== this.signed?.size) return;
      // a newer one may have got into the history, though not into its file: behind that one this would look like a log set back
      if (this.tried && this.tried.size > signed.size) return;
      await this.write(published.publish(note));
      this.signed = signed;
    });
  }

  /**
   * That the tree of `size` begins with the one of `before`, read from the files.
   * @throws LiveError WITNESS_*, RangeError for sizes that there were none of, the file system's error
   */
  proof(before: number, size: number): Promise<Buffer[]> {
    const { files, segments } = this.options;
    const milestone = this.milestones.find(({ range }) => range.size === before);
    return proofFrom(before, size, milestone ?? null, segments.all, files);
  }

  /** Write no more into the folder; resolves when nobody does. The second location may still be waited for. Never rejects. */
  async quiet(): Promise<void> {
    this.ended = true;
    await this.writing;
  }

  /** One at a time at the files of checkpoints: an older one that has more signatures now must not come behind a newer one. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turns.then(() => {
      this.mustBeOpen();
      return work().finally(() => (this.waitsFor = null));
    });
    this.turns = done.catch(() => undefined);
    return done;
  }

  /** A signature that was under way when the log was let go comes too late: the folder has another writer, and a newer one. */
  private mustBeOpen(): void {
    if (this.ended) throw fail('WITNESS_CLOSED', { folder: this.options.folder });
  }

  private write(work: Promise<void>): Promise<void> {
    this.waitsFor = 'the folder itself';
    this.writing = work.catch(() => undefined);
    return work;
  }

  private note(): Signed {
    const { signer } = this.options;
    const root = this.range.root();
    const size = this.range.size;
    const note = signNote(checkpointText({ origin: signer.verifier.name, size, root }), signer);
    return { note, size, root: root.toString('hex') };
  }

  private async publish(): Promise<Signed> {
    const { folder, logId, signer, published, second } = this.options;
    const signed = this.note();
    const here = this.here();
    this.tried = signed;
    await second.write({ logId, folder, origin: signer.verifier.name, note: signed.note });
    this.mustBeOpen();
    await this.write(published.publish(signed.note));
    this.signed = signed;
    this.remember(here);
    return signed;
  }

  private here(): Milestone {
    return { range: this.range.clone(), place: { ...this.place } };
  }

  private remember(here: Milestone): void {
    this.milestones = [...this.milestones.slice(1 - MOST_REMEMBERED), here];
  }

  /** Hash what the file gives back of the entries up to `size`, and compare. */
  private async readBack(size: number): Promise<void> {
    const { segments, chain, files } = this.options;
    while (this.range.size < size) {
      const segment = segments.all[this.place.segment]!;
      const file = await openToRead(segment.path, files);
      try {
        for await (const { bytes, bounds } of lineBatches(file, this.place.offset)) {
          for (let at = 0; at < bounds.length && this.range.size < size; at += 2)
            this.take(bytes, bounds[at]!, bounds[at + 1]!, segment.path);
          chain.forget(this.range.size);
          if (this.range.size === size) return;
        }
      } finally {
        await file.close();
      }
      if (segments.all[this.place.segment + 1]?.start !== this.range.size)
        throw fail('WITNESS_MISREAD', { path: segment.path, seq: this.range.size });
      this.place = { segment: this.place.segment + 1, offset: 0 };
    }
  }

  private take(bytes: Buffer, start: number, end: number, path: string): void {
    const { chain } = this.options;
    // the byte before a line is free: a leaf begins with 0
    bytes[start - 1] = 0;
    const leaf = sha256(bytes.subarray(start - 1, end));
    const seq = this.range.size;
    if (chain.hashOf(seq) !== leaf.toString('hex')) throw fail('WITNESS_MISREAD', { path, seq });
    this.range.push(leaf);
    this.place.offset += end - start + 1;
  }

  /** What the second location remembers has to be a beginning of this log. */
  private async mustBeOurs(): Promise<void> {
    const { second, logId, signer, folder } = this.options;
    this.waitsFor = `the folder ${second.folder}, which remembers what was signed last,`;
    const remembered = await second.read(logId);
    if (!remembered) return;
    if (remembered.note === this.signed?.note || remembered.note === this.tried?.note) return;
    const there = signedBy(signer.verifier, remembered.note);
    if (!there) return;
    if (there.size > this.range.size || (await this.rootAt(there.size)) !== there.root)
      throw fail('WITNESS_FORKED', { folder, state: second.folder });
  }

  private async rootAt(size: number): Promise<string | undefined> {
    const known = this.milestones.find(({ range }) => range.size === size);
    if (known) return known.range.root().toString('hex');
    const { folder, files } = this.options;
    return (await scan(folder, { files, signed: this.range.size, rootsAt: [size] })).roots.get(size);
  }
}
