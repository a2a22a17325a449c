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

/** Entries that could not be taken: how many, and from when to when. */
export class Gap {
  count = 0;
  private first = '';
  private last = '';
  private reason = '';

  /** One more was not taken, at this time. */
  add(t: string, reason: string): void {
    if (this.count === 0) {
      this.first = t;
      this.reason = reason;
    }
    this.count += 1;
    this.last = t;
  }

  /** The entry that tells it. */
  entry(): OwnEntry {
    const { count, first, last, reason } = this;
    return ownEntry('log.gap', { count, first, last, reason });
  }

  /** All of it is told. */
  clear(): void {
    this.count = 0;
  }
}
