import { asLiveError, fail } from '../errors';
import type { SwitchProgress } from '../production/switching';
import { within, type SwitchClock } from './clock';
import { switching } from './machine';
import type { PortChange, SwitchPort } from './port';
import type { Cancel, Outcome, SwitchRun } from './run';
import type { Answer, Answers, Procedure, Step } from './steps';

/** A call of the port ends by itself; one that does not counts as failed after so long, in milliseconds. */
const STEP_MS = 15_000;

export interface RunnerHooks {
  progress(step: SwitchProgress): void;
  /** it waits, prepared, from now on */
  parked(): void;
  /** before the first thing that changes what is on air */
  beforeSwap(): Promise<void>;
  /** it removes this source, and nobody else */
  removes(name: string): void;
}

/** Does on a port what a switch says, step by step. */
export class Runner {
  private wake = new AbortController();
  private taken = false;
  private toldParked = false;

  constructor(
    readonly run: SwitchRun,
    private readonly port: SwitchPort,
    private readonly clock: SwitchClock,
    private readonly hooks: RunnerHooks,
  ) {}

  /** Resolves with what it came to; never rejects as long as the machine keeps its word. */
  async drive(procedure: Procedure<Outcome> = switching(this.run)): Promise<Outcome> {
    let next = procedure.next();
    while (!next.done) {
      const step: Step = next.value;
      next = procedure.next(await this.answer(step));
    }
    return next.value;
  }

  hear(change: PortChange): void {
    if (this.run.hear(change)) this.wake.abort();
  }

  /** Nobody wants it any more; it ends by itself unless it is being swapped in. */
  cancel(why: Cancel): void {
    if (!this.run.cancellable) return;
    this.run.cancel ??= why;
    this.wake.abort();
  }

  /** Go on from `prepared`, or do not stop there. */
  take(): void {
    this.run.prepareOnly = false;
    this.taken = true;
    this.wake.abort();
  }

  private async answer(step: Step): Promise<Answer> {
    const { clock, port } = this;
    try {
      const value = await this.perform(step);
      return { ok: true, value, atMs: clock.now(), connected: port.connected };
    } catch (error) {
      return { ok: false, error: asLiveError(error), atMs: clock.now(), connected: port.connected };
    }
  }

  private async perform(step: Step): Promise<Answers[Step['do']]> {
    switch (step.do) {
      case 'tell':
        return this.tell(step);
      case 'wait':
        return this.pause(step.ms);
      case 'park':
        if (!this.toldParked) this.hooks.parked();
        this.toldParked = true;
        if (!this.taken) await this.pause(step.ms);
        return this.taken ? 'taken' : 'time';
      case 'swap':
        await this.hooks.beforeSwap();
        return this.call(step.do, step.ms, this.port.swap({ ...step.plan, scene: this.scene }));
      case 'reconnect':
        return this.call(
          step.do,
          step.ms,
          this.port.whenReady(step.ms).then(() => undefined),
        );
      default:
        return this.request(step);
    }
  }

  private async request(step: Step): Promise<Answers[Step['do']]> {
    const scene = this.run.scene;
    try {
      return await this.call(step.do, STEP_MS, this.ask(step));
    } catch (error) {
      // the scene got another name while that was on its way
      const known = asLiveError(error).code === 'SCENE_UNKNOWN';
      if (!known || scene === this.run.scene) throw error;
      return await this.call(step.do, STEP_MS, this.ask(step));
    }
  }

  private ask(step: Step): Promise<Answers[Step['do']]> {
    const { port, run, scene } = this;
    switch (step.do) {
      case 'look':
        return port.look({ scene: run.scene, slot: run.slot });
      case 'create':
        return port.create({
          scene,
          slot: run.slot,
          name: step.name,
          kind: step.kind,
          source: run.wish.source,
        });
      case 'read':
        return port.read(scene, step.sources);
      case 'place':
        return port.place(scene, step.fresh, run.wish.place, step.old);
      case 'show':
        return port.show(scene, step.source, step.on).then(() => undefined);
      case 'mark':
        return port.mark(scene, step.source, step.live).then(() => undefined);
      case 'remove':
        this.hooks.removes(step.name);
        return port.remove(step.name, step.ms, run.scene ?? undefined);
      default:
        return Promise.reject(fail('INTERNAL', { reason: `no step ${step.do}` }));
    }
  }

  private get scene(): string {
    return this.run.scene ?? '';
  }

  private call<T>(what: string, ms: number, work: Promise<T>): Promise<T> {
    return within(this.clock, work, ms, () =>
      fail('SOURCE_SWITCH_INCOMPLETE', {
        reason: `no answer to ${what} within ${Math.round(ms / 100) / 10} s`,
      }),
    );
  }

  private async pause(ms: number): Promise<undefined> {
    this.wake = new AbortController();
    const { run } = this;
    // on the way back nothing is cut short, or it would not wait at all
    if (run.cancellable && (run.broken ?? run.cancel)) return;
    await this.clock.pause(ms, this.wake.signal);
  }

  private tell(step: Step & { do: 'tell' }): undefined {
    const { run } = this;
    this.hooks.progress({
      state: step.state,
      previous: step.previous,
      scene: run.scene,
      slot: run.slot,
      source: run.name,
      atMs: Math.round(this.clock.now() - run.askedAtMs),
      detail: step.detail,
    });
  }
}
