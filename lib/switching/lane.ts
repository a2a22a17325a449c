import { asLiveError, fail, type LiveError } from '../errors';
import type { LiveWatch, SwitchProgress, SwitchReport } from '../production/switching';
import type { EventName } from '../production/vocabulary';
import type { SwitchClock } from './clock';
import { joinJob, settle, type Job } from './job';
import type { LiveWatcher, Unwatch } from './live-watcher';
import type { MetricsBook } from './metrics';
import type { Placed, PortChange, SwitchPort } from './port';
import { SwitchRun, type Cancel, type Outcome } from './run';
import { Runner } from './runner';

/** More than this wait for one place, and something is wrong. */
const MOST_WAITING = 50;

export interface LaneContext {
  port: SwitchPort;
  clock: SwitchClock;
  log: (level: 'info' | 'warn', text: string) => void;
  /** tells everybody who listens; the payload holds no secret */
  tell: (event: EventName, payload: Record<string, unknown>) => void;
  /** null: live sources are not watched */
  watcher: LiveWatcher | null;
  /** of all places */
  total: MetricsBook;
}

/** One place, a slot of a scene: one switch of it at a time. */
export class Lane {
  private current: Job | null = null;
  private prepared: Job | null = null;
  private waiting: Job[] = [];
  private pumping = false;
  private live: Placed | null = null;
  private watching: { use: object; watch: LiveWatch } | null = null;
  private unwatch: Unwatch | null = null;

  constructor(
    private readonly context: LaneContext,
    public scene: string,
    readonly slot: string,
    readonly metrics: MetricsBook,
  ) {}

  /** Take a request; what becomes of it is told to who waits for it. */
  ask(job: Job): void {
    this.count((book) => book.asked++);
    const { ifBusy } = job.wish;
    const { current } = this;
    const busy = current !== null || this.waiting.length > 0;
    if (job.kind === 'take' && !this.preparing())
      return this.refuse(job, this.failure('SOURCE_NOT_PREPARED'));
    if (busy && ifBusy === 'reject' && !this.takesCurrent(job))
      return this.refuse(job, this.failure('SOURCE_SWITCH_BUSY'));
    if (this.waiting.length >= MOST_WAITING) return this.refuse(job, this.failure('SOURCE_SWITCH_BUSY'));
    if (ifBusy === 'newest') this.overtakeWaiting(job);
    const last = this.waiting.at(-1) ?? current;
    if (last && this.joins(last, job)) return joinJob(last, job);
    if (ifBusy === 'newest' && current && (job.kind !== 'prepare' || current.kind === 'prepare'))
      current.runner?.cancel('overtaken');
    this.waiting.push(job);
    void this.pump();
  }

  /** Remove what is prepared; false: there was none. */
  async discard(): Promise<boolean> {
    const waiting = this.waiting.filter((job) => job.kind === 'prepare');
    for (const job of waiting) this.drop(job, 'SOURCE_SWITCH_CLOSED');
    const running = this.current?.kind === 'prepare' ? this.current : this.prepared;
    running?.runner?.cancel('discarded');
    await running?.ended;
    return waiting.length > 0 || running !== null;
  }

  /** Forget what `use` asked for, and end it where nobody else wants it. Resolves once that has ended. */
  async release(use: object): Promise<void> {
    if (this.watching?.use === use) {
      this.watching = null;
      await this.endWatch();
    }
    for (const job of this.waiting.filter((one) => one.uses.has(use))) {
      if (job.uses.size === 1) this.drop(job, 'SOURCE_SWITCH_CLOSED');
      else this.leave(job, use);
    }
    const mine = [this.current, this.prepared].filter((job): job is Job => !!job?.uses.has(use));
    for (const job of mine) {
      if (job.uses.size > 1) this.leave(job, use);
      else job.runner?.cancel('closed');
    }
    for (const job of mine) if (job.uses.has(use)) await job.ended;
  }

  hear(change: PortChange): void {
    if (change.change === 'scene-renamed' && change.from === this.scene) this.scene = change.to;
    this.current?.runner?.hear(change);
    this.prepared?.runner?.hear(change);
  }

  private preparing(): boolean {
    return !!this.prepared || [this.current, ...this.waiting].some((job) => job?.kind === 'prepare');
  }

  private takesCurrent(job: Job): boolean {
    return this.current?.kind === 'prepare' && this.joins(this.current, job);
  }

  /** Whether `job` asks for nothing but what `other` does, so that one of them is enough. */
  private joins(other: Job, job: Job): boolean {
    if (other.runner?.run.cancel || other.runner?.run.state === 'rollback') return false;
    if (job.kind === 'take') return other.kind === 'prepare';
    if (job.kind === 'prepare' && other.kind !== 'prepare') return false;
    return job.fingerprint !== null && job.fingerprint === other.fingerprint;
  }

