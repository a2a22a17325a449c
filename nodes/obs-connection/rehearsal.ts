import type { ObsSimulator } from '../../simulators/obs';

/** The simulator is loaded when somebody rehearses: every other start of Node-RED would wait for it in vain. */
export function startSimulator(password: string | null): Promise<ObsSimulator> {
  const { startObsSimulator } = require('../../simulators/obs') as typeof import('../../simulators/obs');
  return startObsSimulator({ password, gstreamer: true });
}
