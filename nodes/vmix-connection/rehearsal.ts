import type { VmixSimulator } from '../../simulators/vmix';

export const USER = 'rehearsal';

/** The simulator, a vMix 29, is loaded when somebody rehearses: every other start of Node-RED would wait for it in vain. */
export function startSimulator(password: string | null): Promise<VmixSimulator> {
  const { startVmixSimulator } = require('../../simulators/vmix') as typeof import('../../simulators/vmix');
  return startVmixSimulator({ user: password === null ? null : USER, password });
}
