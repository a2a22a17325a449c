import type { LiveError } from '../../errors';
import type { FolderLock } from '../../durable/lock';
import type { Chain } from './chain';
import type { Checkpoints } from './checkpoints';
import type { OwnEntry } from './own-entries';
import { OWN_SOURCE, ownEntry } from './own-entries';
import type { Published } from './published';
import type { Segments } from './segments';

/** A log that is open: what there is between one opening and the next failure. */
export interface Session {
  folder: string;
  logId: string;
  lock: FolderLock;
  chain: Chain;
  segments: Segments;
  published: Published;
  checkpoints: Checkpoints;
  /** entries that were there before this opening wrote its own */
  found: number;
  /** what was found out at the opening */
  notices: LiveError[];
}

/** Put one of the log's own entries behind the others; whether it gets there is told by the failure of the whole. */
export function writeOwn({ chain, segments }: Session, { type, data }: OwnEntry): void {
  const { bytes } = chain.next(type, data, OWN_SOURCE, true);
  segments.append(bytes).catch(() => undefined);
}

/** How many entries there are of each type, if that is known. */
export function writeStats(session: Session): void {
  const counts = session.chain.counts.all;
  if (counts) writeOwn(session, ownEntry('log.stats', { counts }));
}

/** Close the files, whatever state they are in. Never rejects. */
export async function letGo({
  segments,
  published,
  checkpoints,
}: {
  segments: Segments;
  published: Published | null;
  checkpoints?: Checkpoints;
}): Promise<void> {
  await Promise.allSettled([segments.close(), checkpoints?.quiet()]);
  await published?.close().catch(() => undefined);
}
