import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VmixSimulator } from '../../simulators/vmix';

/** The simulator is loaded when somebody rehearses: every other start of Node-RED would wait for it in vain. */
export function startSimulator(
  password: string | null,
  writeFiles: Record<string, string> = {},
): Promise<VmixSimulator> {
  const { startVmixSimulator } = require('../../simulators/vmix') as typeof import('../../simulators/vmix');
  return startVmixSimulator({ user: password === null ? null : 'rehearsal', password, writeFiles });
}

/** The picture folder of a rehearsal, as its vMix calls it. */
const PICTURES = 'C:\\Rehearsal\\Pictures';

/** A simulated vMix inside Node-RED, started when the connection first looks for it and closed with it. */
export class Rehearsal {
  private readonly password = randomBytes(18).toString('base64url');
  private readonly pictures = join(tmpdir(), `live-rehearsal-${randomBytes(9).toString('hex')}`);
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
      sharedThere: PICTURES,
      sharedHere: this.pictures,
      locate: async () => {
        // without the folder a rehearsal has no pictures, and everything else
        this.simulator ??= mkdir(this.pictures, { mode: 0o700 })
          .catch(() => undefined)
          .then(() => startSimulator(this.password, { [PICTURES]: this.pictures }));
        const { httpPort, tcpPort } = await this.simulator;
        return { host: '127.0.0.1', port: httpPort, tcpPort: tcpPort! };
      },
      closeToo: async () => {
        await (await this.simulator)?.close();
        await rm(this.pictures, { recursive: true, force: true });
      },
    };
  }
}
