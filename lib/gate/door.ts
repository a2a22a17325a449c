import type { IncomingMessage, ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import { withDeadline } from '../connection/deadline';
import type { Kept, Lease } from '../connection/lease';
import { fail } from '../errors';
import { MOST_HOOK_BYTES, type Hook, type HookReply, type HookSpeech } from '../media-servers/types';
import type { Release } from '../production/application';
import { addressCheck, plainAddress, type AddressCheck } from '../web/addresses';
import { readBody, type BodyFault } from '../web/body';
import { refuse, type WebListener } from '../web/listener';
import { Denials } from './denials';
import type { GateMemory } from './gate';
import { Presence } from './presence';
import type { Moved, Rules, Ruling, StrangerReason } from './types';

/** A hook has its answer within a second, whatever hangs; the rest is for the way. */
export const ANSWER_MS = 950;
/** A server sends its body at once. */
const BODY_MS = 500;
/** A deploy has so long to bring the next gate. */
const GAP_MS = 800;
/** More do not wait for a deploy. */
const MOST_WAITING = 500;

export interface DoorSettings {
  /** begins with a slash and ends with the secret */
  path: string;
  secret: string;
  allowFrom: readonly string[];
  speech: HookSpeech;
}

const BODY_FAULTS: Record<BodyFault, string> = {
  size: `it is longer than ${MOST_HOOK_BYTES} bytes`,
  late: 'it did not come whole',
  aborted: 'it was broken off',
};

/**
 * The hook address of one media server. It stays open over a deploy: a hook that comes while no gate stands waits for the next one, and one
 * that a gate had not decided about yet goes to the next as well.
 */
export class GateDoor implements Kept {
  readonly memory: GateMemory = { presence: new Presence(), denials: new Denials(), dropped: new Set() };
  private gate: Rules | null = null;
  private playsFreely = true;
  private readonly mayCome: AddressCheck;
  private readonly tail: Buffer;
  private readonly waiting = new Set<() => void>();
  private readonly unmount: (forGood?: boolean) => void;
  private closed = false;

  /** @throws CONFIG_INVALID for an allowed address that is none, GATE_TAKEN where another media server has this very path */
  constructor(
    private readonly lease: Lease<WebListener>,
    private readonly settings: DoorSettings,
    private readonly onError: (error: unknown) => void = () => undefined,
  ) {
    this.mayCome = addressCheck(settings.allowFrom);
    this.tail = Buffer.from(`/${settings.secret}`, 'latin1');
    const path = settings.path.slice(0, -this.tail.length);
    if (this.listener.isMounted(path)) throw fail('GATE_TAKEN');
    const take = this.take.bind(this);
    this.unmount = this.listener.mount(path, take, { mayCome: this.mayCome });
  }

  get listener(): WebListener {
    return this.lease.value;
  }

  /** Decide about every hook from now on. Throws GATE_TAKEN while another does. */
  attach(gate: Rules): Release {
    if (this.gate) throw fail('GATE_TAKEN');
    this.gate = gate;
    this.playsFreely = gate.playsFreely;
    for (const go of [...this.waiting]) go();
    return () => {
      if (this.gate === gate) this.gate = null;
    };
  }

  close(): Promise<void> {
    this.closed = true;
    this.gate = null;
    this.unmount(true);
    for (const go of [...this.waiting]) go();
    this.lease.release();
    return Promise.resolve();
  }

  private take(request: IncomingMessage, response: ServerResponse, rest: string): void {
    const from = request.socket.remoteAddress;
    // wrong address, wrong secret and unknown path are one from outside
    if (!this.mayCome(from)) return this.turnAway(response, 'address', from);
    if (!this.isSecret(rest)) return this.turnAway(response, 'secret', from);
    this.answer(request, response).catch((error: unknown) => {
      this.onError(error);
      response.destroy();
    });
  }

  private isSecret(rest: string): boolean {
    const given = Buffer.from(rest, 'latin1');
    return given.length === this.tail.length && timingSafeEqual(given, this.tail);
  }

  private turnAway(response: ServerResponse, why: StrangerReason, from: string | undefined): void {
    refuse(response);
    this.gate?.stranger(why, plainAddress(from ?? ''), '');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { speech } = this.settings;
    const untilMs = performance.now() + ANSWER_MS;
    const from = plainAddress(request.socket.remoteAddress ?? '');
    const read = await readBody(request, MOST_HOOK_BYTES, BODY_MS);
    const malformed = (reason: string) => {
      // what more comes of it is not read
      reply(response, speech.reply({ allow: false, reason: 'no hook' }, null), 'fault' in read);
      this.gate?.stranger('malformed', from, reason);
    };
    if ('fault' in read) return malformed(BODY_FAULTS[read.fault]);
    const query = (request.url ?? '').indexOf('?');
    const hook = speech.parse({
      method: request.method ?? '',
      contentType: request.headers['content-type'] ?? null,
      query: query < 0 ? '' : request.url!.slice(query + 1),
      body: read.body,
    });
    if ('fault' in hook) return malformed(hook.reason);
    const ruling = await this.rule(hook, untilMs, () => response.destroyed);
    reply(response, speech.reply(ruling.decision, hook), false);
    ruling.after?.();
  }

  private async rule(hook: Hook, untilMs: number, isGone: () => boolean): Promise<Ruling> {
    for (;;) {
      const leftMs = untilMs - performance.now();
      const gate = this.gate ?? (await this.nextGate(Math.min(GAP_MS, leftMs)));
      if (!gate) return this.withoutGate(hook);
      try {
        const ruling = gate.rule(hook, leftMs, isGone);
        if (!(ruling instanceof Promise)) return ruling;
        const decided = await withDeadline<Ruling | Moved>(ruling, leftMs, () =>
          fail('INTERNAL', { reason: LATE }),
        );
        if (decided !== 'moved') return decided;
      } catch (error) {
        this.onError(error);
        return this.withoutGate(hook);
      }
    }
  }

  /** Nobody is let in whom nobody has looked at, and nobody is cut off; a list of who is there shows later what was missed. */
  private withoutGate({ action }: Hook): Ruling {
    const isDenied = action === 'publish' || (action === 'play' && !this.playsFreely);
    return { decision: isDenied ? { allow: false, reason: 'denied' } : { allow: true } };
  }

  private nextGate(ms: number): Promise<Rules | null> {
    if (this.closed || ms <= 0 || this.waiting.size >= MOST_WAITING) return Promise.resolve(this.gate);
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve(this.gate);
      };
      const timer = setTimeout(go, ms);
      timer.unref();
      this.waiting.add(go);
    });
  }
}

const LATE = 'an admission did not end in its time';

function reply(response: ServerResponse, { status, headers, body }: HookReply, isLast: boolean): void {
  if (response.destroyed) return;
  response
    .writeHead(status, {
      ...headers,
      'Content-Length': Buffer.byteLength(body),
      ...(isLast ? { Connection: 'close' } : {}),
    })
    .end(body);
}
