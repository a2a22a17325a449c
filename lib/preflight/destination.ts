import { asLiveError } from '../errors';
import { addressOf } from '../production/address';
import { serviceOf } from '../production/services';
import type { Destination } from '../production/survey';
import type { StreamTarget } from '../production/targets';
import { redactText } from '../secrets';

/** What may be said of a stream target before the show. Null for one that means "as set in the application". */
export function destinationOf(target: StreamTarget): Destination | null {
  if (target.service === 'as-set') return null;
  try {
    const { service, server } = serviceOf(target)!;
    const chosenThere = service.obsServer !== undefined && target.server.trim() === '';
    const { address, reason } = addressOf(chosenThere ? (service.obsServer ?? null) : server);
    return {
      service: service.label,
      server: redactText(server),
      keySet: target.key !== '',
      keyNeed: service.needsKey ? 'always' : service.protocol === 'rtmp' ? 'usually' : 'never',
      address,
      noAddress: reason,
      fault: null,
      protocol: service.protocol,
    };
  } catch (error) {
    return unusable(asLiveError(error).details.reason);
  }
}

/** A target that nobody can use, and why. */
export function unusable(reason: unknown): Destination {
  const fault = redactText(typeof reason === 'string' ? reason : 'it is not filled in right');
  return {
    service: null,
    server: null,
    keySet: null,
    keyNeed: 'always',
    address: null,
    noAddress: fault,
    fault,
  };
}
