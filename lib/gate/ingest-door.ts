import { now } from '../connection/clock';
import type { Lease } from '../connection/lease';
import type { Hook, HookAction } from '../media-servers/types';
import type { Release } from '../production/application';
import type { Ingest, IngestEvent, PublishRequest, PublishVerdict } from '../rtmp/types';
import { Doorway } from './doorway';
import type { GateMemory } from './gate';
import type { Door, DoorState, Rules } from './types';

/** A publisher is asked about again so often, as nginx-rtmp does by its `update`. */
const UPDATE_MS = 5_000;
/** Who was let in is among those who publish by then, or has gone meanwhile. */
const ENTERED_MS = 5_000;

interface Admitted {
  hook: Hook;
  atMs: number;
}

/** The door of our own ingest: the gate decides inside this process, and hears of who leaves. */
export class IngestDoor implements Door {
  private readonly doorway: Doorway;
  private readonly admitted = new Map<string, Admitted>();
  private readonly releases: Release[];
  private readonly ingest: Ingest;

  constructor(
    private readonly lease: Lease<{ readonly ingest: Ingest }>,
    private readonly onError: (error: unknown) => void = () => undefined,
    updateMs = UPDATE_MS,
  ) {
    const ingest = (this.ingest = lease.value.ingest);
    this.doorway = new Doorway(onError);
    const timer = setInterval(() => void this.update().catch(onError), updateMs);
    timer.unref();
    this.releases = [
      ingest.guard((request, leftMs) => this.admit(request, leftMs)),
      ingest.onEvent((event) => this.follow(event)),
      () => clearInterval(timer),
    ];
  }

  get memory(): GateMemory {
    return this.doorway.memory;
  }

  state(): DoorState {
    const { listening, fault } = this.ingest.status();
    return { listening, fault };
  }

  onState(listener: () => void): Release {
    return this.ingest.onStatus(() => listener());
  }

  attach(gate: Rules): Release {
    return this.doorway.attach(gate);
  }

  close(): Promise<void> {
    for (const release of this.releases) release();
    this.doorway.close();
    this.admitted.clear();
    this.lease.release();
    return Promise.resolve();
  }

  private async admit(request: PublishRequest, leftMs: number): Promise<PublishVerdict> {
    const hook = hookOf('publish', request);
    const ruling = await this.doorway.rule(hook, performance.now() + leftMs, () => false);
    const { decision, name, after, isGuess = false } = ruling;
    // not before the publisher has his answer
    if (after) setImmediate(() => this.quietly(after));
    if (!decision.allow) return { allow: false, why: 'gate', reason: decision.reason, isGuess };
    this.admitted.set(request.connectionId, { hook, atMs: now() });
    return { allow: true, name: name ?? request.stream };
  }

  private follow(event: IngestEvent): void {
    if (event.what === 'away' || event.what === 'left') this.left(event.feed.connectionId);
    // another guard may have denied whom the gate let in
    else if (event.what === 'denied') this.left(event.connectionId);
  }

  private left(connectionId: string): void {
    const found = this.admitted.get(connectionId);
    if (!found) return;
    this.admitted.delete(connectionId);
    void this.doorway
      .rule(
        { ...found.hook, action: 'unpublish', called: 'unpublish' },
        performance.now() + 1_000,
        () => false,
      )
      .then(({ after }) => after?.())
      .catch(this.onError);
  }

  /** Asks whether each may go on, and lets go of those whose end nobody told. */
  private async update(): Promise<void> {
    const there = new Set(this.ingest.feeds().map(({ connectionId }) => connectionId));
    for (const [connectionId, { hook, atMs }] of [...this.admitted]) {
      if (!there.has(connectionId)) {
        if (now() - atMs > ENTERED_MS) this.left(connectionId);
        continue;
      }
      const asked: Hook = { ...hook, action: 'update', called: 'update' };
      const { decision, after } = await this.doorway.rule(asked, performance.now() + 1_000, () => false);
      if (!decision.allow) this.ingest.kick(connectionId, 'the gate lets him in no longer', true);
      after?.();
    }
  }

  private quietly(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.onError(error);
    }
  }
}

function hookOf(action: HookAction, { app, stream, params, connectionId, address }: PublishRequest): Hook {
  return {
    action,
    called: action,
    app,
    stream,
    vhost: null,
    clientId: connectionId,
    address,
    params,
    login: null,
  };
}
