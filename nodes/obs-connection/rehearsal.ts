import { randomBytes } from 'node:crypto';
import { startObsSimulator, type ObsSimulator } from '../../simulators/obs';

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
        this.simulator ??= startObsSimulator({ password: this.password });
        const { port } = await this.simulator;
        return { host: '127.0.0.1', port };
      },
      closeToo: async () => {
        await (await this.simulator)?.close();
      },
    };
  }
}
