import { MediamtxSimulator, type MediamtxOptions } from './mediamtx';
import { NginxRtmpSimulator, type NginxRtmpOptions } from './nginx-rtmp';
import { OryxSimulator } from './oryx';
import { SrsSimulator, type SrsOptions } from './srs';
import type { MediaServerOptions, MediaServerSimulator } from './types';

export { Faults, type ApiFault } from './faults';
export { MediamtxSimulator, type MediamtxComing, type MediamtxOptions } from './mediamtx';
export { NginxRtmpSimulator, type NginxRtmpOptions } from './nginx-rtmp';
export { OryxSimulator, oryxAccepts } from './oryx';
export { createRehearsalServer, type RehearsalOptions, type RehearsalServer } from './rehearsal';
export { SrsSimulator, srsAccepts, type SrsOptions } from './srs';
export type {
  Came,
  Coming,
  MediaServerOptions,
  MediaServerSimulator,
  Refusal,
  SentHook,
  SimulatedPublisher,
} from './types';

/** What each kind can be started with. */
export interface SimulatorOptions {
  srs: SrsOptions;
  oryx: MediaServerOptions;
  'nginx-rtmp': NginxRtmpOptions;
  mediamtx: MediamtxOptions;
}

/** A simulated media server, not started. */
export function createMediaServerSimulator<K extends keyof SimulatorOptions>(
  kind: K,
  options?: SimulatorOptions[K],
): MediaServerSimulator {
  switch (kind) {
    case 'srs':
      return new SrsSimulator(options);
    case 'oryx':
      return new OryxSimulator(options);
    case 'nginx-rtmp':
      return new NginxRtmpSimulator(options);
    case 'mediamtx':
      return new MediamtxSimulator(options);
    default:
      throw new TypeError(`There is no media server "${String(kind)}".`);
  }
}

/**
 * Start a simulated media server. Resolves when its API listens; rejects when the port cannot be had (the error of node:net, e.g.
 * EADDRINUSE). All its delays are divided by `speed`.
 */
export async function startMediaServerSimulator<K extends keyof SimulatorOptions>(
  kind: K,
  options?: SimulatorOptions[K],
): Promise<MediaServerSimulator> {
  const simulator = createMediaServerSimulator(kind, options);
  await simulator.start();
  return simulator;
}
