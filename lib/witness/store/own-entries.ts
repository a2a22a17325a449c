import { canonicalJson } from '../canonical';
import { sourceText } from '../entry';
import { FORMAT, ownJson, type Continued, type OwnEntries, type OwnType } from '../format';

/** What the log writes about itself, as `Chain.next` takes it. */
export interface OwnEntry {
  type: OwnType;
  /** canonical text */
  data: string;
}

/** Nobody but the log itself. */
export const OWN_SOURCE = sourceText({});

/** An entry of the log's own. */
export function ownEntry<T extends OwnType>(type: T, data: OwnEntries[T]): OwnEntry {
  return { type, data: canonicalJson(ownJson(type, data)) };
}

/** The first entry of a new log. @param logId 16 random bytes in hexadecimal */
export function genesis(
  log: { origin: string; vkey: string; software: string },
  logId: string,
  continues: Continued | null,
): OwnEntry {
  return ownEntry('log.genesis', { format: FORMAT, logId, ...log, ...(continues && { continues }) });
}
