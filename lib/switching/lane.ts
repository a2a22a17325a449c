import { asLiveError, type LiveError } from '../errors';
import type { ClearReport, LiveWatch, SwitchProgress, SwitchReport } from '../production/switching';
import { joinJob, joins, leaveJob, refusal, settle, tellProgress, type Job } from './job';
import { LaneNews } from './lane-news';
import { LaneOrder, type OrderedLane } from './lane-order';
import type { MetricsBook } from './metrics';
import { PlaceKeeper, type LaneContext } from './place-keeper';
import type { PortChange } from './port';
import { SwitchRun, type Cancel, type Outcome } from './run';
import { Runner } from './runner';
import type { SweepReason } from './sweep';

/** More than this wait for one place, and something is wrong. */
const MOST_WAITING = 50;

/** One place, a slot of a scene: one switch of it at a time. */
export class Lane implements OrderedLane {
  private current: Job | null = null;
  private prepared: Job | null = null;
  private waiting: Job[] = [];
  private pumping = false;
  closed = false;
  /** nobody finds it any more */
  isForgotten = false;
  private readonly keeper: PlaceKeeper;
  private readonly news: LaneNews;
  private readonly order: LaneOrder;

  constructor(
    private readonly context: LaneContext,
    scene: string,
    readonly slot: string,
    readonly metrics: MetricsBook,
  ) {
    this.news = new LaneNews(context, metrics);
    this.keeper = new PlaceKeeper(context, scene, slot, (told) => this.news.live(told));
    this.order = new LaneOrder(context, this, this.keeper, this.news);
  }

  get scene(): string {
    return this.keeper.scene;
  }

  /** The sources it has in its hands, which are no leftovers. */
  get inUse(): string[] {
    return [this.current, this.prepared].flatMap((job) => job?.runner?.run.name ?? []);
  }

  /** Take a request; what becomes of it is told to who waits for it. */
  ask(job: Job): void {
    this.news.asked();
    const { ifBusy } = job.wish;
    // one that has just told what became of it may be asked after at once
    const current = this.current?.over ? null : this.current;
    const busy = current !== null || this.waiting.length > 0;
    if (job.kind === 'take' && !this.preparing())
      return this.refuse(job, refusal('SOURCE_NOT_PREPARED', this));
    if (busy && ifBusy === 'reject' && !this.takesCurrent(job))
      return this.refuse(job, refusal('SOURCE_SWITCH_BUSY', this));
    if (ifBusy === 'newest') this.overtakeWaiting(job);
    if (this.waiting.length >= MOST_WAITING) return this.refuse(job, refusal('SOURCE_SWITCH_BUSY', this));
    const last = this.waiting.at(-1) ?? current;
    if (last && joins(last, job)) return joinJob(last, job);
    if (ifBusy === 'newest' && current && (job.kind !== 'prepare' || current.kind === 'prepare'))
      this.cancel(current, 'overtaken');
    this.waiting.push(job);
    void this.pump();
  }

  /** Remove what is prepared; false: there was none. */
  async discard(): Promise<boolean> {
    const waiting = this.waiting.filter((job) => job.kind === 'prepare');
    for (const job of waiting) this.drop(job, 'SOURCE_SWITCH_CLOSED');
    const running = this.current?.kind === 'prepare' ? this.current : this.prepared;
    if (running) this.cancel(running, 'discarded');
    await running?.ended;
    return waiting.length > 0 || running !== null;
  }

  /** Take what is on air off it; a switch that is not in its swap is overtaken. */
  async clear(tag: string | null): Promise<ClearReport> {
    for (const job of this.waiting.filter(({ kind }) => kind !== 'prepare'))
      this.drop(job, 'SOURCE_SWITCH_OVERTAKEN');
    if (this.current && this.current.kind !== 'prepare') this.cancel(this.current, 'overtaken');
    return await this.order.takeOff(tag);
  }

  /** Forget what `use` asked for, and end it where nobody else wants it. Resolves once that has ended. */
  async release(use: object): Promise<void> {
    const unwatched = this.keeper.unwatchFor(use);
    for (const job of this.waiting.filter((one) => one.uses.has(use))) {
      if (job.uses.size === 1) this.drop(job, 'SOURCE_SWITCH_CLOSED');
      else leaveJob(job, use, refusal('SOURCE_SWITCH_CLOSED', this));
    }
    const mine = [this.current, this.prepared].filter((job): job is Job => !!job?.uses.has(use));
    const alone = mine.filter((job) => job.uses.size === 1);
    for (const job of mine) {
      if (alone.includes(job)) this.cancel(job, 'closed');
      else leaveJob(job, use, refusal('SOURCE_SWITCH_CLOSED', this));
      // what is being swapped in yet is watched for nobody
      job.uses.delete(use);
    }
    for (const job of alone) await job.ended;
    await unwatched;
  }

  /** Put the place in order as soon as nothing is under way in it. */
  sweep(reason: SweepReason): void {
    this.order.want(reason);
  }

  /** Watch what is on air there, whoever put it there. */
  watch(use: object, watch: LiveWatch): void {
    if (this.keeper.watchedOtherwise(use, watch))
      this.context.log(
        'warn',
        `two nodes watch ${this.slot} in ${this.scene}, each in its own way: the settings of the last one count`,
      );
    this.keeper.watchFor(use, watch);
    if (this.current) return;
    void this.keeper.endWatch().then(() => {
      if (this.keeper.live) this.keeper.beginWatch();
      else this.sweep('start');
    });
  }

  unwatch(use: object): void {
    void this.keeper.unwatchFor(use);
  }

