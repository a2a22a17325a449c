import type { NodeAPI } from './types';

/** Where Node-RED keeps what is the user's own. */
export function userFolder(RED: NodeAPI): string {
  const { userDir } = RED.settings as { userDir?: unknown };
  return typeof userDir === 'string' && userDir ? userDir : process.cwd();
}
