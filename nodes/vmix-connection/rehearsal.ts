import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rehearse } from '../../red/rehearsal';
import type { VmixSimulator } from '../../simulators/vmix';

const USER = 'rehearsal';
/** The picture folder of a rehearsal, as its vMix calls it. */
const PICTURES = 'C:\\Rehearsal\\Pictures';

/** The simulator, a vMix 29, is loaded when somebody rehearses: every other start of Node-RED would wait for it in vain. */
export function startSimulator(
  password: string | null,
  writeFiles: Record<string, string> = {},
): Promise<VmixSimulator> {
  const { startVmixSimulator } = require('../../simulators/vmix') as typeof import('../../simulators/vmix');
  return startVmixSimulator({ user: password === null ? null : USER, password, writeFiles });
}

/** What an application needs to live on a simulator of its own, with a picture folder that goes when it is closed. */
export function rehearsal(id: string) {
  const folder = join(tmpdir(), `live-rehearsal-${randomBytes(9).toString('hex')}`);
  const start = async (password: string) => {
    // without the folder a rehearsal has no pictures, and everything else
    await mkdir(folder, { mode: 0o700, recursive: true }).catch(() => undefined);
    return startSimulator(password, { [PICTURES]: folder });
  };
  const running = rehearse(id, start, ({ httpPort, tcpPort }) => ({ port: httpPort, tcpPort: tcpPort! }));
  return {
    ...running,
    user: USER,
    sharedThere: PICTURES,
    sharedHere: folder,
    closeToo: async () => {
      await running.closeToo();
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    },
  };
}
