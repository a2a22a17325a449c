import type { Faults } from './faults';

/** What all four simulated servers are started with. */
export interface MediaServerOptions {
  /** where hooks are posted to: `http://127.0.0.1:8931/hooks/<name>/<secret>`; null: no hooks, everybody is let in */
  hooks?: string | null;
  /** default 127.0.0.1 */
  host?: string;
  /** of the API; 0 (default) takes a free one */
  port?: number;
  /** of the API: user and password (SRS, nginx-rtmp, MediaMTX), or the token (Oryx); absent: none wanted */
  user?: string | null;
  password?: string | null;
  /** divides every delay and multiplies what publishers send, for quick tests. Default 1 */
  speed?: number;
  /** milliseconds, monotonic; default performance.now */
  now?: () => number;
  /** where chance is taken from; default Math.random */
  random?: () => number;
}

/** Somebody who comes to publish. */
export interface Coming {
  /** default `live` */
  app?: string;
  /** what he appended behind the question mark of his stream key, undecoded: `key=abc`; default nothing */
  args?: string;
  /** where he comes from; default 127.0.0.1 */
  address?: string;
  /** what he sends; default 2500 */
  kbps?: number;
}

export type Refusal =
  /** the hook said no */
  | 'denied'
  /** the hook could not be reached, or what it said was no answer */
  | 'no-answer'
  /** somebody publishes under this name already */
  | 'busy'
  /** forwarding was asked for, and its answer made no sense */
  | 'forward'
  /** the server does not run */
  | 'down';

export interface Came {
  allowed: boolean;
  /** null: he is in */
  why: Refusal | null;
  /** the server's name of this connection */
  clientId: string;
  /** the name he publishes under now: another one where the hook renamed him (nginx-rtmp) */
  stream: string;
  /** where the server sends him on to */
  forwardedTo: readonly string[];
}

/** Somebody who publishes, as the simulator has him. */
export interface SimulatedPublisher {
  readonly app: string;
  readonly stream: string;
  readonly clientId: string;
  readonly address: string;
  readonly bytesIn: number;
  readonly forwardedTo: readonly string[];
}

/** A hook that was posted, and what came back. May hold keys, so never print it. */
export interface SentHook {
  action: string;
  body: string;
  /** null: no answer */
  status: number | null;
  reply: string;
}

export interface MediaServerSimulator {
  readonly kind: 'srs' | 'oryx' | 'nginx-rtmp' | 'mediamtx';
  readonly host: string;
  readonly port: number;
  /** the base of the API, as a media server's dialog wants it */
  readonly api: string;
  /** only of nginx-rtmp */
  readonly control: string | null;
  readonly listening: boolean;
  readonly faults: Faults;
  readonly publishers: readonly SimulatedPublisher[];
  /** the last 1,000 */
  readonly hooks: readonly SentHook[];
  /** requests that the API got */
  readonly apiRequests: number;
  start(): Promise<void>;
  /** Somebody publishes: the hook is asked. `stream` may carry his key behind a question mark, as it is entered in OBS. */
  publish(stream: string, coming?: Coming): Promise<Came>;
  /** He ends his stream in good order. False: nobody published under this name. */
  unpublish(stream: string, app?: string): Promise<boolean>;
  /** He is gone without a word, as when a cable is pulled: nothing more comes, and the server notices after its timeout. */
  kill(stream: string, app?: string): boolean;
  /** He stays connected and sends nothing, until `resume`. */
  stall(stream: string, app?: string): boolean;
  resume(stream: string, app?: string): boolean;
  /** Tells that a connection ended which never was, or was another: with this client id, or one of chance. */
  staleUnpublish(stream: string, options?: { app?: string; clientId?: string; args?: string }): Promise<void>;
  /** Everybody is thrown off without a hook, the API closes; after `downMs` it is back on the same port, as a new process. */
  restart(options?: { downMs?: number }): Promise<void>;
  /** The API alone goes away, and comes back on the same port. */
  apiOn(on: boolean): Promise<void>;
  close(): Promise<void>;
}
