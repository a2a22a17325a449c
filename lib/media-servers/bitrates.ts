import type { Publisher } from './types';

/** Two readings closer together than this say little: a stream comes in bursts. */
const LEAST_MS = 900;
/** A figure older than this is of another time. */
const OLDEST_MS = 60_000;

interface Reading {
  atMs: number;
  bytes: number;
  kbps: number | null;
}

/**
 * What each publisher sends, by the bytes between two lists: the servers' own figures are averages over 10 s (nginx-rtmp) or 30 s (SRS)
 * and 0 at first, so a publisher who has just come or gone looks well. Their own figure stands in until there are two lists.
 */
export class Bitrates {
  private readings = new Map<string, Reading>();

  /** The same publishers with `bitrateKbps`, kilobits a second. `atMs`: when they were listed, on a clock that never jumps. */
  measure(publishers: readonly Publisher[], atMs: number): Publisher[] {
    const next = new Map<string, Reading>();
    const measured = publishers.map((publisher) => {
      const { app, stream, clientId, bytesIn } = publisher;
      if (bytesIn === null) return publisher;
      const key = JSON.stringify([app, stream, clientId]);
      const reading = follow(this.readings.get(key), atMs, bytesIn);
      next.set(key, reading);
      return { ...publisher, bitrateKbps: reading.kbps ?? publisher.bitrateKbps };
    });
    this.readings = next;
    return measured;
  }
}

function follow(before: Reading | undefined, atMs: number, bytes: number): Reading {
  const passed = before ? atMs - before.atMs : 0;
  // fewer bytes than before: a connection of the same name that began anew
  if (!before || bytes < before.bytes || passed > OLDEST_MS) return { atMs, bytes, kbps: null };
  if (passed < LEAST_MS) return before;
  return { atMs, bytes, kbps: ((bytes - before.bytes) * 8) / passed };
}
