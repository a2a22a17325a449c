/** The programs that people publish to. `rehearsal` is the package's own simulator, which speaks as SRS does. */
export const MEDIA_SERVERS = ['srs', 'oryx', 'nginx-rtmp', 'mediamtx', 'rehearsal'] as const;
export type MediaServerKind = (typeof MEDIA_SERVERS)[number];
/** And our own ingest, which asks nobody by HTTP. */
export const SERVER_KINDS = [...MEDIA_SERVERS, 'ingest'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

/** A request that came in at the hook address, as it came: nothing of it is trusted. */
export interface HookRequest {
  method: string;
  /** as in Node: lower case, the last of those that came twice */
  contentType: string | null;
  /** the query of the hook address itself, without the question mark */
  query: string;
  /** at most MOST_HOOK_BYTES; more is refused before */
  body: Buffer;
}

/** More than any server sends; what is longer is denied unread. */
export const MOST_HOOK_BYTES = 65_536;

/**
 * What a media server says or asks. `publish`, `play`, `connect` are asked before it lets somebody; `forward` asks where to send a
 * publisher on; `update` says that somebody still publishes (nginx-rtmp; a denial drops him); the others are told afterwards.
 */
export const HOOK_ACTIONS = [
  'publish',
  'unpublish',
  'play',
  'stop',
  'connect',
  'close',
  'forward',
  'update',
  'record',
  'other',
] as const;
export type HookAction = (typeof HOOK_ACTIONS)[number];

/** One hook, parsed and checked. Texts are at most 512 characters, without control characters. Holds secrets in `params`. */
export interface Hook {
  action: HookAction;
  /** the server's own name of the action */
  called: string;
  app: string;
  /** the name that is published, without anything behind a question mark; empty where the hook has none */
  stream: string;
  vhost: string | null;
  /** the server's name of this very connection; null where the server does not tell it (Oryx) */
  clientId: string | null;
  /** where the publisher comes from; null where the server does not tell it */
  address: string | null;
  /** what the publisher appended to his stream key or address, decoded; the first of those that came twice */
  params: ReadonlyMap<string, string>;
  /** what the publisher gave as user and password (MediaMTX); null where the server has none */
  login: { user: string; password: string } | null;
}

/** Why a request is no hook of this server; never holds a secret. */
export interface HookFault {
  fault: 'method' | 'type' | 'size' | 'syntax' | 'field' | 'twice' | 'action';
  /** in words, for the log */
  reason: string;
}

export type HookDecision =
  | {
      allow: true;
      /** where the server shall send this publisher on as well (SRS on `forward`, nginx-rtmp on `publish`); addresses with keys are secret */
      forwardTo?: readonly string[];
    }
  | {
      allow: false;
      /** for the server's log: no secret, no name of anybody */
      reason: string;
    };

/** An answer in the server's own words. */
export interface HookReply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Somebody who publishes now, as the server's own list has him. What the list does not tell is null. */
export interface Publisher {
  app: string;
  stream: string;
  clientId: string | null;
  address: string | null;
  /** how long already, in milliseconds */
  sinceMs: number | null;
  /** bytes received from him so far */
  bytesIn: number | null;
  /** as the server itself measures it; null also while that figure means nothing yet (the first 10 s of nginx-rtmp) */
  bitrateKbps: number | null;
  frames: number | null;
  /** how many read this stream now */
  readers: number | null;
  video: { codec: string | null; width: number | null; height: number | null; fps: number | null } | null;
  audio: { codec: string | null; sampleRateHz: number | null; channels: number | null } | null;
}

/** The server's list at one moment. */
export interface PublisherList {
  publishers: Publisher[];
  /** another one when the server was started anew, with `@` and the second of its start behind where it may have the same name again; null where it does not tell */
  serverRun: string | null;
  /** by `now()` */
  atMs: number;
}

/** How a media server speaks: pure, total (whatever comes in, nothing is thrown), one for each kind. */
export interface HookSpeech {
  readonly kind: MediaServerKind;
  readonly parse: (request: HookRequest) => Hook | HookFault;
  /** `hook`: null for a request that was no hook, or came from the wrong place */
  readonly reply: (decision: HookDecision, hook: Hook | null) => HookReply;
}

/** Where a media server is, and how to log in. */
export interface MediaServerSettings {
  kind: MediaServerKind;
  /** the base of its API: `http://host:1985`; of nginx-rtmp the two addresses of statistics and control; null: none, so nothing can be listed */
  api: string | null;
  /** only of nginx-rtmp: `http://host:8080/control`; null: nobody can be kicked */
  control: string | null;
  user: string | null;
  /** password, or the token of Oryx and of a Bearer API; secret */
  password: string | null;
  /** each request's deadline in milliseconds */
  timeoutMs: number;
}

export type KickOutcome = 'kicked' | 'absent';

/** The server's own interface. Every call ends within its deadline; errors are coded MEDIA_SERVER_*. */
export interface MediaServerClient {
  readonly kind: ServerKind;
  /** Everybody who publishes. Callers within `freshMs` of each other share one reading. */
  list(freshMs?: number): Promise<PublisherList>;
  /** Ends just this connection: looks first whether it is still this one that publishes there. */
  kick(publisher: { app: string; stream: string; clientId: string | null }): Promise<KickOutcome>;
  /** What the Test button says: version and number of publishers, or a coded error that names the fault. */
  probe(): Promise<{ version: string | null; publishers: number }>;
  close(): Promise<void>;
}
