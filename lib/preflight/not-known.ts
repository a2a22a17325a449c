import { unknown } from './check';
import type { Check, Facts } from './types';

/** What the reason stands under, where it is not the check's own name. */
const REASONS: Record<string, string> = { sources: 'inputs', sound: 'inputs' };

/** A check that nothing can be said to, and why. */
export function notKnown(
  id: 'profile' | 'collection' | 'scenes' | 'sources' | 'sound',
  what: string,
  facts: Facts,
): Check {
  const app = facts.application.kind;
  const why = facts.survey.reason ?? facts.survey.value?.unknown[REASONS[id] ?? id] ?? `${app} did not say`;
  return unknown(
    id,
    `${what} is not known: ${why}.`,
    facts.survey.value ? `Look at ${app}.` : `See to the connection to ${app} first.`,
  );
}
