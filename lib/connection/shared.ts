import { Lane } from './lane';
import { StreamLock } from './stream-lock';

/** What every connection to one host and port of this process has in common. */
export interface Shared {
  readonly lane: Lane;
  readonly streamLock: StreamLock;
}

const known = new Map<string, Shared & { users: number }>();

/** The shared lane and lock of an address; `release` when the connection closes. */
export function shareAddress(host: string, port: number): { shared: Shared; release: () => void } {
  const key = `${normalHost(host)}:${port}`;
  const entry = known.get(key) ?? { lane: new Lane(), streamLock: new StreamLock(), users: 0 };
  known.set(key, entry);
  entry.users++;
  let released = false;
  return {
    shared: entry,
    release: () => {
      if (released) return;
      released = true;
      entry.users--;
      // a start that OBS is still busy with must hold off the next connection too
      void entry.streamLock.whenFree().then(() => {
        if (entry.users === 0 && known.get(key) === entry) known.delete(key);
      });
    },
  };
}

/** Three spellings of this machine are one OBS. */
function normalHost(host: string): string {
  const plain = host.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return plain === 'localhost' || plain === '::1' || /^127\./.test(plain) || plain === '::ffff:127.0.0.1' ? 'loopback' : plain;
}
