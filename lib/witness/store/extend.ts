import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Files, readAll } from '../../durable/files';
import type { FolderLock } from '../../durable/lock';
import { recoverTail } from '../../durable/recover';
import { fail } from '../../errors';
import type { OwnEntries } from '../format';
import { assemble } from './assemble';
import { Chain } from './chain';
import type { Opening } from './opening';
import { ownEntry } from './own-entries';
import type { Scan } from './scan';
import type { Session } from './session';
import type { Finding } from './survey';

/** Entries that were moved aside, as recovery names such a file. */
const QUARANTINE = /^quarantine-\d{12}\.jsonl-\d+-[0-9a-f]{12}\.bin$/;
const CHUNK_BYTES = 1024 * 1024;

/**
 * Go on in a log that is whole as far as it was signed. What is behind its last whole entry is moved aside.
 * @throws LiveError DURABLE_*, the file system's error
 */
export async function extend(
  folder: string,
  lock: FolderLock,
  { genesis, found, signed }: Extract<Finding, { act: 'extend' }>,
  opening: Opening,
): Promise<Session> {
  const { files, now, monotonic } = opening.options;
  const { logId, continues } = genesis;
  const { entries, last, counts, segments, bytesBefore, end, range } = found;
  const closed = found.lastType === 'log.close' && !found.fault;
  const size = await trim(found, files);
  const recovered = await untold(folder, found, files);
  const chain = new Chain({ size: entries, last, counts }, now, monotonic);
  const previous = entries === 1 ? 'new' : closed ? 'closed' : 'crashed';
  const root = range.root().toString('base64');
  const session = await assemble(
    {
      ...{ folder, lock, logId, chain, signed, found: entries, size, bytesBefore },
      all: segments.slice(0, end.segment + 1),
      from: { range, place: end },
      notices: recovered.map(({ bytes, file }) => fail('WITNESS_RECOVERED', { folder, bytes, file })),
    },
    [
      ownEntry('log.open', { pid: process.pid, previous, size: entries, root }),
      ...recovered.map((one) => ownEntry('log.recovered', one)),
    ],
    opening,
  );
  // perhaps it was killed before it could do so
  if (continues) await opening.second.continued(continues.logId, logId);
  return session;
}

/** Move aside what is behind the last entry. Gives the bytes of the file it is in. */
async function trim(found: Scan, files: Files): Promise<number> {
  const { segments, end, signedEnd } = found;
  // the last file first: killed in between, what is left looks as it did
  for (const { path } of segments.slice(end.segment + 1).reverse()) {
    await recoverTail(path, { files, isWhole: () => false });
    await files.unlink(path);
  }
  const { size } = await recoverTail(segments[end.segment]!.path, {
    files,
    from: end.offset,
    isWhole: () => false,
    // what no signature covers may be in the memory of the system only, after a sync that failed, and shown as clean
    rewriteFrom: signedEnd.segment === end.segment ? signedEnd.offset : 0,
  });
  return size;
}

/** What was moved aside, now or by an opening that was killed before it could say so. */
async function untold(folder: string, found: Scan, files: Files): Promise<OwnEntries['log.recovered'][]> {
  const list: OwnEntries['log.recovered'][] = [];
  for (const file of (await files.readdir(folder)).sort()) {
    if (!QUARANTINE.test(file) || found.recovered.has(file)) continue;
    const hash = createHash('sha256');
    let bytes = 0;
    const open = await files.open(join(folder, file), 'read');
    try {
      for (;;) {
        const piece = await readAll(open, bytes, CHUNK_BYTES);
        if (piece.length === 0) break;
        hash.update(piece);
        bytes += piece.length;
      }
    } finally {
      await open.close();
    }
    list.push({ bytes, sha256: hash.digest('hex'), file });
  }
  return list;
}
