/** Why a signal was aborted, where it is only that nobody waits any longer: not that the log was closed. */
export class LateError extends Error {
  override readonly name = 'LateError';
}
