const { timeOrigin } = performance;
let lastMs = NaN;
let lastText = '';

/** Milliseconds since 1970 that never jump back when somebody sets the clock of the machine. */
export function now(): number {
  return timeOrigin + performance.now();
}

/** ISO 8601 UTC with milliseconds. */
export function isoTime(atMs: number): string {
  // a burst of events asks for the same millisecond again and again
  const ms = Math.trunc(atMs);
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
}
