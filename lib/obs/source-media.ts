import { now as clockNow } from '../connection/clock';
import { pause } from '../connection/deadline';
import type { MediaAction } from '../production/sources';
import { LOOK_MS, askInput, confirmed, kindOf, unfit, type Outcome, type Subject } from './source-asks';
import { number, text } from './values';

interface Reading {
  /** in lower case: playing, paused, stopped, ended … */
  state: string;
  /** in milliseconds; null unless it plays or is paused */
  cursorMs: number | null;
}

/** An address takes up to 3.3 s to its first picture, measured on 29.0.2; a busy machine more. */
const OPEN_MS = 8_000;
/** How far a cursor may be ahead of the clock after a restart. It goes in steps of a picture: 100 ms at 10 a second. */
const CURSOR_AHEAD_MS = 250;
/** What plays has moved after this, even with few pictures a second. */
const MOVES_MS = 700;
/** A stop that OBS is still at ends what is started meanwhile (seen on 29.0.2): it is started once more, this much later. */
const ENDED_AGAIN_MS = 700;
const RUNS = ['playing', 'opening', 'buffering'];
const ENDED = ['stopped', 'ended', 'none'];
/** Kinds whose cursor moves while they play; a slide show has none. */
const HAS_CURSOR = /^(ffmpeg_source|vlc_source|gstreamer-source)(_v\d+)?$/;

/**
 * Play, pause, restart or stop a medium. OBS says "playing" of what stands still too, so what is to play must be seen to move. Rejects with
 * SOURCE_UNFIT for what has no media controls, for a pause of what does not play, and where OBS starts a medium only while it shows.
 */
export async function controlMedia(subject: Subject, action: MediaAction): Promise<Outcome> {
  const { kind, plays } = await kindOf(subject);
  const before = await mediaOf(subject);
  if (plays !== true && before.state === 'none')
    throw await unfit(subject, `it is of the kind ${kind}, which plays nothing`);
  const moves = HAS_CURSOR.test(kind);
  const done = { before: before.state };
  if (action === 'pause' || action === 'stop') {
    const wanted = action === 'pause' ? ['paused'] : ENDED;
    if (wanted.includes(before.state)) return { ...done, now: before.state, alreadySo: true };
    if (action === 'pause' && ENDED.includes(before.state))
      throw await unfit(subject, `it does not play (${before.state}), so there is nothing to pause`);
    await trigger(subject, action);
    const found = await confirmed(
      subject,
      () => mediaOf(subject),
      isOneOf(wanted),
      ({ state }) => state,
    );
    return { ...done, now: found.state, alreadySo: false };
  }
  const runs = RUNS.includes(before.state) && (!moves || (await isMoving(subject, before)));
  if (action === 'play' && runs) return { ...done, now: before.state, alreadySo: true };
  const again = action === 'restart' || before.state !== 'paused';
  if (again) await startAgain(subject, before, runs);
  else await trigger(subject, 'play');
  const now = await seenToRun(subject, again ? before : null, moves);
  return { ...done, now: now.state, alreadySo: false };
}

/** From its beginning, as the button of OBS does it: it does not take "play" for what has ended. All measured on 29.0.2. */
async function startAgain(subject: Subject, before: Reading, runs: boolean): Promise<void> {
  const { videoShowing } = await subject.client.call('GetSourceActive', { sourceName: subject.source });
  if (videoShowing === true) return trigger(subject, 'restart');
  // while it is hidden a restart only changes the state it tells
  if (!runs && before.state !== 'paused')
    throw await unfit(
      subject,
      `it does not play (${before.state}) and is not shown, and OBS starts a medium only while it shows`,
    );
  await askInput(subject, 'SetMediaInputCursor', { mediaCursor: 0 });
  if (before.state === 'paused') await trigger(subject, 'play');
}

const trigger = async (subject: Subject, action: MediaAction): Promise<void> =>
  void (await askInput(subject, 'TriggerMediaInputAction', {
    mediaAction: `OBS_WEBSOCKET_MEDIA_INPUT_ACTION_${action.toUpperCase()}`,
  }));

const isOneOf = (states: readonly string[]) => (reading: Reading) => states.includes(reading.state);

async function isMoving(subject: Subject, before: Reading): Promise<boolean> {
  const lateAt = clockNow() + MOVES_MS;
  while (clockNow() < lateAt) {
    await pause(LOOK_MS);
    const { cursorMs } = await mediaOf(subject);
    if (cursorMs !== before.cursorMs) return true;
  }
  return false;
}

/**
 * Wait until it runs, and moves where such a thing moves. OBS restarts with its next frame: until then the cursor of `restartedFrom` stands where it
 * was, and what comes by network has the time of its publisher afterwards.
 */
async function seenToRun(subject: Subject, restartedFrom: Reading | null, moves: boolean): Promise<Reading> {
  const sentAt = clockNow();
  let isNew = restartedFrom === null || restartedFrom.cursorMs === null;
  let last: Reading | null = null;
  let mayEnd = restartedFrom !== null && ENDED.includes(restartedFrom.state);
  const look = async (): Promise<Reading> => {
    const found = await mediaOf(subject);
    if (mayEnd && ENDED.includes(found.state) && clockNow() - sentAt >= ENDED_AGAIN_MS) {
      mayEnd = false;
      await trigger(subject, 'restart');
    }
    return found;
  };
  return await confirmed(
    subject,
    look,
    (found) => {
      const { cursorMs } = found;
      const previous = last;
      last = found;
      isNew ||=
        cursorMs === null ||
        cursorMs <= clockNow() - sentAt + CURSOR_AHEAD_MS ||
        cursorMs < (restartedFrom?.cursorMs ?? 0) - CURSOR_AHEAD_MS;
      if (!isNew || !RUNS.includes(found.state)) return false;
      if (!moves) return true;
      return cursorMs !== null && previous?.cursorMs != null && cursorMs > previous.cursorMs;
    },
    ({ state, cursorMs }) => (cursorMs === null ? state : `${state}, its cursor at ${cursorMs} ms`),
    OPEN_MS,
  );
}

async function mediaOf(subject: Subject): Promise<Reading> {
  const { mediaState, mediaCursor } = await askInput(subject, 'GetMediaInputStatus');
  const state = (text(mediaState) ?? '').replace('OBS_MEDIA_STATE_', '').toLowerCase();
  return { state: state || 'none', cursorMs: number(mediaCursor) };
}
