import { fail } from '../errors';
import type { Hook } from '../media-servers/types';
import { redactText } from '../secrets';
import { plainAddress } from '../web/addresses';
import { rateKey } from '../web/client-address';
import type { Admitted, Moved } from './types';

/** More do not wait for a flow at once; the next ones are denied. */
const MOST_OPEN = 500;
/** Of those from one address, or one network of IPv6: who invents names must not keep everybody else out. */
const MOST_FROM_ONE = 50;
/** An encoder that was denied tries again at once, for ever: a flow is asked about the same one every few seconds only. */
const REMEMBER_MS = 3_000;
const MOST_REMEMBERED = 1_000;
const LONGEST_NAME = 80;
const LONGEST_REASON = 200;
/** A month: nobody means longer. */
const LONGEST_TURN_S = 31 * 86_400;
const HIGHEST_PRIORITY = 1_000_000;

/** What a flow is asked. Nothing in it is secret. */
export interface Question {
  /** comes back with the answer; good for one */
  id: string;
  stream: string;
  app: string;
  address: string | null;
  /** how long it waits */
  ms: number;
}

interface Open {
  question: Question;
  from: string | null;
  timer: NodeJS.Timeout;
  resolve: (answer: Admitted | Moved) => void;
}

/** Asks a flow about publishers. Each question is answered once, in time, or it is answered with no. */
export class Asking {
  private readonly open = new Map<string, Open>();
  private readonly denied = new Map<string, { atMs: number; why: string }>();
  private closed = false;

  /**
   * @param ms how long a flow has for each answer
   * @param send the question on its way; nothing is sent from within `ask` itself
   * @param newId makes an id that nobody guesses
   */
  constructor(
    private readonly ms: number,
    private readonly send: (question: Question) => void,
    private readonly newId: () => string,
    private readonly now: () => number,
  ) {}

  /** What the flow says of this publisher; a no where it says nothing in time. Never rejects. */
  ask({ app, stream, address }: Hook, leftMs: number): Promise<Admitted | Moved> | Admitted {
    const who = `${address ?? ''} ${app} ${stream}`;
    const before = this.denied.get(who);
    if (before && this.now() - before.atMs < REMEMBER_MS) return { ok: false, why: before.why };
    const from = address === null ? null : rateKey(plainAddress(address));
    if (this.open.size >= MOST_OPEN || (from !== null && this.openFrom(from) >= MOST_FROM_ONE))
      return { ok: false, why: 'busy' };
    const ms = Math.max(0, Math.min(this.ms, leftMs));
    const question: Question = { id: this.newId(), stream, app, address, ms };
    return new Promise<Admitted | Moved>((resolve) => {
      const timer = setTimeout(() => this.end(question.id, { ok: false, why: 'not-answered' }), ms);
      timer.unref();
      this.open.set(question.id, { question, from, timer, resolve });
      if (this.closed) this.end(question.id, 'moved');
      else this.send(question);
    }).then((answer) => {
      if (answer !== 'moved' && !answer.ok) this.remember(who, answer.why);
      return answer;
    });
  }

  /**
   * An answer of the flow.
   * @param payload true, false, "allow", "deny", or an object with `allow` and what else is to be said of him
   * @throws GATE_NOT_ASKED: too late, or answered already; INPUT_INVALID: no answer, so that the question stays open
   */
  answer(id: unknown, payload: unknown): { allowed: boolean; stream: string } {
    const found = typeof id === 'string' ? this.open.get(id) : undefined;
    if (!found) throw fail('GATE_NOT_ASKED', { seconds: this.ms / 1000 });
    const { stream } = found.question;
    const answer = parseAnswer(payload, stream);
    this.end(found.question.id, answer);
    return { allowed: answer.ok, stream };
  }

  /** Whoever waits is to ask the next gate. */
  close(): void {
    this.closed = true;
    for (const id of [...this.open.keys()]) this.end(id, 'moved');
  }

  private openFrom(from: string): number {
    let count = 0;
    for (const one of this.open.values()) if (one.from === from) count++;
    return count;
  }

  private end(id: string, answer: Admitted | Moved): void {
    const found = this.open.get(id);
    if (!found) return;
    this.open.delete(id);
    clearTimeout(found.timer);
    found.resolve(answer);
  }

  private remember(who: string, why: string): void {
    this.denied.delete(who);
    this.denied.set(who, { atMs: this.now(), why });
    if (this.denied.size > MOST_REMEMBERED) this.denied.delete(this.denied.keys().next().value!);
  }
}

/** The answer in a payload. Throws INPUT_INVALID, with nothing of the payload quoted. */
export function parseAnswer(payload: unknown, stream: string): Admitted {
  const plain = { ok: true, name: stream, limitMs: null, priority: 0 } as const;
  const word = typeof payload === 'string' ? payload.trim().toLowerCase() : payload;
  if (word === true || word === 'allow') return plain;
  if (word === false || word === 'deny') return { ok: false, why: 'refused' };
  const given = (typeof payload === 'object' && payload !== null ? payload : {}) as Record<string, unknown>;
  if (given.allow !== true && given.allow !== false)
    throw invalid(
      'payload',
      'an answer is true, false, "allow", "deny", or an object with allow: true or false',
    );
  if (!given.allow) return { ok: false, why: text(given.reason, 'reason', LONGEST_REASON) ?? 'refused' };
  const seconds = number(given.limitSeconds, 'limitSeconds', 1, LONGEST_TURN_S);
  return {
    ok: true,
    name: text(given.name, 'name', LONGEST_NAME) ?? stream,
    limitMs: seconds === null ? null : seconds * 1000,
    priority: number(given.priority, 'priority', -HIGHEST_PRIORITY, HIGHEST_PRIORITY) ?? 0,
  };
}

function text(value: unknown, field: string, longest: number): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw invalid(field, 'it must be a text');
  // control characters would garble a log
  return redactText(value.replace(/\p{Cc}+/gu, ' ').trim()).slice(0, longest) || null;
}

function number(value: unknown, field: string, least: number, most: number): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw invalid(field, `it must be a number from ${least} to ${most}`);
}

function invalid(field: string, reason: string): Error {
  return fail('INPUT_INVALID', { field, reason });
}
