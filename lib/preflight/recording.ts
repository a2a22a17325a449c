import type { Survey } from '../production/survey';
import { failed, ok, unknown, warning } from './check';
import type { Check, Expectations, Facts } from './types';

const MEGABYTES_IN_GIGABYTE = 1024;
/** OBS starts no recording with less. Source: OBS 29 to 32. */
const LEAST_MEGABYTES = 50;

/** Whether there is a folder to record to. OBS itself says 0 MB free of a folder that does not exist, wherever it runs (measured on Linux, from source on Windows). */
export function folderCheck(facts: Facts): Check {
  const app = facts.application.kind;
  const survey = facts.survey.value;
  if (!survey) return notAsked('folder', facts);
  const { folder, freeDiskMegabytes } = survey.recording;
  const settings = `In ${app}: Settings, Output, choose a recording folder that exists.`;
  if (folder === null)
    return survey.unknown.folder
      ? unknown(
          'folder',
          `The recording folder is not known: ${survey.unknown.folder}.`,
          `Look at ${survey.vmix ? 'the settings of the recording' : 'Settings, Output'} in ${app}.`,
        )
      : failed('folder', 'No recording folder is set.', settings);
  if (freeDiskMegabytes === null)
    return unknown(
      'folder',
      `${app} did not say whether ${folder} exists.`,
      `Look at Settings, Output in ${app}.`,
    );
  if (freeDiskMegabytes === 0)
    return failed(
      'folder',
      `${app} finds no room in ${folder}${survey.here ? '' : ` on its computer`}: the folder does not exist, or its disk is full.`,
      settings,
    );
  return ok('folder', `${app} can record to ${folder}.`);
}

/** Whether the disk there is large enough for the show. */
export function diskCheck(expected: Expectations, facts: Facts): Check {
  const app = facts.application.kind;
  const survey = facts.survey.value;
  if (!survey) return notAsked('disk', facts);
  const { freeDiskMegabytes: free } = survey.recording;
  if (free === null)
    return survey.vmix
      ? unknown(
          'disk',
          `How much disk is free is not known: ${survey.unknown.disk ?? 'it was not told'}.`,
          'Look at the disk of the vMix machine.',
        )
      : unknown('disk', `${app} did not say how much disk is free.`, `Look at View, Stats in ${app}.`);
  if (free === 0)
    return failed(
      'disk',
      'No disk is free where the recording would go.',
      'See to the recording folder first.',
    );
  const { diskWarnGigabytes: warn, diskFailGigabytes: fail } = expected;
  const is = `${gigabytes(free)} are free for the recording${lasts(survey, free)}.`;
  const advice = 'Move or delete old recordings, or record to another disk.';
  if (free < fail * MEGABYTES_IN_GIGABYTE || free < LEAST_MEGABYTES)
    return failed('disk', `${is} The least for this show is ${fail} GB.`, advice);
  if (free < warn * MEGABYTES_IN_GIGABYTE)
    return warning('disk', `${is} That is less than ${warn} GB.`, advice);
  return ok('disk', is);
}

function gigabytes(megabytes: number): string {
  const amount = megabytes / MEGABYTES_IN_GIGABYTE;
  return `${amount >= 10 ? Math.floor(amount) : Math.floor(amount * 10) / 10} GB`;
}

/** How long it lasts, where the bitrate of the recording is known. */
function lasts({ recording: { bitrateKbps } }: Survey, megabytes: number): string {
  if (bitrateKbps === null) return '';
  const minutes = (megabytes * 1024 * 1024 * 8) / (bitrateKbps * 1000) / 60;
  const time =
    minutes < 120
      ? `${Math.floor(minutes)} min`
      : minutes < 48 * 60
        ? `${Math.floor(minutes / 60)} h`
        : `${Math.floor(minutes / 60 / 24)} days`;
  return `, about ${time} at ${bitrateKbps} kbit/s`;
}

function notAsked(id: 'folder' | 'disk', facts: Facts): Check {
  const app = facts.application.kind;
  return unknown(
    id,
    `The ${id === 'folder' ? 'recording folder' : 'free disk'} is not known: ${facts.survey.reason ?? 'it was not told'}.`,
    `See to the connection to ${app} first.`,
  );
}
