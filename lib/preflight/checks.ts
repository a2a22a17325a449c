import { redactText } from '../secrets';
import { failed, ok, warning } from './check';
import { clockCheck, ffmpegCheck } from './computer';
import { pictureCheck, present, sameName, soundCheck } from './content';
import { diskCheck, folderCheck } from './recording';
import { liveChecks, serverCheck, targetChecks } from './stream';
import { masterChecks, outputsChecks, tcpChecks } from './vmix';
import type { Check, Expectations, Facts, Preflight } from './types';

/** Older ones were never run against, or nobody measured them. */
const OLDEST: Record<string, number> = { OBS: 29, vMix: 24 };

/** Judge what was found. A check that nobody ticked or named is not in the list. */
export function judge(expected: Expectations, facts: Facts): Preflight {
  const { ticks } = expected;
  const survey = facts.survey.value;
  const checks: Check[] = [connectionCheck(facts), ...tcpChecks(facts)];
  if (ticks.has('rehearsal')) checks.push(rehearsalCheck(facts));
  if (expected.profile !== null)
    checks.push(sameName('profile', expected.profile, survey?.profile ?? null, facts));
  if (expected.collection !== null)
    checks.push(sameName('collection', expected.collection, survey?.collection ?? null, facts));
  if (ticks.has('target')) checks.push(...targetChecks(expected, facts));
  if (ticks.has('server')) checks.push(serverCheck(expected, facts));
  if (ticks.has('live')) checks.push(...liveChecks(facts), ...outputsChecks(facts));
  if (ticks.has('folder')) checks.push(folderCheck(facts));
  if (ticks.has('disk')) checks.push(diskCheck(expected, facts));
  if (expected.scenes.length > 0)
    checks.push(present('scenes', expected.scenes, survey?.scenes ?? null, facts));
  if (expected.sources.length > 0)
    checks.push(present('sources', expected.sources, survey?.sources ?? null, facts));
  if (ticks.has('sound') || expected.inputs.length > 0)
    checks.push(soundCheck(expected, facts), ...masterChecks(facts));
  if (ticks.has('picture')) checks.push(pictureCheck(facts));
  if (ticks.has('ffmpeg')) checks.push(ffmpegCheck(expected, facts));
  if (ticks.has('clock')) checks.push(clockCheck(expected, facts));
  const bars = ({ result }: Check) => result === 'failed' || (result === 'unknown' && expected.unknownFails);
  return {
    ready: !checks.some(bars),
    // names of people's own making pass here: what is held as a secret must not
    checks: checks.map((check) => ({
      ...check,
      message: redactText(check.message),
      advice: check.advice === null ? null : redactText(check.advice),
    })),
  };
}

function connectionCheck({ application: { kind, name, state, fault }, survey }: Facts): Check {
  if (survey.value === null)
    return failed(
      'connection',
      state === 'ready'
        ? `${kind} ("${name}") is connected and does not answer: ${survey.reason}.`
        : `${kind} ("${name}") is not connected.`,
      fault ?? `Look at ${kind}: is it showing a question, or has it frozen?`,
    );
  const { version, where, vmix } = survey.value;
  const streams = vmix ? `, with ${vmix.channels} streaming channels` : '';
  const major = Number.parseInt(version ?? '', 10);
  const is = `${kind}${version === null ? '' : ` ${version}`} answers at ${where}${streams}.`;
  const oldest = OLDEST[kind] ?? 0;
  return major < oldest
    ? warning('connection', is, `Update ${kind}: nothing older than ${oldest} was tried with these nodes.`)
    : ok('connection', is);
}

function rehearsalCheck({ application: { simulated, kind } }: Facts): Check {
  return simulated
    ? failed(
        'rehearsal',
        'This is a rehearsal: nothing would go out.',
        `Open the connection in Node-RED and set Connect to to ${kind}.`,
      )
    : ok('rehearsal', 'This is no rehearsal.');
}
