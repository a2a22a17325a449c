// What a receiver of RTMP saw of a stream by itself: nginx's own statistics, asked many times a second.
import type { NginxRtmp } from '../support';

/** One connection of a publisher. Times are ms since 1970. */
export interface Published {
  /** when it came, by nginx's own count */
  beganMs: number;
  /** when it was last there, and when it was first seen to be gone; null while it is there */
  lastMs: number;
  goneMs: number | null;
  bytes: number;
}

export interface Receiver {
  readonly published: readonly Published[];
  end(): Promise<void>;
}

const EVERY_MS = 100;

/** Watches who publishes under this name until `end`. */
export function watchReceiver(nginx: NginxRtmp, name: string): Receiver {
  const published: Published[] = [];
  let ended = false;
  const look = async (): Promise<void> => {
    const found = (await nginx.publishers()).find((one) => one.name === name);
    const nowMs = Date.now();
    const last = published.at(-1);
    const open = last?.goneMs === null ? last : null;
    if (!found) {
      if (open) open.goneMs = nowMs;
      return;
    }
    const beganMs = nowMs - found.timeMs;
    // a publisher that came anew between two looks counts from zero again
    if (open && found.bytesIn >= open.bytes) {
      open.lastMs = nowMs;
      open.bytes = found.bytesIn;
      return;
    }
    if (open) open.goneMs = beganMs;
    published.push({ beganMs, lastMs: nowMs, goneMs: null, bytes: found.bytesIn });
  };
  const run = async (): Promise<void> => {
    while (!ended) {
      await look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  };
  const running = run();
  return {
    published,
    async end() {
      ended = true;
      await running;
    },
  };
}
