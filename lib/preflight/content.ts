import type { PictureReading } from '../production/health';
import type { InputSurvey, Survey } from '../production/survey';
import { failed, list, ok, unknown, warning, worse } from './check';
import { notKnown } from './not-known';
import { VMIX, inputNamed, inputsCheck, presetCheck, programFault } from './vmix';
import type { Check, CheckResult, Expectations, Facts } from './types';

/** A fader this far down cannot be heard in a show; -100 is its end. */
const INAUDIBLE_DB = -60;
/** A fader this far down is most often a mistake. */
const QUIET_DB = -30;
/** As the health rules have it: a point darker than this is black, and a picture is when nearly all points are. */
const BLACK_LUMA = 24;
const BLACK_PERCENT = 98;
/** More of them help nobody. */
const MOST_REASONS = 10;

/** Whether the application is set up as this show needs it: one that is named, and what it is. */
export function sameName(
  id: 'profile' | 'collection',
  wanted: string,
  is: string | null,
  facts: Facts,
): Check {
  const app = facts.application.kind;
  if (id === 'profile' && app === VMIX) return presetCheck(wanted, is, facts);
  const what = id === 'profile' ? 'profile' : 'scene collection';
  const menu = id === 'profile' ? 'Profile' : 'Scene Collection';
  if (is === null) return notKnown(id, `The ${what}`, facts);
  return is === wanted
    ? ok(id, `The ${what} is "${is}".`)
    : failed(
        id,
        `The ${what} is "${is}", and not "${wanted}".`,
        `In ${app}: menu ${menu}, choose "${wanted}".`,
      );
}

/** Whether everything that is named is there. */
export function present(
  id: 'scenes' | 'sources',
  wanted: readonly string[],
  there: readonly string[] | null,
  facts: Facts,
): Check {
  if (facts.application.kind === VMIX) return inputsCheck(id, wanted, facts);
  if (there === null) return notKnown(id, `Which ${id} there are`, facts);
  const missing = wanted.filter((name) => !there.includes(name));
  if (missing.length === 0)
    return ok(
      id,
      wanted.length === 1
        ? `The ${id.slice(0, -1)} ${list(wanted)} is there.`
        : `All ${wanted.length} ${id} are there.`,
    );
  const one = missing.length === 1;
  return failed(
    id,
    `The ${one ? id.slice(0, -1) : id} ${list(missing)} ${one ? 'is' : 'are'} missing.`,
    `Look whether the right scene collection is loaded, or whether somebody renamed ${one ? 'it' : 'them'}.`,
  );
}

/** Whether the inputs that must sound can be heard; without names, whether anything on air can. */
export function soundCheck(expected: Expectations, facts: Facts): Check {
  const survey = facts.survey.value;
  if (!survey?.inputs) return notKnown('sound', 'What can be heard', facts);
  return expected.inputs.length > 0
    ? namedSound(expected.inputs, survey, survey.inputs, facts.application.kind)
    : anySound(survey, survey.inputs, facts.application.kind);
}

function namedSound(
  names: readonly string[],
  survey: Survey,
  inputs: readonly InputSurvey[],
  app: string,
): Check {
  let result: CheckResult = 'ok';
  const found = names.map((name) => ({ name, ...inputNamed(name, survey, inputs) }));
  const faults = found.flatMap(({ name, input, fits }) => {
    const fault =
      fits > 1
        ? { result: 'failed' as const, what: `fits ${fits} inputs` }
        : faultOf(input, survey.stream.audioTrack);
    if (!fault) return [];
    result = worse(result, fault.result);
    return [`"${input?.name ?? name}" ${fault.what}`];
  });
  if (faults.length === 0)
    return ok(
      'sound',
      names.length === 1
        ? `${list(found.map(({ name, input }) => input?.name ?? name))} can be heard.`
        : `All ${names.length} inputs can be heard.`,
    );
  return {
    id: 'sound',
    result,
    message: `${faults.join('; ')}.`,
    advice:
      app === VMIX
        ? 'Look at the audio mixer in vMix: mute, fader, and the buses of the input.'
        : `Look at the audio mixer in ${app}, and at its Advanced Audio Properties.`,
  };
}

function faultOf(
  input: InputSurvey | undefined,
  track: number | null,
): { result: CheckResult; what: string } | null {
  const fail = (what: string) => ({ result: 'failed' as const, what });
  if (!input) return fail('does not exist');
  if (input.offline) return fail('is offline: its source is missing');
  if (input.audio === false) return fail('has no sound');
  if (input.audio === null || input.muted === null)
    return { result: 'unknown', what: 'could not be looked at' };
  if (input.muted) return fail('is muted');
  if (input.volumeDb !== null && input.volumeDb <= INAUDIBLE_DB)
    return fail('has its fader all the way down');
  if (input.onMaster === false) return fail('does not go to the master, so that nobody hears it');
  if (input.monitorOnly) return fail('is set to monitor only, so that it does not go out');
  if (track !== null && input.tracks !== null && !input.tracks.includes(track))
    return fail(
      input.tracks.length === 0
        ? 'is on no audio track'
        : `is not on audio track ${track}, which is the one that goes out`,
    );
  if (input.volumeDb !== null && input.volumeDb <= QUIET_DB)
    return { result: 'warning', what: `has its fader at ${Math.round(input.volumeDb)} dB` };
  return null;
}

function anySound(survey: Survey, inputs: readonly InputSurvey[], app: string): Check {
  const onAir = inputs.filter(({ audio, active }) => audio === true && active === true);
  const heard = onAir.filter((input) => faultOf(input, survey.stream.audioTrack) === null);
  if (heard.length > 0) return ok('sound', `On air can be heard: ${list(heard.map(({ name }) => name))}.`);
  if (inputs.some(({ audio, active }) => audio === null || (audio && active === null)))
    return unknown(
      'sound',
      'Not every input could be looked at.',
      `Look at the audio mixer in ${app}, then ask again.`,
    );
  if (onAir.length === 0)
    return warning(
      'sound',
      'Nothing that could be heard is on air.',
      'Look at the audio mixer, or switch to a scene with sound.',
    );
  const reasons = onAir
    .slice(0, MOST_REASONS)
    .map((input) => `"${input.name}" ${faultOf(input, survey.stream.audioTrack)?.what ?? ''}`);
  const more = onAir.length > MOST_REASONS ? `, and ${onAir.length - MOST_REASONS} more` : '';
  return warning(
    'sound',
    `Nothing on air can be heard: ${reasons.join('; ')}${more}.`,
    'Unmute what should sound, in the audio mixer.',
  );
}

/** Whether the program shows anything. Black can be on purpose ten minutes before a show. */
export function pictureCheck(facts: Facts): Check {
  const app = facts.application.kind;
  const wrong = programFault(facts);
  if (wrong) return wrong;
  const { value, reason } = facts.picture ?? { value: null, reason: 'it was not looked at' };
  if (value === null)
    return unknown('picture', `What the program shows is not known: ${reason ?? ''}.`, `Look at ${app}.`);
  const dark = darkPercent(value);
  return dark >= BLACK_PERCENT
    ? warning(
        'picture',
        `The program is black (scene "${value.source}").`,
        'Look whether this is on purpose, and whether camera and capture are on.',
      )
    : ok('picture', `The program shows a picture (scene "${value.source}").`);
}

function darkPercent({ luma }: PictureReading): number {
  let dark = 0;
  for (const point of luma) if (point < BLACK_LUMA) dark++;
  return luma.length === 0 ? 0 : (dark / luma.length) * 100;
}
