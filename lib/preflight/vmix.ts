import type { InputSurvey, Survey } from '../production/survey';
import { failed, list, ok, unknown, warning } from './check';
import { notKnown } from './not-known';
import type { Check, Facts } from './types';

/** What people call it, as `Facts.application.kind` has it. */
export const VMIX = 'vMix';
const NO_SOUND_DB = -60;

/** The input that somebody named: by its name, on vMix by key, number or title. */
export function inputNamed(
  name: string,
  { vmix }: Survey,
  inputs: readonly InputSurvey[],
): { input: InputSurvey | undefined; fits: number } {
  if (!vmix) return { input: inputs.find((input) => input.name === name), fits: 1 };
  const found = vmix.find(name);
  return found.input ? { input: found.input, fits: 1 } : { input: undefined, fits: found.fits };
}

/** Whether the inputs that are named are there, one for each name, and not offline. */
export function inputsCheck(id: 'scenes' | 'sources', wanted: readonly string[], facts: Facts): Check {
  const survey = facts.survey.value;
  if (!survey?.inputs) return notKnown(id, 'Which inputs there are', facts);
  const { inputs } = survey;
  const found = wanted.map((name) => ({ name, ...inputNamed(name, survey, inputs) }));
  const faults = found.flatMap(({ name, input, fits }) =>
    fits > 1
      ? [`"${name}" fits ${fits} inputs`]
      : !input
        ? [`"${name}" is missing`]
        : input.offline
          ? [`"${input.name}" is offline: its source is missing`]
          : [],
  );
  if (faults.length === 0)
    return ok(
      id,
      found.length === 1
        ? `The input ${list(found.map(({ name, input }) => input?.name ?? name))} is there.`
        : `All ${found.length} inputs are there.`,
    );
  return failed(
    id,
    `${faults.join('; ')}.`,
    'Look whether the right preset is loaded and every camera is on; choose from the list where a title is there twice.',
  );
}

/** Whether the preset is the one that is named: by its file, or by its whole path. */
export function presetCheck(wanted: string, is: string | null, facts: Facts): Check {
  if (facts.survey.value === null) return notKnown('profile', 'The preset', facts);
  const open = `In ${VMIX}: Open, choose "${wanted}".`;
  if (is === null) return failed('profile', `No preset is loaded, and "${wanted}" should be.`, open);
  const plain = (path: string) =>
    path
      .toLowerCase()
      .replace(/\//g, '\\')
      .replace(/\.vmix$/, '');
  const [whole, asked] = [plain(is), plain(wanted)];
  const name = is.split(/[\\/]/).at(-1) ?? is;
  return whole === asked || whole.endsWith(`\\${asked}`)
    ? ok('profile', `The preset is "${name}".`)
    : failed('profile', `The preset is "${name}", and not "${wanted}".`, open);
}

/** Whether the TCP port answers, where one is set: without it everything works, and news comes later. */
export function tcpChecks({ survey }: Facts): Check[] {
  const fault = survey.value?.vmix?.tcpFault;
  if (fault === undefined) return [];
  return [
    fault === null
      ? ok('tcp', 'Its TCP port answers.')
      : warning('tcp', 'Its TCP port does not answer, so news comes with the polls, seconds later.', fault),
  ];
}

/** Whether anything else goes out: External, MultiCorder, SRT. */
export function outputsChecks({ survey }: Facts): Check[] {
  const outputs = survey.value?.vmix?.outputs;
  if (!outputs) return [];
  const on = outputs.flatMap(({ output, on }) => (on === true ? [output] : []));
  if (on.length > 0)
    return [
      warning(
        'outputs',
        `${list(on)} ${on.length === 1 ? 'runs' : 'run'} already.`,
        'Stop it in vMix, unless it belongs to the show.',
      ),
    ];
  const hidden = outputs.flatMap(({ output, on }) => (on === null ? [output] : []));
  return [
    hidden.length > 0
      ? unknown(
          'outputs',
          `Whether ${list(hidden)} ${hidden.length === 1 ? 'runs' : 'run'} is not known: this version of vMix does not show it.`,
          'Look at vMix.',
        )
      : ok('outputs', 'No other output runs.'),
  ];
}

/** Whether the sound of everything goes out. */
export function masterChecks({ survey }: Facts): Check[] {
  const { vmix } = survey.value ?? {};
  if (!vmix) return [];
  const advice = 'Look at the master in the audio mixer of vMix.';
  const { muted = null, volumeDb = null } = vmix.master ?? {};
  if (muted === null)
    return [unknown('master', 'Whether the master is muted is not known: vMix did not say.', advice)];
  if (muted) return [failed('master', 'The master is muted: nothing can be heard.', advice)];
  return [
    volumeDb !== null && volumeDb <= NO_SOUND_DB
      ? failed('master', 'The fader of the master is all the way down.', advice)
      : ok('master', 'The master is not muted.'),
  ];
}

/** What is wrong with the program though vMix gives no picture of it; null where nothing is known to be. */
export function programFault({ survey }: Facts): Check | null {
  const { vmix } = survey.value ?? {};
  if (!vmix) return null;
  if (vmix.fadeToBlack)
    return warning(
      'picture',
      'Fade to black is on: the program is black.',
      'Switch it off in vMix before the show, unless this is on purpose.',
    );
  if (vmix.onAir?.offline)
    return failed(
      'picture',
      `The input on air, "${vmix.onAir.name}", is offline: its source is missing.`,
      'Look at this input in vMix, and whether its camera or file is there.',
    );
  return vmix.onAir === null ? warning('picture', 'No input is on air.', 'Put one on air in vMix.') : null;
}
