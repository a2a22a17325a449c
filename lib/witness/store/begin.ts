import { randomBytes } from 'node:crypto';
import type { FolderLock } from '../../durable/lock';
import { replaceFile } from '../../durable/replace';
import type { Continued, OwnEntries } from '../format';
import { CompactRange } from '../tree';
import { assemble } from './assemble';
import { Chain, emptyChain } from './chain';
import type { Opening } from './opening';
import { OWN_SOURCE, genesis, ownEntry } from './own-entries';
import { segmentAt } from './segment-files';
import type { Session } from './session';
import type { Notice } from './survey';

/** Why a log begins. */
export interface Beginning {
  continues: Continued | null;
  rollback: OwnEntries['log.rollback'] | null;
  notice: Notice | null;
}

/**
 * Begin a log in a folder without one. Its first entries come into being together, or not at all.
 * @throws LiveError DURABLE_*, the file system's error
 */
export async function begin(
  folder: string,
  lock: FolderLock,
  { continues, rollback, notice }: Beginning,
  opening: Opening,
): Promise<Session> {
  const { files, now, monotonic, origin, software, signer } = opening.options;
  const chain = new Chain(emptyChain(), now, monotonic);
  const logId = randomBytes(16).toString('hex');
  const entries = [genesis({ origin, software, vkey: signer.verifier.text }, logId, continues)];
  if (rollback) entries.push(ownEntry('log.rollback', rollback));
  const range = new CompactRange();
  const lines = entries.map(({ type, data }) => {
    const { bytes, hash } = chain.next(type, data, OWN_SOURCE, true);
    range.push(Buffer.from(hash, 'hex'));
    return bytes;
  });
  const segment = segmentAt(folder, 0);
  const bytes = Buffer.concat(lines);
  await replaceFile(segment.path, bytes, { files });
  const root = range.root().toString('base64');
  const open = ownEntry('log.open', { pid: process.pid, previous: 'new', size: chain.size, root });
  const session = await assemble(
    {
      ...{ folder, lock, logId, chain, signed: null, found: 0 },
      ...{ all: [segment], size: bytes.length, bytesBefore: 0 },
      // nothing was read back yet
      from: { range: new CompactRange(), place: { segment: 0, offset: 0 } },
      notices: notice ? [notice(folder)] : [],
    },
    [open],
    opening,
  );
  if (continues) await opening.second.continued(continues.logId, logId);
  return session;
}