  /** The application goes: nothing is begun any more. */
  close(): void {
    this.closed = true;
    for (const job of [...this.waiting]) this.drop(job, 'SOURCE_SWITCH_CLOSED');
    this.order.refuseAll(refusal('SOURCE_SWITCH_CLOSED', this));
    for (const job of [this.current, this.prepared]) if (job) this.cancel(job, 'closed');
    void this.keeper.endWatch();
  }

  hear(change: PortChange): void {
    this.keeper.hear(change);
    this.current?.runner?.hear(change);
    this.prepared?.runner?.hear(change);
  }

  private preparing(): boolean {
    return !!this.prepared || [this.current, ...this.waiting].some((job) => job?.kind === 'prepare');
  }

  private takesCurrent(job: Job): boolean {
    return this.current?.kind === 'prepare' && joins(this.current, job);
  }

  private overtakeWaiting(job: Job): void {
    const last = this.waiting.at(-1);
    for (const other of [...this.waiting]) {
      const joined = other === last && joins(other, job);
      if (!joined && (job.kind !== 'prepare' || other.kind === 'prepare'))
        this.drop(other, 'SOURCE_SWITCH_OVERTAKEN');
    }
  }

  /** Nothing is known of it, and nothing is done in it. */
  get isIdle(): boolean {
    return !this.isBusy && !this.prepared && !this.pumping && !this.order.isDue && this.keeper.isIdle;
  }

  get someoneWaits(): boolean {
    return this.waiting.length > 0;
  }

  get isBusy(): boolean {
    return this.current !== null || this.someoneWaits;
  }

  push(job: Job): void {
    this.waiting.push(job);
  }

  /** Do what is due, one after the other. */
  async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (!this.closed && (this.order.isDue || this.waiting.length)) {
        // without a turn in between: who comes meanwhile would find the first one waiting still
        if (this.order.isDue) await this.order.doDue();
        const job = this.waiting.shift();
        if (job) {
          this.current = job;
          await this.begin(job);
          this.current = null;
        }
        if (!this.order.isDue && !this.closed) this.keeper.beginWatch();
      }
    } catch (error) {
      this.context.log('warn', `the switching of ${this.slot} failed: ${asLiveError(error).message}`);
    } finally {
      this.current = null;
      this.pumping = false;
    }
  }

  private async begin(job: Job): Promise<void> {
    const { prepared } = this;
    if (prepared?.runner && prepared.ended) {
      if (joins(prepared, job)) {
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
      if (job.over) return;
    }
    if (job.kind === 'take') return this.refuse(job, refusal('SOURCE_NOT_PREPARED', this));
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
      this.keeper.live?.name ?? null,
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
        beforeSwap: () => this.keeper.endWatch(),
        removes: (name) => this.keeper.removes(name),
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
    const { fresh } = job.runner?.run ?? {};
    if (step.state === 'retire' && fresh) this.keeper.confirm(fresh, job.wish, job.fingerprint);
    tellProgress(job, step, (error) =>
      this.context.log('warn', `a listener failed: ${asLiveError(error).message}`),
    );
  }

  private finish(job: Job, outcome: Outcome): void {
    job.over = true;
    if (this.prepared === job) this.prepared = null;
    const { run } = job.runner ?? {};
    if (run?.leftover.length) this.order.sweepLater();
    if ('done' in outcome) return this.succeed(job, outcome.done);
    const { failed, cancelled } = outcome;
    if (run?.old && failed.details['oldStillLive'] === true) this.keeper.live = run.old;
    if (run?.fresh && failed.code === 'SOURCE_SWITCH_LOST' && failed.details['oldStillLive'] === null)
      this.keeper.mayBeOnAir(run.fresh, job.wish, job.fingerprint);
    const waited = settle(job, (wanter) => wanter.reject(failed));
    if (!waited && !job.restores) {
      if (!cancelled)
        this.context.log('warn', `the prepared ${run?.name ?? 'source'} is lost: ${failed.message}`);
      return;
    }
    if (job.restores && !cancelled) this.order.restoreLater();
    this.news.failed(this, {
      error: failed,
      source: run?.name ?? null,
      cancelled: cancelled !== null,
      restored: job.restores === true,
      tag: job.tag,
    });
  }

  private succeed(job: Job, report: SwitchReport): void {
    const { run } = job.runner ?? {};
    if (report.alreadyLive && run?.old) this.keeper.confirm(run.old, job.wish, job.fingerprint);
    const use = [...job.uses].at(-1);
    if (use) this.keeper.watchFor(use, job.wish.watch);
    settle(job, (wanter) => wanter.resolve(report));
    this.news.switched(report, job.restores === true, job.tag);
  }

  private cancel(job: Job, why: Cancel): void {
    if (job.runner) return job.runner.cancel(why);
    // it waits yet for what was prepared to go
    job.over = true;
    this.drop(job, why === 'overtaken' ? 'SOURCE_SWITCH_OVERTAKEN' : 'SOURCE_SWITCH_CLOSED');
  }

  private drop(job: Job, code: 'SOURCE_SWITCH_CLOSED' | 'SOURCE_SWITCH_OVERTAKEN'): void {
    this.waiting = this.waiting.filter((one) => one !== job);
    const error = refusal(code, this);
    if (settle(job, (wanter) => wanter.reject(error))) this.news.refused(this, error, true, job.tag);
  }

  private refuse(job: Job, error: LiveError): void {
    this.news.refused(this, error, false, job.tag);
    settle(job, (wanter) => wanter.reject(error));
  }
}
