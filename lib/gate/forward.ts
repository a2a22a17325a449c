import { fail } from '../errors';
import { serviceOf } from '../production/services';
import type { StreamTarget } from '../production/targets';

/** Where this stands in the server or key of a target, the name of the stream is put. */
const PLACE = '{stream}';

/**
 * The address that a media server sends a stream on to: it holds the target's key, so it is secret.
 * @param canPushTo whether this kind of media server can be told such an address
 * @throws STREAM_TARGET_INVALID
 */
export function forwardAddress(
  target: StreamTarget,
  canPushTo: (address: string) => boolean,
): (stream: string) => string {
  const wrong = (reason: string) => fail('STREAM_TARGET_INVALID', { target: target.name, reason });
  const found = serviceOf(target);
  if (!found) throw wrong('it names no server to send to');
  const { server } = found;
  if (!/^rtmp:\/\//i.test(server)) throw wrong('a media server sends on by rtmp:// only');
  const { key } = target;
  const whole = key === '' ? server : `${server.replace(/\/+$/, '')}/${key}`;
  const address = (stream: string) => whole.replaceAll(PLACE, stream);
  if (!canPushTo(address('a')))
    throw wrong(
      'this media server cannot be told this address: nginx-rtmp needs an IP address in place of a name',
    );
  return address;
}
