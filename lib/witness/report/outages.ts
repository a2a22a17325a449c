import type { Fact } from './facts';
import { known, missing, type Mark } from './marks';

interface Outage {
  connection: string;
  lostMs: number;
  backMs: number | null;
  why: string | null;
}

/** The times in which an application could not be asked, as it was told. */
export class Outages {
  readonly all: Outage[] = [];
  private readonly last = new Map<string, Outage>();

  lost({ connection, atMs }: Fact, why: string | null): void {
    const last = this.last.get(connection);
    if (last?.backMs === null) return;
    const outage = { connection, lostMs: atMs, backMs: null, why };
    this.all.push(outage);
    this.last.set(connection, outage);
  }

  back({ connection, atMs }: Fact): void {
    const last = this.last.get(connection);
    if (last) last.backMs ??= Math.max(atMs, last.lostMs);
  }

  /** When the connection was lost, of which a resync tells what it found. */
  lostMs(connection: string): number | undefined {
    return this.last.get(connection)?.lostMs;
  }

  /** Since when it is lost; null where it is there, as far as was told. */
  awaySinceMs(connection: string): number | null {
    const last = this.last.get(connection);
    return last?.backMs === null ? last.lostMs : null;
  }

  /** When something happened that a resync found afterwards. */
  mark({ connection, cause, atMs }: Fact, what: string): Mark {
    if (cause !== 'resync') return known(atMs);
    return missing(`${what} while the connection was lost`, {
      notBefore: this.lostMs(connection),
      notAfter: atMs,
    });
  }
}
