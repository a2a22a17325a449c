import { randomBytes } from 'node:crypto';
import type { VmixSimulator } from '../../simulators/vmix';

/** The simulator is loaded when somebody rehearses: every other start of Node-RED would wait for it in vain. */
export function startSimulator(password: string | null): Promise<VmixSimulator> {
  const { startVmixSimulator } = require('../../simulators/vmix') as typeof import('../../simulators/vmix');
  return startVmixSimulator({ user: password === null ? null : 'rehearsal', password });
}

/** A simulated vMix inside Node-RED, started when the connection first looks for it and closed with it. */
export class Rehearsal {
  private readonly password = randomBytes(18).toString('base64url');
  private simulator: Promise<VmixSimulator> | null = null;

  constructor(private readonly id: string) {}

  /** What an application needs to live on this simulator. */
  get options() {
    return {
      // no address yet; the id keeps the lanes of two rehearsals apart
      host: `rehearsal-${this.id}`,
      where: 'the rehearsal',
      user: 'rehearsal',
      password: this.password,
      locate: async () => {
        this.simulator ??= startSimulator(this.password);
        const { httpPort, tcpPort } = await this.simulator;
        return { host: '127.0.0.1', port: httpPort, tcpPort: tcpPort! };
      },
      closeToo: async () => {
        await (await this.simulator)?.close();
      },
    };
  }
}