  private overtakeWaiting(job: Job): void {
    const last = this.waiting.at(-1);
    for (const other of [...this.waiting]) {
      const joined = other === last && this.joins(other, job);
      if (!joined && (job.kind !== 'prepare' || other.kind === 'prepare'))
        this.drop(other, 'SOURCE_SWITCH_OVERTAKEN');
    }
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      for (let job = this.waiting.shift(); job; job = this.waiting.shift()) {
        this.current = job;
        await this.begin(job);
        this.current = null;
        this.beginWatch();
      }
    } catch (error) {
      this.context.log('warn', `the switching of ${this.slot} failed: ${asLiveError(error).message}`);
    } finally {
      this.pumping = false;
    }
  }

  private async begin(job: Job): Promise<void> {
    const { prepared } = this;
    if (prepared?.runner && prepared.ended) {
      if (this.joins(prepared, job)) {
        if (job.kind === 'prepare') {
          const report = prepared.runner.run.prepared();
          for (const use of job.uses) prepared.uses.add(use);
          settle(job, (wanter) => wanter.resolve(report));
          return;
        }
        this.prepared = null;
        this.current = prepared;
        joinJob(prepared, job);
        return await prepared.ended;
      }
      prepared.runner.cancel('discarded');
      await prepared.ended;
    }
    if (job.kind === 'take') return this.refuse(job, this.failure('SOURCE_NOT_PREPARED'));
    await this.start(job);
  }

  /** Run a new switch; resolves when it has ended, or rests prepared. */
  private start(job: Job): Promise<void> {
    const { port, clock } = this.context;
    const run = new SwitchRun(
      job.wish,
      this.scene,
      job.fingerprint,
      job.kind === 'prepare',
      job.askedAtMs,
      () => port.nameFor({ slot: this.slot }),
    );
    return new Promise((resolve) => {
      const runner = new Runner(run, port, clock, {
        progress: (step) => this.progress(job, step),
        parked: () => {
          this.prepared = job;
          const report = run.prepared();
          settle(job, (wanter) => wanter.resolve(report), 'prepared');
          resolve();
        },
        beforeSwap: () => this.endWatch(),
      });
      job.runner = runner;
      job.ended = runner
        .drive()
        .catch((error: unknown): Outcome => ({ failed: asLiveError(error), cancelled: null }))
        .then((outcome) => this.finish(job, outcome))
        .finally(resolve);
    });
  }

  private progress(job: Job, step: SwitchProgress): void {
    // prepared and wanted on air at once: it does not rest in between
    if (step.state === 'place' && job.runner) {
      const report = job.runner.run.prepared();
      settle(job, (wanter) => wanter.resolve(report), 'prepared');
    }
    for (const { progress } of job.wanters) {
      try {
        progress?.(step);
      } catch (error) {
        this.context.log('warn', `a listener failed: ${asLiveError(error).message}`);
      }
    }
  }

  private finish(job: Job, outcome: Outcome): void {
    if (this.prepared === job) this.prepared = null;
    const { run } = job.runner ?? {};
    if ('done' in outcome) return this.succeed(job, outcome.done);
    const { failed, cancelled } = outcome;
    if (run?.old && failed.details['oldStillLive'] === true) this.live = run.old;
    const waited = settle(job, (wanter) => wanter.reject(failed));
    if (!waited) return;
    this.count((book) => book.gaveUp(failed.code, cancelled !== null));
    if (cancelled) return;
    this.context.tell('source_switch_failed', {
      scene: this.scene,
      slot: this.slot,
      source: run?.name ?? null,
      code: failed.code,
      message: failed.message,
      oldStillLive: failed.details['oldStillLive'] ?? null,
    });
  }

  private succeed(job: Job, report: SwitchReport): void {
    const { run } = job.runner ?? {};
    this.live = (report.alreadyLive ? run?.old : run?.fresh) ?? null;
    const use = [...job.uses].at(-1);
    if (use) this.watching = { use, watch: job.wish.watch };
    this.count((book) => book.finished(report));
    settle(job, (wanter) => wanter.resolve(report));
    if (!report.alreadyLive) this.context.tell('source_switched', { ...report });
  }

  private beginWatch(): void {
    const { watching, live } = this;
    const { watcher, tell } = this.context;
    if (this.unwatch || !watching || !live || !watcher) return;
    this.unwatch = watcher.watch(this.scene, live, {
      ...watching.watch,
      slot: this.slot,
      tell: ({ event, payload }) => {
        if (event === 'source_stalled') this.count((book) => book.stalled++);
        if (event === 'source_ended') this.count((book) => book.ended++);
        tell(event, { ...payload });
      },
    });
  }

  private async endWatch(): Promise<void> {
    const { unwatch } = this;
    this.unwatch = null;
    await unwatch?.();
  }

  private leave(job: Job, use: object): void {
    const error = this.failure('SOURCE_SWITCH_CLOSED');
    for (const wanter of job.wanters.filter((one) => one.use === use)) wanter.reject(error);
    job.wanters = job.wanters.filter((one) => one.use !== use);
    job.uses.delete(use);
  }

  private drop(job: Job, code: 'SOURCE_SWITCH_CLOSED' | 'SOURCE_SWITCH_OVERTAKEN'): void {
    this.waiting = this.waiting.filter((one) => one !== job);
    const error = this.failure(code);
    if (settle(job, (wanter) => wanter.reject(error))) this.count((book) => book.gaveUp(code, true));
  }

  private refuse(job: Job, error: LiveError): void {
    this.count((book) => book.gaveUp(error.code, false));
    settle(job, (wanter) => wanter.reject(error));
  }

  private failure(
    code: 'SOURCE_SWITCH_CLOSED' | 'SOURCE_SWITCH_OVERTAKEN' | 'SOURCE_SWITCH_BUSY' | 'SOURCE_NOT_PREPARED',
  ): LiveError {
    return fail(code, {
      slot: this.slot,
      scene: this.scene,
      kept: 'Nothing was changed.',
      oldStillLive: null,
    });
  }

  private count(how: (book: MetricsBook) => void): void {
    how(this.metrics);
    how(this.context.total);
  }
}

export type { Cancel };
