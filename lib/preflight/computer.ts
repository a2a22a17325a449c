import { failed, ok, unknown, warning } from './check';
import type { Check, Expectations, Facts } from './types';

/** No show was ever run with this package before; a computer that thinks so has lost its clock. */
const FIRST_YEAR = 2026;
const LAST_YEAR = 2100;
/** Below this it is the drift of a process that runs for weeks, not somebody who set the clock. */
const JUMP_MS = 10_000;
/** A schedule does not mind a second; half a minute makes a show late. */
const OFF_WARN_MS = 1_000;
const OFF_FAIL_MS = 30_000;

/** Whether ffmpeg runs on the computer Node-RED is on. */
export function ffmpegCheck({ ffmpegPath }: Expectations, { ffmpeg }: Facts): Check {
  const which = ffmpegPath === null ? 'ffmpeg' : `ffmpeg at ${ffmpegPath}`;
  if (!ffmpeg) return unknown('ffmpeg', `${which} was not tried.`, 'Ask again.');
  if ('version' in ffmpeg) return ok('ffmpeg', `${which} is there (version ${ffmpeg.version}).`);
  switch (ffmpeg.fault) {
    case 'missing':
      return failed(
        'ffmpeg',
        `${which} was not found on the computer Node-RED runs on.`,
        ffmpegPath === null ? 'Install ffmpeg there, or set its path in this node.' : 'Check the path.',
      );
    case 'forbidden':
      return failed('ffmpeg', `${which} may not be run by Node-RED's user.`, 'Check its permissions.');
    case 'silent':
      return failed(
        'ffmpeg',
        `${which} did not answer within 3 s.`,
        'Look how busy the computer is, and run ffmpeg -version there.',
      );
    case 'broken':
      return failed(
        'ffmpeg',
        `${which} does not run as it should${ffmpeg.detail ? ` (${ffmpeg.detail})` : ''}.`,
        'Run ffmpeg -version on that computer and see what it says.',
      );
  }
}

/** Whether the clock of the computer Node-RED runs on can be right: schedules start by it. */
export function clockCheck({ timeServer }: Expectations, { clock }: Facts): Check {
  if (!clock) return unknown('clock', 'The clock was not looked at.', 'Ask again.');
  const at = new Date(clock.wallMs);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const reads = `It is ${at.toTimeString().slice(0, 8)} (${zone}) by Node-RED's clock`;
  const set = "Set that computer's clock, best by a time server.";
  const year = at.getFullYear();
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR))
    return failed('clock', `Node-RED's clock says it is ${at.toDateString()}.`, set);
  const reading = clock.timeServer;
  if (reading && 'offsetMs' in reading) {
    const off = Math.abs(reading.offsetMs);
    const what = `${reads}, which is ${span(off)} ${reading.offsetMs > 0 ? 'behind' : 'ahead of'} ${timeServer ?? ''}.`;
    if (off > OFF_FAIL_MS) return failed('clock', what, set);
    if (off > OFF_WARN_MS) return warning('clock', what, set);
  }
  if (Math.abs(clock.jumpedMs) > JUMP_MS)
    return warning(
      'clock',
      `${reads}. It was set ${clock.jumpedMs > 0 ? 'forward' : 'back'} by ${span(Math.abs(clock.jumpedMs))} since Node-RED started, or the computer slept.`,
      'Restart Node-RED before the show, so that the times it tells are right.',
    );
  if (reading && 'fault' in reading) {
    const said = {
      silent: 'did not answer within 3 s',
      refused: 'refused',
      notFound: 'was not found',
      unfit: 'does not know the time itself',
    }[reading.fault];
    return unknown(
      'clock',
      `${reads}. The time server ${timeServer ?? ''} ${said}, so nobody knows whether that is right.`,
      'Check the name of the time server and the network (UDP port 123).',
    );
  }
  return ok(
    'clock',
    reading
      ? `${reads}, and ${timeServer ?? ''} agrees (to ${reading.uncertainMs + Math.abs(reading.offsetMs)} ms).`
      : `${reads}; no time server is named to compare it with.`,
  );
}

function span(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120
    ? `${minutes} min`
    : minutes < 48 * 60
      ? `${Math.round(minutes / 60)} h`
      : `${Math.round(minutes / 60 / 24)} days`;
}
