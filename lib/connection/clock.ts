/** Milliseconds since 1970 that never jump back when somebody sets the clock of the machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** ISO 8601 UTC with milliseconds. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
