import { fail } from '../lib/errors';
import { isThisMachine } from '../lib/connection/this-machine';

/** A scheme, a host, a port, and what stands behind them; no user in front, behind whom another host would stand. */
const PLACE =
  /^(?:[a-z]+:\/\/)?(\[[^\]]*\]|\$\{[^{}]+\}|[^/:?#@]*)(?::(?:\d{1,5}|\$\{[^{}]+\}))?(?:[/?#].*)?$/i;

/** Whether nobody who types this address can be listening there: this machine, or where a variable alone says. */
function isNoTypedPlace(text: string): boolean {
  const host = PLACE.exec(text.trim())?.[1] ?? '';
  return /^\$\{[^{}]+\}$/.test(host) || isThisMachine(host.replace(/^\[|\]$/g, ''));
}

/**
 * Whoever may test a connection may not read the environment by it: the value of a variable that he typed just now is sent to no address that he typed too.
 * It counts once somebody has deployed it, or where the address is that of this machine, or a variable by itself.
 * @param shown what the dialog shows
 * @param saved the same fields as they were deployed; empty where nothing was
 * @param places the fields that say where something is sent; `others`: those that are sent there
 * @throws CONFIG_INVALID
 */
export function keepVariables(
  shown: Readonly<Record<string, unknown>>,
  saved: Readonly<Record<string, unknown>>,
  places: readonly string[],
  others: readonly string[] = [],
): void {
  const isNew = (field: string): boolean => {
    const typed = shown[field];
    return typeof typed === 'string' && typed.includes('${') && typed !== saved[field];
  };
  const field = [...places, ...others].find(isNew);
  if (field === undefined) return;
  const isOurs = (place: string): boolean => {
    const typed = shown[place];
    return (
      typeof typed !== 'string' ||
      typed.trim() === '' ||
      (typed === saved[place] && !isNew(place)) ||
      isNoTypedPlace(typed)
    );
  };
  if (places.every(isOurs)) return;
  throw fail('CONFIG_INVALID', {
    field,
    reason: 'a variable that was typed just now counts after a deploy, or where the whole host is a variable',
  });
}
