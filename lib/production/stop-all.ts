import { LiveError } from '../errors';
import type { OutputReport } from './application';

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
