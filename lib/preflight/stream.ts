import type { Knock } from '../connection/knock';
import { placeOf } from '../production/address';
import type { Destination, Survey } from '../production/survey';
import { failed, list, ok, unknown, warning } from './check';
import { VMIX } from './vmix';
import type { Check, Expectations, Facts } from './types';

/** The destination that counts, and how a person would call it. Null where the application could not be asked. */
function destinationFor(
  expected: Expectations,
  survey: Survey | null,
): { destination: Destination; where: string; chosen: boolean } | null {
  if (expected.destination)
    return {
      destination: expected.destination.destination,
      where: `The stream target "${expected.destination.name}"`,
      chosen: true,
    };
  const set = survey?.stream.destination;
  return set ? { destination: set, where: '', chosen: false } : null;
}

/** Whether there is somewhere to stream to, with a key, and not in Twitch's test mode. */
export function targetChecks(expected: Expectations, facts: Facts): Check[] {
  const app = facts.application.kind;
  const survey = facts.survey.value;
  const found = destinationFor(expected, survey);
  if (!found) {
    const why = facts.survey.reason ?? survey?.unknown.destination ?? 'it was not told';
    const advice = survey?.vmix
      ? 'Look at Settings, Streaming in vMix, or choose a stream target here.'
      : `See to the connection to ${app} first.`;
    const ids = ['target', 'key', ...(app === VMIX ? [] : (['bandwidthTest'] as const))] as const;
    return ids.map((id) => unknown(id, `Where ${app} streams to is not known: ${why}.`, advice));
  }
  const { destination, chosen } = found;
  const settings = chosen ? `Open ${lower(found.where)} in Node-RED` : `In ${app}: Settings, Stream`;
  const checks = [targetCheck(found, app, settings), keyCheck(destination, settings)];
  // a target brings its own settings at the start, the test mode off among them
  if (!chosen)
    checks.push(
      survey?.stream.bandwidthTest
        ? failed(
            'bandwidthTest',
            'The bandwidth test mode is on: the stream would run and nobody would see it.',
            `${settings}, untick "Enable Bandwidth Test Mode".`,
          )
        : ok('bandwidthTest', 'The bandwidth test mode is off.'),
    );
  return checks;
}

function targetCheck(
  { destination, where, chosen }: NonNullable<ReturnType<typeof destinationFor>>,
  app: string,
  settings: string,
): Check {
  const { fault, service, server, protocol } = destination;
  if (fault)
    return chosen
      ? failed('target', `${where} cannot be used: ${fault}.`, `${settings}, and fill it in.`)
      : failed(
          'target',
          `${app} has nowhere to stream to: ${fault}.`,
          `${settings}, choose service and server.`,
        );
  if (app === VMIX && protocol !== undefined && protocol !== 'rtmp')
    return failed(
      'target',
      `${where} is ${protocol.toUpperCase()}, and vMix streams by RTMP only.`,
      protocol === 'srt' ? 'Use the SRT of an output of vMix.' : 'Choose a stream target that is RTMP.',
    );
  const place = [service, server].filter((part) => part !== null).join(', ');
  return ok('target', chosen ? `${where} is complete (${place}).` : `${app} is set to ${place}.`);
}

function keyCheck({ keySet, keyNeed, service }: Destination, settings: string): Check {
  if (keySet) return ok('key', 'A stream key is set.');
  if (keyNeed === 'never') return ok('key', `${service ?? 'This service'} needs no stream key.`);
  if (keyNeed === 'usually')
    return warning(
      'key',
      'No stream key is set, and most RTMP servers take no stream without one.',
      `${settings}, paste the key, unless your server needs none.`,
    );
  return failed(
    'key',
    `No stream key is set for ${service ?? 'the service'}.`,
    `${settings}, paste the key.`,
  );
}

