import { rateKey } from '../web/client-address';

interface FailureLimits {
  freeFailures: number;
  forgetFailureMs: number;
  delayPerFailureMs: number;
  mostDelayMs: number;
}

/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const MOST_ADDRESSES = 10_000;

/**
 * Counts wrong keys by address. Whoever goes on after the first few waits before he is answered; nobody is locked out, since others may sit
 * behind the same address. Pure: the time is given.
 */
export class Failures {
  private readonly known = new Map<string, { level: number; atMs: number }>();

  constructor(private readonly limits: FailureLimits) {}

  failed(address: string, nowMs: number): void {
    const key = rateKey(address);
    const level = this.level(key, nowMs) + 1;
    this.known.delete(key);
    this.known.set(key, { level, atMs: nowMs });
    if (this.known.size > MOST_ADDRESSES) this.known.delete(this.known.keys().next().value!);
  }

  /** How long the next one from there waits, in milliseconds. */
  delayMs(address: string, nowMs: number): number {
    const { freeFailures, delayPerFailureMs, mostDelayMs } = this.limits;
    const over = this.level(rateKey(address), nowMs) - freeFailures;
    return over <= 0 ? 0 : Math.min(mostDelayMs, Math.ceil(over * delayPerFailureMs));
  }

  private level(key: string, nowMs: number): number {
    const entry = this.known.get(key);
    return entry ? Math.max(0, entry.level - (nowMs - entry.atMs) / this.limits.forgetFailureMs) : 0;
  }
}
