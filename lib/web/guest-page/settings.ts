import type { Rate } from '../buckets';
import type { IsTrusted } from '../client-address';

/** How a guest page is set. */
export interface PageSettings {
  /** what stands above the queue */
  title: string;
  /** null: nobody can join by the page */
  invitation: string | null;
  /** the page's own address as guests have it (`https://queue.example.org`), where a proxy stands in front; null: as it is asked */
  publicOrigin: string | null;
  /** proxies whose word counts on who asks */
  isTrusted: IsTrusted;
}

/** Tries to join, with the right code or a wrong one. A hall of guests behind one address gets in within minutes. */
export const JOIN_RATE: Rate = { burst: 12, everyMs: 10_000 };
/** The same of everybody together: what guessing gets, whoever has many addresses. */
export const JOIN_RATE_ALL: Rate = { burst: 60, everyMs: 1_000 };
/** The same of a whole network, which one person may have: it takes less than half of everybody's. */
export const JOIN_RATE_NETWORK: Rate = { burst: 25, everyMs: 3_000 };
/** New keys and leaving, of one address. */
export const CHANGE_RATE: Rate = { burst: 20, everyMs: 5_000 };
/** Pages, lists and new listeners, of one address. */
export const READ_RATE: Rate = { burst: 300, everyMs: 50 };
/** A code and a name need less. */
export const MOST_BODY_BYTES = 2_048;
/** And are one packet from anybody who means it. */
export const BODY_MS = 5_000;
