import type { FolderLock } from '../../durable/lock';
import type { LiveError } from '../../errors';
import type { Chain } from './chain';
import { Checkpoints } from './checkpoints';
import type { Signed } from './notes';
import type { Opening } from './opening';
import type { OwnEntry } from './own-entries';
import type { Milestone } from './proofs';
import { Published } from './published';
import type { Segment } from './segment-files';
import { Segments } from './segments';
import { type Session, letGo, writeOwn } from './session';

/** What was found or made in a folder, ready to be written to. */
export interface Parts {
  folder: string;
  lock: FolderLock;
  logId: string;
  chain: Chain;
  /** the files of entries, and what is in them: bytes of the last one and of those before */
  all: Segment[];
  size: number;
  bytesBefore: number;
  /** up to where the entries were hashed as the files give them */
  from: Milestone;
  signed: Signed | null;
  /** entries that were there before this opening */
  found: number;
  notices: LiveError[];
}

/**
 * Open the files and write what the log has to say about its opening; on the disk when it resolves.
 * @throws LiveError DURABLE_*, the file system's error; nothing is left open then
 */
export async function assemble(
  parts: Parts,
  says: readonly OwnEntry[],
  { options, second, onFailure }: Opening,
): Promise<Session> {
  const { folder, lock, logId, chain, all, size, bytesBefore, from, signed, found, notices } = parts;
  const { files, signer } = options;
  const segments = await Segments.open(folder, all, size, bytesBefore, { ...options, onFailure });
  let published: Published | null = null;
  try {
    published = await Published.open(folder, signer.verifier, files);
    const checkpoints = new Checkpoints({
      ...{ folder, logId, signer, files, chain, segments, published, second, from, signed },
    });
    const session: Session = {
      ...{ folder, logId, lock, chain, segments, published, checkpoints, found, notices },
    };
    for (const one of says) writeOwn(session, one);
    await segments.flush();
    return session;
  } catch (error) {
    await letGo({ segments, published });
    throw error;
  }
}
