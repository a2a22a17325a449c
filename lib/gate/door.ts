import type { IncomingMessage, ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import type { Lease } from '../connection/lease';
import { fail } from '../errors';
import { MOST_HOOK_BYTES, type HookReply, type HookSpeech } from '../media-servers/types';
import type { Release } from '../production/application';
import { addressCheck, plainAddress, type AddressCheck } from '../web/addresses';
import { readBody, type BodyFault } from '../web/body';
import { refuse, type WebListener } from '../web/listener';
import { Doorway } from './doorway';
import type { GateMemory } from './gate';
import type { Door, DoorState, Rules, StrangerReason } from './types';

/** A hook has its answer within a second, whatever hangs; the rest is for the way. */
export const ANSWER_MS = 950;
/** A server sends its body at once. */
const BODY_MS = 500;

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

/** The hook address of one media server; it stays open over a deploy. */
export class GateDoor implements Door {
  private readonly doorway: Doorway;
  private readonly mayCome: AddressCheck;
  private readonly tail: Buffer;
  private readonly unmount: (forGood?: boolean) => void;

  /** @throws CONFIG_INVALID for an allowed address that is none, GATE_TAKEN where another media server has this very path */
  constructor(
    private readonly lease: Lease<WebListener>,
    private readonly settings: DoorSettings,
    private readonly onError: (error: unknown) => void = () => undefined,
  ) {
    this.doorway = new Doorway(onError);
    this.mayCome = addressCheck(settings.allowFrom);
    this.tail = Buffer.from(`/${settings.secret}`, 'latin1');
    const path = settings.path.slice(0, -this.tail.length);
    if (this.listener.isMounted(path)) throw fail('GATE_TAKEN');
    const take = this.take.bind(this);
    this.unmount = this.listener.mount(path, take, { mayCome: this.mayCome });
  }

  get memory(): GateMemory {
    return this.doorway.memory;
  }

  state(): DoorState {
    const { listening, fault } = this.listener;
    return { listening, fault };
  }

  onState(listener: () => void): Release {
    return this.listener.onState(listener);
  }

  /** Decide about every hook from now on. Throws GATE_TAKEN while another does. */
  attach(gate: Rules): Release {
    return this.doorway.attach(gate);
  }

  close(): Promise<void> {
    this.unmount(true);
    this.doorway.close();
    this.lease.release();
    return Promise.resolve();
  }

  private get listener(): WebListener {
    return this.lease.value;
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
    this.doorway.present?.stranger(why, plainAddress(from ?? ''), '');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { speech } = this.settings;
    const untilMs = performance.now() + ANSWER_MS;
    const from = plainAddress(request.socket.remoteAddress ?? '');
    const read = await readBody(request, MOST_HOOK_BYTES, BODY_MS);
    const malformed = (reason: string) => {
      // what more comes of it is not read
      reply(response, speech.reply({ allow: false, reason: 'no hook' }, null), 'fault' in read);
      this.doorway.present?.stranger('malformed', from, reason);
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
    const ruling = await this.doorway.rule(hook, untilMs, () => response.destroyed);
    reply(response, speech.reply(ruling.decision, hook), false);
    ruling.after?.();
  }
}

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
