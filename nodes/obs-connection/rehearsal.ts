import { randomBytes } from 'node:crypto';
import type { ObsSimulator } from '../../simulators/obs';

/** The simulator is loaded when somebody rehearses: every other start of Node-RED would wait for it in vain. */
export function startSimulator(password: string | null): Promise<ObsSimulator> {
  const { startObsSimulator } = require('../../simulators/obs') as typeof import('../../simulators/obs');
  return startObsSimulator({ password });
}

/** A simulated OBS inside Node-RED, started when the connection first looks for it and closed with it. */
export class Rehearsal {
  private readonly password = randomBytes(18).toString('base64url');
  private simulator: Promise<ObsSimulator> | null = null;

  constructor(private readonly id: string) {}

  /** What an application needs to live on this simulator. */
  get options() {
    return {
      // no address yet; the id keeps the lanes of two rehearsals apart
      host: `rehearsal-${this.id}`,
      where: 'the rehearsal',
      password: this.password,
      locate: async () => {
        this.simulator ??= startSimulator(this.password);
        const { port } = await this.simulator;
        return { host: '127.0.0.1', port };
      },
      closeToo: async () => {
        await (await this.simulator)?.close();
      },
    };
  }
}
