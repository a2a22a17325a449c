import { withDeadline } from '../connection/deadline';
import { asLiveError, fail, type LiveError } from '../errors';
import type { StateAnswer, VmixHttp } from './http';
import type { VmixTcp } from './tcp';

const NOT_LISTENING: readonly string[] = ['VMIX_REFUSED', 'VMIX_CONTAINER_LOOPBACK'];
/** A TCP port that is there answers at once. */
const PING_MS = 2_000;

/** A fault of the web controller by its own name, once the TCP port is known to answer: then vMix runs, and only that is off. */
export function offWhere(fault: LiveError): LiveError {
  if (!NOT_LISTENING.includes(fault.code)) return fault;
  return fail('VMIX_WEB_CONTROLLER_OFF', { where: fault.details.where }, fault);
}

/** The state, or why not: where nothing listens, the TCP port is asked whether vMix runs. Rejects as `VmixHttp.state` does. */
export async function stateOrWhyNot(http: VmixHttp, tcp: VmixTcp | null): Promise<StateAnswer> {
  try {
    return await http.state();
  } catch (thrown) {
    const fault = asLiveError(thrown);
    if (!NOT_LISTENING.includes(fault.code) || tcp?.status.state !== 'ready') throw fault;
    const answers = await withDeadline(tcp.command('PING', 'a ping'), PING_MS, () =>
      fail('VMIX_NO_ANSWER', { where: tcp.where, seconds: PING_MS / 1000 }),
    ).then(
      () => true,
      () => false,
    );
    throw answers ? offWhere(fault) : fault;
  }
}
