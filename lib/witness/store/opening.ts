import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeFolder } from '../../durable/files';
import { recoverTail } from '../../durable/recover';
import { removeLeftovers, replaceFile } from '../../durable/replace';
import { type LiveError, fail } from '../../errors';
import { parseEntry } from '../entry';
import { type Continued, ownData } from '../format';
import { CompactRange } from '../tree';
import { Chain, emptyChain } from './chain';
import { Checkpoints } from './checkpoints';
import { segmentAt } from './lines';
import { type Signed, signedBy } from './notes';
import type { Settings } from './options';
import { OWN_SOURCE, genesis, ownEntry } from './own-entries';
import { Published, readCheckpoint, readHistoryEnd } from './published';
import { type Scan, firstEntry, scan } from './scan';
import { SecondLocation } from './second-location';
import { Segments } from './segments';
import { type Session, writeOwn } from './session';
import type { FolderLock } from '../../durable/lock';

/** Open the log in a folder, made where there is none. @throws LiveError */
export async function openSession(
  folder: string,
  options: Settings,
  onFailure: (error: LiveError) => void,
): Promise<Session> {
  const { files } = options;
  await makeFolder(folder, undefined, files);
  const real = await realpath(folder).catch(() => resolve(folder));
  const lock = await options.lock(real);
  try {
    await removeLeftovers(real, files);
    const first = await firstEntry(real, files);
    return first
      ? await extend(real, lock, options, onFailure)
      : await begin(real, lock, options, onFailure, null);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function begin(
  folder: string,
  lock: FolderLock,
  options: Settings,
  onFailure: (error: LiveError) => void,
  continues: Continued | null,
): Promise<Session> {
  const { files, now, monotonic, origin, software, signer } = options;
  const chain = new Chain(emptyChain(), now, monotonic);
  const logId = randomBytes(16).toString('hex');
  const about = { origin, software, vkey: signer.verifier.text };
  const { type, data } = genesis(about, logId, continues);
  const { bytes } = chain.next(type, data, OWN_SOURCE, true);
  const segment = segmentAt(folder, 0);
  // whole or not at all: no kill leaves half a first entry
  await replaceFile(segment.path, bytes, { files });
  const segments = await Segments.open(folder, [segment], bytes.length, 0, {
    ...options,
    most: options.mostWaiting,
    onFailure,
  });
  const published = await Published.open(folder, files);
  const checkpoints = new Checkpoints({
    folder,
    logId,
    signer,
    files,
    chain,
    segments,
    published,
    second: new SecondLocation(options.stateFolder, files),
    from: { range: new CompactRange(), place: { segment: 0, offset: 0 } },
    signed: null,
  });
  const session: Session = { folder, logId, lock, chain, segments, published, checkpoints, notices: [] };
  const range = new CompactRange();
  range.push(Buffer.from(chain.unread[0]!.hash, 'hex'));
  writeOwn(
    session,
    ownEntry('log.open', {
      pid: process.pid,
      previous: 'new',
      size: 1,
      root: range.root().toString('base64'),
    }),
  );
  return session;
}

async function extend(
  folder: string,
  lock: FolderLock,
  options: Settings,
  onFailure: (error: LiveError) => void,
): Promise<Session> {
  const { files, now, monotonic, signer, stateFolder } = options;
  const first = (await firstEntry(folder, files))!;
  const logId = ownData(first, 'log.genesis')!.logId;
  const second = new SecondLocation(stateFolder, files);
  const notes = [
    signedBy(signer.verifier, (await second.read(logId))?.note ?? null),
    signedBy(signer.verifier, await readCheckpoint(folder, files)),
    signedBy(signer.verifier, (await readHistoryEnd(folder, files)).note),
  ].filter((one): one is Signed => one !== null);
  const signed = notes.reduce<Signed | null>(
    (most, one) => (one.size > (most?.size ?? -1) ? one : most),
    null,
  );
  const found: Scan = await scan(folder, {
    files,
    signed: signed?.size ?? 0,
    rootsAt: notes.map(({ size }) => size),
  });
  for (const note of notes)
    if (found.roots.get(note.size) !== note.root)
      throw fail('WITNESS_ROLLED_BACK', { folder, found: found.entries, expected: note.size, next: '' });
  const last = found.segments[found.end.segment]!;
  const crashed = found.lastType !== 'log.close';
  const expected = { seq: found.entries, prev: found.last };
  const { size, quarantined } = await recoverTail(last.path, {
    files,
    from: found.end.offset,
    isWhole: (line) => parseEntry(line, expected).fault === null,
    ...(crashed && {
      rewriteFrom: found.signedEnd.segment === found.end.segment ? found.signedEnd.offset : 0,
    }),
  });
  const chain = new Chain({ size: found.entries, last: found.last, counts: found.counts }, now, monotonic);
  const segments = await Segments.open(folder, found.segments, size, found.bytesBefore, {
    ...options,
    most: options.mostWaiting,
    onFailure,
  });
  const published = await Published.open(folder, files);
  const root = found.range.root().toString('base64');
  const checkpoints = new Checkpoints({
    folder,
    logId,
    signer,
    files,
    chain,
    segments,
    published,
    second,
    from: { range: found.range, place: { segment: found.end.segment, offset: size } },
    signed,
  });
  const session: Session = { folder, logId, lock, chain, segments, published, checkpoints, notices: [] };
  const previous = found.entries === 1 ? 'new' : crashed ? 'crashed' : 'closed';
  writeOwn(session, ownEntry('log.open', { pid: process.pid, previous, size: found.entries, root }));
  if (quarantined) {
    const { bytes, sha256, file } = quarantined;
    writeOwn(session, ownEntry('log.recovered', { bytes, sha256, file }));
  }
  return session;
}
