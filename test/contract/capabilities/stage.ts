// What a scenario of a capability sees of a world: an application of ours, somebody at the machine, and who receives.
import type { Application, StartStreamOptions } from '../../../lib/production/application';
import type { SrtWish } from '../../../lib/production/srt';
import type { StreamTarget } from '../../../lib/production/targets';
import type { EventName } from '../../../lib/production/vocabulary';
import type { Heard, OpenOptions } from '../hear';

/** Long enough to be a confirmation, short enough for a test. */
export const CONFIRM_MS = 1000;
/** What a close may take at most, in every state; a Node-RED that redeploys waits for it. */
export const CLOSE_MS = 1500;

/** An application of ours, and what it told. */
export type Opened = Heard<Application>;

/** A capability, or what only some applications can do of it. */
export type Need =
  | 'streams'
  | 'recorder'
  | 'outputs'
  | 'scenes'
  | 'pictures'
  | 'pictures-there'
  | 'health'
  | 'report'
  | 'survey'
  | 'stop-all'
  | 'srt'
  /** the application shows whether SRT is on */
  | 'srt-shown'
  /** somebody else than us counts what arrives */
  | 'receiver'
  /** the application tells who ended a stream */
  | 'knows-who'
  | 'pause'
  | 'freeze';

/** What somebody at the machine does; resolves once it is done there. */
export interface Machine {
  startStream(): Promise<void>;
  stopStream(): Promise<void>;
  /** the server goes, or whatever else ends a stream that nobody stopped */
  loseStream(): Promise<void>;
  startRecording(): Promise<void>;
  stopRecording(): Promise<void>;
  show(scene: string): Promise<void>;
  /** a clean end; nothing of it is left */
  quit(): Promise<void>;
  /** gone at once */
  crash(): Promise<void>;
  /** started again, at the same address and with the same settings */
  comeBack(): Promise<void>;
  /** takes connections and answers nothing */
  freeze(): void;
  thaw(): void;
}

export interface Stage {
  readonly application: 'obs' | 'vmix';
  /** the password it wants, which has to be nowhere else */
  readonly password: string;
  /** the key of `good`, likewise */
  readonly key: string;
  /** takes every stream */
  readonly good: StreamTarget;
  /** another place at the same server */
  readonly other: StreamTarget;
  /** nothing listens there */
  readonly refused: StreamTarget;
  /** takes the stream, and ends it when it has seen its key */
  readonly denied: StreamTarget;
  /** a folder for pictures, as the application and as we call it */
  readonly pictures: { there: string; here: string };
  /** how events and reports name the stream */
  readonly stream: string;
  /** an output that is none of the streams and can run here */
  readonly output: string;
  /** how the application itself lists that output */
  readonly outputListed: string;
  readonly machine: Machine;
  /** a start of the stream to there */
  to(target: StreamTarget, more?: Partial<StartStreamOptions>): StartStreamOptions;
  /** an application on it, connected unless `ready` is false; closed when the scenario ends */
  open(options?: OpenOptions): Promise<Opened>;
  /** the keys under which streams arrive now; null where nobody counts */
  received(): Promise<string[] | null>;
  /** whether this runs, by the application's own word and past everything of ours */
  runs(what: 'stream' | 'recording'): Promise<boolean>;
  /** SRT to a listener that is there */
  srt(): Promise<SrtWish>;
  /** run when the scenario ends, last first, also when it failed */
  cleanUp(action: () => unknown): void;
}

/** What one application calls what the other calls so too: its connection's events and its codes. */
export function own(stage: Stage, word: string): string {
  return `${stage.application}_${word}`;
}

export const connected = (stage: Stage): EventName => own(stage, 'connected') as EventName;
export const disconnected = (stage: Stage): EventName => own(stage, 'disconnected') as EventName;
/** `OBS_NAME` or `VMIX_NAME`. */
export const code = (stage: Stage, name: string): string => own(stage, name).toUpperCase();

/** `expected` of what somebody at the machine asked for: OBS tells that somebody did, vMix does not. */
export const byAnybody = ({ application }: Stage): boolean | null => (application === 'obs' ? true : null);

/** The codes with which an action is refused while nobody is there. */
export const gone = (stage: Stage): string[] =>
  ['NOT_CONNECTED', 'REFUSED', 'CONTAINER_LOOPBACK', 'DISCONNECTED', 'TIMEOUT'].map((name) =>
    code(stage, name),
  );

/** SRT to this port here, or wherever the application sends it by itself. */
export const srtWish = (which: SrtWish['which'], port: number | null): SrtWish => ({
  which,
  place:
    port === null
      ? null
      : {
          ...{ mode: 'caller', host: '127.0.0.1', port, latencyMs: 200, streamId: '' },
          ...{ passphrase: '', keyLength: null },
        },
  waitForCallerMs: 10_000,
  confirmMs: CONFIRM_MS,
  encoding: { videoKbps: 800, audioKbps: 96, keyframeSeconds: 2 },
  secondProfile: '',
});
