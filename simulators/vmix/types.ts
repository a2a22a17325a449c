import type { VmixState } from '../../lib/vmix/state-types';
import type { Faults } from './faults';
import type { VmixProfile } from './profiles';
import type { Studio } from './studio';

export type { VmixProfile } from './profiles';

export interface VmixSimulatorOptions {
  /** 0 (default) takes a free one */
  httpPort?: number;
  /** 0 (default) takes a free one; null: no TCP port, as some vMix have it switched off */
  tcpPort?: number | null;
  /** default 127.0.0.1 */
  host?: string;
  /** null or absent: no password wanted; never asked for over TCP */
  user?: string | null;
  password?: string | null;
  /** default `vmix-29` */
  profile?: VmixProfile;
  /** divides every delay, for quick tests; the duration of a recording keeps real time. Default 1 */
  speed?: number;
  /** where chance is taken from; default Math.random */
  random?: () => number;
  /** titles of the inputs, or how many; default the seven of a small show */
  inputs?: number | readonly string[];
  /** channels that have a destination; default all of the profile */
  configuredStreams?: readonly number[];
  /** outputs whose SRT is set up; default 1 and 2 */
  configuredSrt?: readonly number[];
  /** a second recorder runs with the first. Default false */
  twoRecorders?: boolean;
  /**
   * really write the files of snapshots, where the path is one of this machine; or where its folders (as `D:\\pictures`) are here.
   * Default false
   */
  writeFiles?: boolean | Readonly<Record<string, string>>;
}

export interface SimulatedCall {
  /** milliseconds since 1970 */
  at: number;
  via: 'http' | 'tcp';
  /** the function, or the TCP command; `state` for a state document over HTTP */
  name: string;
  /** its parameters with lower-case names, decoded; may hold secrets, so never print it */
  parameters: Readonly<Record<string, string>>;
}

/** What a channel was told to stream to; vMix never says it again. */
export interface ReceivedSettings {
  url: string;
  key: string;
  userName: string;
  password: string;
}

export type ChannelState = 'off' | 'connecting' | 'live';

export interface VmixSimulator {
  readonly host: string;
  readonly httpPort: number;
  /** null where it has none */
  readonly tcpPort: number | null;
  /** `http://host:port` */
  readonly url: string;
  readonly profile: VmixProfile;
  /** the last 10,000 requests; may hold secrets, so never print it */
  readonly calls: SimulatedCall[];
  /** how many state documents were asked for, over both ports */
  readonly stateRequests: number;
  /** how many TCP clients are connected */
  readonly clients: number;
  readonly listening: boolean;
  readonly faults: Faults;
  /** to change what vMix shows, as somebody at the machine would */
  readonly studio: Studio;
  /** as the next document will say it */
  readonly state: VmixState;
  /** settings a channel received, from 1 */
  received(channel: number): Readonly<ReceivedSettings>;
  channel(channel: number): ChannelState;
  /**
   * Quit and start again on the same ports: sockets close, nothing runs, subscriptions are gone. `reorder` turns the numbers of
   * the inputs round; their keys stay.
   */
  restart(options?: { reorder?: boolean; downMs?: number }): Promise<void>;
  /** Every socket closes, both ports too. */
  quit(): Promise<void>;
  /** Switch the web controller off or on: its port closes, the TCP port goes on. */
  webController(on: boolean): Promise<void>;
  /** Take connections and answer nothing. */
  freeze(): void;
  thaw(): void;
  /** End everything at once; nothing is left that keeps a process alive. */
  close(): Promise<void>;
}
