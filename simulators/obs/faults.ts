/** What a stream start leads to. */
export type StreamOutcome = 'live' | 'weak' | 'deny' | 'refuse' | 'hang' | 'silent';

export interface ScriptedAnswer {
  code: number;
  comment?: string;
}

type Scripted =
  | { kind: 'fail'; answer: ScriptedAnswer }
  | { kind: 'drop' }
  | { kind: 'delay'; ms: number }
  | { kind: 'ignore' };

/** What goes wrong with a batch. `after`: so many of its requests are done as usual before that; `at`: counted from 0. */
export type BatchFault =
  /** fewer results than requests, and the rest is not done */
  | { kind: 'short'; after: number }
  /** the rest is not done and nothing is answered, as when OBS draws no frames */
  | { kind: 'hang'; after: number }
  /** all is done, and the answer is lost */
  | { kind: 'lose' }
  /** one request is refused without being done */
  | { kind: 'fail'; at: number; answer: ScriptedAnswer };

/** Faults a test or a rehearsal scripts; everything is off until asked for. */
export class Faults {
  /** the outcome of every following start; null lets the address decide */
  streamOutcome: StreamOutcome | null = null;
  /** take WebSocket clients and never say Hello */
  withholdHello = false;
  /** null: chance decides, as measured (one in three); else how long an output stays active after STOPPED */
  lingerMs: number | null = null;
  /** null: never more than chance; true or false: whether the congestion of a failed start is told as null */
  nullCongestion: boolean | null = null;
  /** false: requests and events keep their order */
  disorder = true;

  /** null: chance decides, as measured (two in five); else whether an input made hidden in a scene on air is on air for a moment */
  blip: boolean | null = null;

  private readonly queue = new Map<string, Scripted[]>();
  private readonly ghosts: { name: string | null; ms: number }[] = [];
  private readonly batches: BatchFault[] = [];
  private readonly hanging = new Set<string>();

  constructor(private readonly server: { lose(): void; restore(): void; fill(): void }) {}

  /** Never answer requests of this type, until `release`. */
  hang(requestType: string): void {
    this.hanging.add(requestType);
  }

  /** Answer requests of this type again; those already hanging stay unanswered. */
  release(requestType: string): void {
    this.hanging.delete(requestType);
  }

  /** Refuse the next request of this type without doing it. */
  failNext(requestType: string, answer: ScriptedAnswer): void {
    this.push(requestType, { kind: 'fail', answer });
  }

  /** Do the next request of this type, but lose its answer. */
  dropNext(requestType: string): void {
    this.push(requestType, { kind: 'drop' });
  }

  /** Answer the next request of this type `ms` late; it is done late too. */
  delayNext(requestType: string, ms: number): void {
    this.push(requestType, { kind: 'delay', ms });
  }

  /** Answer the next request of this type with 100 and do nothing: OBS's silent no-op. */
  ignoreNext(requestType: string): void {
    this.push(requestType, { kind: 'ignore' });
  }

  /** Following starts reach the server and are rejected: STARTED, then reconnecting for ever. */
  denyStreams(): void {
    this.streamOutcome = 'deny';
  }

  /** Following starts find nothing at the address. */
  refuseStreams(): void {
    this.streamOutcome = 'refuse';
  }

  /** Following starts find a server that never finishes its handshake (30.6 s). */
  hangStreams(): void {
    this.streamOutcome = 'hang';
  }

  /** Following starts say STARTING and nothing more. */
  silenceStreams(): void {
    this.streamOutcome = 'silent';
  }

  /** The address decides again. */
  allowStreams(): void {
    this.streamOutcome = null;
  }

  /** The next input of this name (null: of any) that is removed stays listed and keeps its name `ms` longer, though RemoveInput answers 100. */
  ghost(name: string | null = null, ms = Infinity): void {
    this.ghosts.push({ name, ms });
  }

  /** What the next batch in step with the frames does; each is used once, in order. */
  nextBatch(fault: BatchFault): void {
    this.batches.push(fault);
  }

  /** The streaming server is gone: a running stream reconnects, new ones are refused. */
  loseServer(): void {
    this.server.lose();
  }

  /** The streaming server is back. */
  restoreServer(): void {
    this.server.restore();
  }

  /** The disk is full: OBS ends its recording by itself, which it tells by STOPPED alone, as with a stream. */
  fillDisk(): void {
    this.server.fill();
  }

  /** Say no Hello to new clients; false says it again. */
  noHello(on = true): void {
    this.withholdHello = on;
  }

  /** Take every scripted fault back. */
  clear(): void {
    this.streamOutcome = null;
    this.withholdHello = false;
    this.lingerMs = null;
    this.nullCongestion = null;
    this.disorder = true;
    this.queue.clear();
    this.hanging.clear();
    this.blip = null;
    this.ghosts.length = 0;
    this.batches.length = 0;
    this.server.restore();
  }

  /** The simulator asks: does this request hang? */
  hangs(requestType: string): boolean {
    return this.hanging.has(requestType);
  }

  /** The simulator asks: what was scripted for this request? Each script is used once. */
  next(requestType: string): Scripted | undefined {
    return this.queue.get(requestType)?.shift();
  }

  /** The simulator asks: how much longer than usual does this name stay taken? */
  ghostMs(name: string): number {
    const index = this.ghosts.findIndex((ghost) => ghost.name === null || ghost.name === name);
    return index < 0 ? 0 : (this.ghosts.splice(index, 1)[0]?.ms ?? 0);
  }

  /** The simulator asks: what was scripted for this batch? */
  takeBatch(): BatchFault | null {
    return this.batches.shift() ?? null;
  }

  private push(requestType: string, script: Scripted): void {
    const scripts = this.queue.get(requestType);
    if (scripts) scripts.push(script);
    else this.queue.set(requestType, [script]);
  }
}
