/** What a stream start leads to; `drop`: it is live for a moment, as with a server that looks at the key only then. */
export type StreamOutcome = 'live' | 'refuse' | 'hang' | 'drop';

/** How the web controller misbehaves. */
export type HttpFault = 'error' | 'hang' | 'slow' | 'truncated' | 'html' | 'browser' | 'refuse' | 'large';

export interface DocumentLook {
  bom?: boolean;
  declaration?: boolean;
  instruction?: boolean;
}

/** Faults a test or a rehearsal scripts; everything is off until asked for. */
export class Faults {
  /** the outcome of every following start; null lets the address decide */
  streamOutcome: StreamOutcome | null = null;
  /** what goes before the document */
  look: DocumentLook = {};
  /** cut what the TCP port writes at random places */
  fragment = false;
  /** close TCP connections that were silent this long, ms; null: never */
  dropIdleMs: number | null = null;
  /** take TCP connections and say no greeting */
  noGreeting = false;
  /** the recording stops growing, and its flag stays */
  stallRecording = false;

  private http: { fault: HttpFault; left: number; on: 'state' | 'function' | 'all' } | null = null;
  private readonly ignored = new Map<string, number>();
  private readonly late = new Map<string, number[]>();

  /** The next `times` requests of this kind fail; for ever by default, until `clear`. */
  failHttp(
    fault: HttpFault,
    { times = Infinity, on = 'all' }: { times?: number; on?: 'state' | 'function' | 'all' } = {},
  ): void {
    this.http = { fault, left: times, on };
  }

  /** The next calls of this function are answered OK, and nothing happens. */
  ignoreNext(name: string, times = 1): void {
    this.ignored.set(name.toLowerCase(), times);
  }

  /** The next TCP command (`FUNCTION`, `XML`, `PING` …) is answered `ms` late, and done late. */
  delayNext(command: string, ms: number): void {
    const key = command.toUpperCase();
    this.late.set(key, [...(this.late.get(key) ?? []), ms]);
  }

  /** Take every scripted fault back. */
  clear(): void {
    this.streamOutcome = null;
    this.look = {};
    this.fragment = false;
    this.dropIdleMs = null;
    this.noGreeting = false;
    this.stallRecording = false;
    this.http = null;
    this.ignored.clear();
    this.late.clear();
  }

  /** The simulator asks: how does this request fail? Each counts once. */
  nextHttp(kind: 'state' | 'function'): HttpFault | null {
    const { http } = this;
    if (!http || http.left <= 0 || (http.on !== 'all' && http.on !== kind)) return null;
    http.left -= 1;
    return http.fault;
  }

  /** The simulator asks: is this call to be ignored? */
  ignores(name: string): boolean {
    const left = this.ignored.get(name.toLowerCase()) ?? 0;
    if (left > 0) this.ignored.set(name.toLowerCase(), left - 1);
    return left > 0;
  }

  /** The simulator asks: how late is this command? */
  lateness(command: string): number {
    return this.late.get(command.toUpperCase())?.shift() ?? 0;
  }
}
