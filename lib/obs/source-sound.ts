import { now as clockNow } from '../connection/clock';
import { pause } from '../connection/deadline';
import { fail } from '../errors';
import { LOUDEST_DB, SILENT_DB, roundedDb, volumeBetween } from '../production/fader';
import type { MonitoringMode } from '../production/sources';
import { askInput, confirmed, unfit, type Outcome, type Subject } from './source-asks';
import { number, text } from './values';

/** How much a timer may fire early. */
const EARLY_MS = 5;
/** About twenty steps a second: each one is well below what an ear hears as a step. */
const STEP_MS = 50;
/** OBS keeps a factor of single precision: -0.1 dB comes back as -0.09999990. */
const AS_GOOD_AS_DB = 0.01;

const MODES: Record<MonitoringMode, string> = {
  none: 'OBS_MONITORING_TYPE_NONE',
  'monitor-only': 'OBS_MONITORING_TYPE_MONITOR_ONLY',
  'monitor-and-output': 'OBS_MONITORING_TYPE_MONITOR_AND_OUTPUT',
};

const onOff = (on: boolean): string => (on ? 'on' : 'off');

/** Mute a source, or take that back. */
export async function setMute(subject: Subject, inputMuted: boolean): Promise<Outcome> {
  const read = async () => (await askInput(subject, 'GetInputMute')).inputMuted === true;
  const before = await read();
  if (before === inputMuted) return { before, now: before, alreadySo: true };
  await askInput(subject, 'SetInputMute', { inputMuted });
  const now = await confirmed(
    subject,
    read,
    (found) => found === inputMuted,
    (found) => `mute ${onOff(found)}`,
  );
  return { before, now, alreadySo: false };
}

/** What is heard of a source in the headphones. */
export async function setMonitoring(subject: Subject, mode: MonitoringMode): Promise<Outcome> {
  const read = async () => {
    const { monitorType } = await askInput(subject, 'GetInputAudioMonitorType');
    const type = text(monitorType);
    return Object.entries(MODES).find(([, own]) => own === type)?.[0] ?? type ?? '';
  };
  const before = await read();
  if (before === mode) return { before, now: before, alreadySo: true };
  await askInput(subject, 'SetInputAudioMonitorType', { monitorType: MODES[mode] }).catch(
    async (error: unknown) => {
      // the sound itself could be read
      throw (error as { code?: string }).code === 'SOURCE_UNFIT'
        ? await unfit(subject, 'audio monitoring is not available on the machine of OBS', error)
        : error;
    },
  );
  return { before, now: await confirmed(subject, read, (found) => found === mode), alreadySo: false };
}

/**
 * Bring a source to a volume, in dB from -100, which is silence, to 26, at once or over `rampMs`. One step at a time, so that it never keeps others
 * waiting; ends exactly there. Rejects with SOURCE_OVERTAKEN as soon as another volume is wanted.
 */
export async function setVolume(subject: Subject, db: number, rampMs: number): Promise<Outcome> {
  if (!(db >= SILENT_DB && db <= LOUDEST_DB))
    throw fail('INPUT_INVALID', {
      field: 'volume',
      reason: `OBS takes ${SILENT_DB} to ${LOUDEST_DB} dB, not ${db}`,
    });
  const before = await volumeOf(subject);
  const isThere = (found: number) => Math.abs(found - db) <= AS_GOOD_AS_DB;
  if (isThere(before)) return { before: roundedDb(before), now: roundedDb(before), alreadySo: true };
  const beganAt = clockNow();
  let sent = before;
  for (let doneMs = 0; rampMs - doneMs > EARLY_MS; doneMs = clockNow() - beganAt) {
    const step = volumeBetween(before, db, doneMs / rampMs);
    if (Math.abs(step - sent) > AS_GOOD_AS_DB) await send(subject, (sent = step));
    const done = clockNow() - beganAt;
    // a timer may fire early: the rest of that step is no step of its own
    const rest = STEP_MS - (done % STEP_MS);
    const wait = Math.min(rest < EARLY_MS ? rest + STEP_MS : rest, rampMs - done);
    if (wait > 0) await pause(wait, subject.overtaken);
    unlessOvertaken(subject);
  }
  // the end of a way to silence is silence already
  if (sent !== db) await send(subject, db);
  const now = await confirmed(
    subject,
    () => volumeOf(subject),
    isThere,
    (found) => `at ${roundedDb(found)} dB`,
  );
  return { before: roundedDb(before), now: roundedDb(now), alreadySo: false };
}

async function volumeOf(subject: Subject): Promise<number> {
  const answer = await askInput(subject, 'GetInputVolume');
  return number(answer.inputVolumeDb) ?? SILENT_DB;
}

async function send(subject: Subject, db: number): Promise<void> {
  unlessOvertaken(subject);
  // the least in dB is 0.001 %, and what is meant is silence, as the fader at its end gives it
  await askInput(subject, 'SetInputVolume', db <= SILENT_DB ? { inputVolumeMul: 0 } : { inputVolumeDb: db });
}

function unlessOvertaken({ overtaken, source }: Subject): void {
  if (overtaken.aborted) throw fail('SOURCE_OVERTAKEN', { source });
}
