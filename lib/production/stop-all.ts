import { LiveError, asLiveError } from '../errors';
import type { OutputReport } from './application';

/** After this long the interim report is told, once. */
export const INTERIM_MS = 15_000;

/** What had not stopped in time; `reports` has every output. */
export class StopAllIncomplete extends LiveError {
  constructor(
    application: string,
    running: string[],
    waitedMs: number,
    readonly reports: OutputReport[],
  ) {
    super('STOP_ALL_INCOMPLETE', {
      application,
      seconds: Math.round(waitedMs / 1000),
      outputs: running.join(', '),
    });
  }
}

/** What becomes of each output while everything is stopped. */
export class StopReports {
  private readonly reports = new Map<string, OutputReport>();

  has(name: string): boolean {
    return this.reports.has(name);
  }

  get(name: string): OutputReport | null {
    return this.reports.get(name) ?? null;
  }

  /** How it was found now: `active` null where nobody knows, `pending` while a start of it is under way. */
  note(name: string, active: boolean | null, pending: boolean): void {
    const state = pending ? 'starting' : active === null ? 'unknown' : active ? 'stopping' : 'idle';
    const report = this.reports.get(name);
    if (!report) {
      this.reports.set(name, { name, was: state === 'stopping' ? 'active' : state, state, path: null });
      return;
    }
    report.state = state;
    if (report.was === 'unknown' || (report.was === 'idle' && state !== 'idle'))
      report.was = state === 'stopping' ? 'active' : state;
    if (state === 'idle') delete report.error;
  }

  complain(name: string, error: unknown): void {
    const { code, message } = asLiveError(error);
    const report = this.reports.get(name);
    if (report) report.error = { code, message };
  }

  /** What is told must not change any more when the next look finds something else. */
  list(): OutputReport[] {
    return [...this.reports.values()].map((report) => ({ ...report }));
  }
}
