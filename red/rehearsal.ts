import { randomBytes } from 'node:crypto';

/** Something simulated that listens on this machine. */
export interface Simulated {
  close(): Promise<void>;
}

/**
 * What an application needs to live on a simulator of its own inside Node-RED: one that starts when the connection first looks for it
 * and is closed with it. `at` says where it listens; `locate` rejects with why it could not start, and tries again next time.
 */
export function rehearse<Simulator extends Simulated, At extends object>(
  id: string,
  start: (password: string) => Promise<Simulator>,
  at: (simulator: Simulator) => At,
) {
  // nobody else on this machine gets in
  const password = randomBytes(18).toString('base64url');
  let running: Promise<Simulator> | null = null;
  return {
    // no address yet; the id keeps the lanes of two rehearsals apart
    host: `rehearsal-${id}`,
    where: 'the rehearsal',
    password,
    locate: async (): Promise<At & { host: string }> => {
      const mine = (running ??= start(password));
      try {
        return { host: '127.0.0.1', ...at(await mine) };
      } catch (error) {
        if (running === mine) running = null;
        throw error;
      }
    },
    closeToo: async (): Promise<void> => {
      await (await running?.catch(() => null))?.close();
    },
  };
}

/** Start a simulator for one question, and close it whatever comes of it. */
export async function askOnce<Simulator extends Simulated, T>(
  start: Promise<Simulator>,
  ask: (simulator: Simulator) => Promise<T>,
): Promise<T> {
  const simulator = await start;
  try {
    return await ask(simulator);
  } finally {
    await simulator.close();
  }
}