/** Whether the server that the stream is to go to answers at its port. */
export function serverCheck(expected: Expectations, facts: Facts): Check {
  const survey = facts.survey.value;
  const found = destinationFor(expected, survey);
  const see = 'Look whether the stream starts in a short test.';
  if (!found)
    return unknown(
      'server',
      `The server is not known: ${facts.survey.reason ?? survey?.unknown.destination ?? 'it was not told'}.`,
      survey?.vmix
        ? 'Choose the stream target here, and its server is tried.'
        : `See to the connection to ${facts.application.kind} first.`,
    );
  const { destination } = found;
  if (liveThere(survey, destination))
    return ok('server', `${facts.application.kind} is connected to it already.`);
  if (!destination.address)
    return unknown(
      'server',
      `The server was not tried: ${destination.fault ?? destination.noAddress ?? 'its address is not known'}.`,
      see,
    );
  const place = placeOf(destination.address);
  if (!facts.server) return unknown('server', `${place} was not tried: a rehearsal reaches no server.`, see);
  return knocked(place, facts.server, survey?.here === false, facts.application.kind);
}

/** A listener that has its one caller answers no other, so an application that streams there is believed. */
function liveThere(survey: Survey | null, one: Destination): boolean {
  const other = survey?.stream.destination;
  if (survey?.stream.state !== 'live' || !other) return false;
  if (one === other) return true;
  const door = ({ address }: Destination) => address && `${address.speaks} ${placeOf(address)}`;
  return one.address !== null && door(one) === door(other);
}

function knocked(place: string, { answer, tookMs }: Knock, elsewhere: boolean, app: string): Check {
  // the stream will leave from another machine, which may have another way out
  const from = elsewhere ? ' from this computer' : '';
  const network = 'Check the address, the network and the firewall.';
  switch (answer) {
    case 'answers':
      return ok('server', `${place} answers${from} (${tookMs} ms).`);
    case 'untrusted':
      return warning(
        'server',
        `${place} answers${from}, but its certificate is not trusted here.`,
        `Check the name in the address and the certificate of the server, or ${app} may refuse it.`,
      );
    case 'refused':
      return failed(
        'server',
        `${place} refuses the connection${from}: nothing listens at this port.`,
        'Start the server, or check address and port.',
      );
    case 'silent':
      return failed('server', `${place} does not answer${from}.`, network);
    case 'mute':
      return failed(
        'server',
        `${place} takes the connection${from} and then says nothing.`,
        'The streaming server there hangs, or something else listens. Restart it, or check the port.',
      );
    case 'foreign':
      return failed(
        'server',
        `Something answers at ${place}, but not as a streaming server does.`,
        'Check port and beginning of the address: rtmp and rtmps are not the same.',
      );
    case 'notFound':
      return failed(
        'server',
        `The name ${place} is not found${from}.`,
        'Check the spelling of the address and the internet connection.',
      );
    case 'unreachable':
      return failed('server', `${place} cannot be reached${from}.`, network);
  }
}

/** Whether something runs already. */
export function liveChecks(facts: Facts): Check[] {
  const survey = facts.survey.value;
  const app = facts.application.kind;
  if (!survey) {
    const reason = facts.survey.reason ?? 'it was not told';
    return (['live', 'recording'] as const).map((id) =>
      unknown(
        id,
        `Whether ${app} ${id === 'live' ? 'streams' : 'records'} is not known: ${reason}.`,
        `See to the connection to ${app} first.`,
      ),
    );
  }
  const { stream, recording, vmix } = survey;
  const which = vmix?.streams.filter(({ live }) => live).map(({ output }) => output) ?? [];
  const streams = {
    idle: ok('live', 'No stream runs.'),
    unknown: unknown('live', 'Whether a stream runs is not known.', `Look at ${app}.`),
  };
  const records = {
    idle: ok('recording', 'No recording runs.'),
    unknown: unknown('recording', 'Whether a recording runs is not known.', `Look at ${app}.`),
  };
  return [
    stream.state === 'idle' || stream.state === 'unknown'
      ? streams[stream.state]
      : warning(
          'live',
          which.length > 1
            ? `Streams run already: ${list(which)}.`
            : `A stream runs already (${which[0] ?? stream.state}).`,
          'Stop it, unless this is the show itself.',
        ),
    recording.state === 'idle' || recording.state === 'unknown'
      ? records[recording.state]
      : warning(
          'recording',
          `A recording runs already (${recording.state}).`,
          'Stop it, unless this is the show itself.',
        ),
  ];
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
