import { LiveError } from '../errors';
import type { StartedStream, StoppedStream } from './application';

/** Some of several streams did not start, or did not stop; `streams` says what became of each. */
export class SomeStreamsFailed extends LiveError {
  constructor(
    action: 'start' | 'stop',
    readonly streams: readonly (StartedStream | StoppedStream)[],
  ) {
    const failed = streams.filter(({ error }) => error !== undefined);
    super('STREAM_SOME_FAILED', {
      action,
      failed: failed.map(({ output, error }) => `${output}: ${error!.message}`).join(' '),
      well:
        streams
          .filter(({ error }) => error === undefined)
          .map(({ output, state }) => `${output} ${state}`)
          .join(', ') || 'none',
    });
  }
}
