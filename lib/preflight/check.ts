import type { Check, CheckId, CheckResult } from './types';

/** What is fine needs no advice. */
export function ok(id: CheckId, message: string): Check {
  return { id, result: 'ok', message, advice: null };
}

export function warning(id: CheckId, message: string, advice: string): Check {
  return { id, result: 'warning', message, advice };
}

export function failed(id: CheckId, message: string, advice: string): Check {
  return { id, result: 'failed', message, advice };
}

export function unknown(id: CheckId, message: string, advice: string): Check {
  return { id, result: 'unknown', message, advice };
}

/** `a`, `a and b`, `a, b and c`, each in quotes. */
export function list(names: readonly string[]): string {
  const quoted = names.map((name) => `"${name}"`);
  const last = quoted.pop();
  return quoted.length ? `${quoted.join(', ')} and ${last ?? ''}` : (last ?? '');
}

const GRAVITY: Record<CheckResult, number> = { ok: 0, unknown: 1, warning: 2, failed: 3 };

/** The graver of two results. */
export function worse(one: CheckResult, other: CheckResult): CheckResult {
  return GRAVITY[one] >= GRAVITY[other] ? one : other;
}
