import { withDeadline } from '../connection/deadline';
import type { Release } from '../production/application';
import type { Denial, PublishAdmission, PublishRequest, PublishVerdict } from './types';

/** What became of a question to all guards. */
export type Ruling =
  { allow: true; name: string } | { allow: false; why: Denial; reason: string; isGuess?: boolean };

interface Guard {
  admit: PublishAdmission;
  /** resolves when it is taken away */
  gone: Promise<void>;
}

/** More do not wait for a deploy. */
const MOST_WAITING = 200;
const LATE: Ruling = { allow: false, why: 'late', reason: 'no answer in time' };
const GONE: Ruling = { allow: false, why: 'gate', reason: 'whoever decides was taken away' };
const FAILED: Ruling = { allow: false, why: 'gate', reason: 'whoever decides failed' };
const NOBODY: Ruling = { allow: false, why: 'unguarded', reason: 'nobody says who may publish' };

/**
 * All who decide about publishers; each of them must allow. Over a deploy, which takes some of them away and brings them again, whom nobody denies
 * waits until as many are there as before, or that takes too long: one alone must not let in whom the other would have denied.
 */
export class Guards {
  private guards: readonly Guard[] = [];
  /** for each that has gone: until when another one is waited for */
  private missed: number[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly limits: { gapMs: number; deployMs: number; verdictMs: number },
    private readonly now: () => number,
    /** hears that one came, or went */
    private readonly changed: () => void = () => undefined,
  ) {}

  get size(): number {
    return this.guards.length;
  }

  attach(admit: PublishAdmission): Release {
    let leave = () => {};
    const gone = new Promise<void>((resolve) => (leave = resolve));
    const guard: Guard = { admit, gone };
    this.guards = [...this.guards, guard];
    this.missed.shift();
    for (const go of [...this.waiting]) go();
    this.changed();
    return () => {
      if (!this.guards.includes(guard)) return;
      this.guards = this.guards.filter((one) => one !== guard);
      this.missed.push(this.now() + this.limits.deployMs);
      leave();
      this.changed();
    };
  }

  /** Ask all of them. Settles within `verdictMs`, and what a deploy takes; never rejects. */
  async ask(request: PublishRequest): Promise<Ruling> {
    const startMs = this.now();
    let leftMs = this.limits.verdictMs;
    const verdicts = new Map<Guard, Ruling>();
    for (;;) {
      const next = this.guards.find((guard) => !verdicts.has(guard));
      if (next) {
        const askedMs = this.now();
        const ruling = await askOne(next, request, leftMs);
        leftMs -= this.now() - askedMs;
        // what one says who was taken away meanwhile counts for nothing: the next one decides
        if (this.guards.includes(next) && !ruling.allow) return ruling;
        verdicts.set(next, ruling);
        continue;
      }
      // the first that came has the name: stream keys come before a gate
      const ruling = verdicts.get(this.guards[0]!) ?? NOBODY;
      const waitMs = this.missingMs(startMs);
      if (waitMs <= 0) return ruling;
      if (this.waiting.size >= MOST_WAITING) return LATE;
      await this.change(waitMs);
    }
  }

  /** How much longer one who is missing is waited for, by somebody who asked at `startMs`. */
  private missingMs(startMs: number): number {
    const { gapMs, deployMs } = this.limits;
    const now = this.now();
    this.missed = this.missed.filter((until) => until > now);
    const first = this.guards.length === 0 ? startMs + gapMs : now;
    return Math.min(startMs + deployMs, Math.max(first, ...this.missed)) - now;
  }

  private change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        this.waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(go, Math.ceil(ms));
      timer.unref();
      this.waiting.add(go);
    });
  }
}

async function askOne(guard: Guard, request: PublishRequest, leftMs: number): Promise<Ruling> {
  if (leftMs <= 0) return LATE;
  try {
    const asked = Promise.resolve(guard.admit(request, leftMs)).then(rulingOf);
    const gone = guard.gone.then(() => GONE);
    return await withDeadline(Promise.race([asked, gone]), leftMs, () => new Late());
  } catch (error) {
    return error instanceof Late ? LATE : FAILED;
  }
}

function rulingOf(verdict: PublishVerdict): Ruling {
  if (verdict.allow) return { allow: true, name: verdict.name };
  const { why = 'key', reason, isGuess = true } = verdict;
  return { allow: false, why, reason, isGuess };
}

class Late extends Error {}
