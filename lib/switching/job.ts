import type { PreparedReport, SwitchProgress, SwitchReport, SwitchWish } from '../production/switching';
import { fail, type LiveError } from '../errors';
import type { Runner } from './runner';

/** Somebody who waits for what becomes of a job. Settling twice does nothing. */
export interface Wanter {
  use: object;
  wants: 'live' | 'prepared';
  progress: ((step: SwitchProgress) => void) | undefined;
  resolve(report: SwitchReport | PreparedReport): void;
  reject(error: Error): void;
}

/** One request of a place; several who ask for the same share one. */
export interface Job {
  kind: 'switch' | 'prepare' | 'take';
  /** of a take: with the source that is prepared */
  wish: SwitchWish;
  fingerprint: string | null;
  askedAtMs: number;
  /** what the last who asked and said one knows it by */
  tag: string | null;
  wanters: Wanter[];
  /** everybody who asked, also who has an answer already */
  uses: Set<object>;
  runner: Runner | null;
  ended: Promise<void> | null;
  /** it has ended, and nobody may wait for it any more */
  over?: true;
  /** asked for by nobody: it brings back what was on air */
  restores?: true;
}

/** Put `more` into `job`, which goes on air now if it was only to be prepared. */
export function joinJob(job: Job, more: Job): void {
  job.wanters.push(...more.wanters);
  for (const use of more.uses) {
    // the last one who asked watches
    job.uses.delete(use);
    job.uses.add(use);
  }
  if (more.kind !== 'prepare') {
    job.wish = { ...job.wish, watch: more.wish.watch };
    if (job.runner) job.runner.run.wish = job.wish;
  }
  job.tag = more.tag ?? job.tag;
  if (job.kind !== 'prepare' || more.kind === 'prepare') return;
  job.kind = 'switch';
  job.askedAtMs = more.askedAtMs;
  const { source } = job.wish;
  job.wish = { ...more.wish, source };
  if (!job.runner) return;
  job.runner.run.wish = job.wish;
  job.runner.run.askedAtMs = more.askedAtMs;
  job.runner.take();
}

/** A request of nobody: what was on air before the application was away. */
export function restoringJob(wish: SwitchWish, fingerprint: string | null, askedAtMs: number): Job {
  const nobody = { tag: null, wanters: [], uses: new Set<object>(), runner: null, ended: null };
  return { kind: 'switch', wish, fingerprint, askedAtMs, ...nobody, restores: true };
}

/** `use` wants nothing of it any more, others do. */
export function leaveJob(job: Job, use: object, error: LiveError): void {
  for (const wanter of job.wanters.filter((one) => one.use === use)) wanter.reject(error);
  job.wanters = job.wanters.filter((one) => one.use !== use);
  job.uses.delete(use);
}

/** Tell a step to everybody who waits, also where one of them fails. */
export function tellProgress(job: Job, step: SwitchProgress, failed: (error: unknown) => void): void {
  for (const { progress } of job.wanters) {
    try {
      progress?.(step);
    } catch (error) {
      failed(error);
    }
  }
}

/** Settle those who wait for `wants`, or everybody. */
export function settle(job: Job, how: (wanter: Wanter) => void, wants?: Wanter['wants']): number {
  const mine = job.wanters.filter((one) => !wants || one.wants === wants);
  job.wanters = job.wanters.filter((one) => !mine.includes(one));
  for (const wanter of mine) how(wanter);
  return mine.length;
}

/** Whether `job` asks for nothing but what `other` does, so that one of them is enough. */
export function joins(other: Job, job: Job): boolean {
  if (other.over) return false;
  if (other.runner?.run.cancel || other.runner?.run.state === 'rollback') return false;
  if (job.kind === 'take') return other.kind === 'prepare';
  if (job.kind === 'prepare' && other.kind !== 'prepare') return false;
  return job.fingerprint !== null && job.fingerprint === other.fingerprint;
}

/** Why a request was not begun, or ended before it was. */
export function refusal(
  code: 'SOURCE_SWITCH_CLOSED' | 'SOURCE_SWITCH_OVERTAKEN' | 'SOURCE_SWITCH_BUSY' | 'SOURCE_NOT_PREPARED',
  place: { scene: string; slot: string },
): LiveError {
  const { scene, slot } = place;
  return fail(code, { slot, scene, kept: 'Nothing was changed.', oldStillLive: null });
}
