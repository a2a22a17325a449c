import type { BlackWatch } from './black-watch';
import type { Faults } from './faults';
import type { SimulatedHealth } from './health';
import type { SimulatedPublishers } from './publishers';
import type { RestoredScenes } from './saved-scenes';

/** Which OBS is played: 29.0.2 as measured; 30.2.3 and 32.2.2 mostly from source. */
export type ObsProfile = 'obs-29' | 'obs-30' | 'obs-32';

export interface ObsSimulatorOptions {
  /** 0 (default) takes a free one */
  port?: number;
  /** default 127.0.0.1 */
  host?: string;
  /** null or absent: no password wanted */
  password?: string | null;
  /** default `obs-29` */
  profile?: ObsProfile;
  /** divides every delay, for quick tests; byte and frame counters keep real time. Default 1 */
  speed?: number;
  /** where jitter, lingering and dropped starts take their chance from; default Math.random */
  random?: () => number;
  /** false: answers 604 as an OBS without a virtual camera driver. Default true */
  virtualCamera?: boolean;
  /** false: answers 604 as an OBS whose settings have it switched off. Default true */
  replayBuffer?: boolean;
  /** where recordings go; default the home folder, as in OBS */
  recordFolder?: string;
  /** really put a small file where a recording goes. Default false */
  writeFiles?: boolean;
  /** true: it has the plugin obs-gstreamer, with its kind `gstreamer-source`. Default false, as Debian's OBS */
  gstreamer?: boolean;
  /** how long a newer OBS answers 207 after its port opens; default 0 */
  notReadyMs?: number;
}

export interface SimulatedCall {
  /** milliseconds since 1970 */
  at: number;
  requestType: string;
  requestData: unknown;
  /** number of the client, counted from 1 */
  client: number;
  /** place in its batch */
  batchIndex?: number;
}

export type SimulatedStreamState = 'idle' | 'starting' | 'live' | 'reconnecting' | 'stopping';
export type SimulatedRecordState = 'idle' | 'starting' | 'recording' | 'paused' | 'stopping';

/** A source in a scene. */
export interface SimulatedItem {
  id: number;
  name: string;
  /** null: a scene */
  kind: string | null;
  enabled: boolean;
  /** 0 lies lowest */
  index: number;
  /** of the input itself; may hold secrets */
  settings: Record<string, unknown>;
  /** of the item */
  privateSettings: Record<string, unknown>;
}

/** What the simulated OBS is doing, for assertions. */
export interface SimulatedState {
  readonly stream: SimulatedStreamState;
  readonly record: SimulatedRecordState;
  readonly recordPath: string | null;
  readonly virtualCamera: boolean;
  readonly replayBuffer: boolean;
  readonly programScene: string;
  readonly previewScene: string | null;
  readonly studioMode: boolean;
  readonly service: { type: string; settings: Record<string, unknown> };
}

export interface ObsSimulator {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly password: string | null;
  readonly profile: ObsProfile;
  /** the last 10,000 requests; may hold secrets, so never print it */
  readonly calls: SimulatedCall[];
  readonly faults: Faults;
  readonly health: SimulatedHealth;
  /** who publishes at which address */
  readonly publishers: SimulatedPublishers;
  /** how many clients are connected */
  readonly clients: number;
  /** how many connections were ever taken */
  readonly connections: number;
  readonly crashed: boolean;
  readonly listening: boolean;
  readonly state: SimulatedState;
  /** What is in a scene, lowest first; empty for a scene that there is not. A removed input is in it until the next frame. */
  items(scene: string): SimulatedItem[];
  /** Told at each change of items, inputs' names and settings, within the request that changes them; until the answer is called. */
  onItems(listener: () => void): () => void;
  /** Look at each frame of a scene (absent: of what is on air) for a picture from now on, until `stop` is called. */
  watchBlack(scene?: string): BlackWatch;
  /** Tell an event to everyone who subscribed to its kind. */
  emit(eventType: string, eventData?: Record<string, unknown>): void;
  /** Put inputs of a scene into a new group of it, as a person at OBS does. */
  group(scene: string, name: string, inputs: readonly string[]): void;
  /** Clean quit: ExitStarted, close 1001, port closed. */
  quit(): Promise<void>;
  /** As a SIGSEGV or kill -9: every client sees 1006, the port is closed, all outputs are gone. */
  crash(): void;
  /**
   * Start again on the same port after quit or crash, with fresh outputs and the settings as they were. Scenes come back as OBS had written them
   * down (`saved`, the default after a crash), as they were at the end (`now`, the default after a clean quit), or as they were written down the
   * time before (`older`).
   */
  restart(options?: { scenes?: RestoredScenes }): Promise<void>;
  /** Disconnect every client as OBS's Kick button does (4011). */
  kick(): void;
  /** As SIGSTOP: TCP connections are taken, nothing is answered, nothing happens. */
  freeze(): void;
  /** As SIGCONT. */
  thaw(): void;
  /** End everything at once; nothing is left that keeps a process alive. */
  close(): Promise<void>;
}
