import type { Incident, Member } from './incident';
import type { RuleState } from './judge';
import { durationText } from './time';
import type { RuleId, Severity } from './types';

/** What the sentences need beside the incident. */
export interface Words {
  /** how the application is called: "OBS", "the application" */
  place: string;
  clock: (atMs: number) => string;
}

/** One rule in plain words. `{place}` is the application, `{subject}` the input. */
interface Wording {
  /** what is wrong */
  what: string;
  /** how bad, with figures */
  detail: (rule: RuleState, words: Words) => string;
  /** what to try first */
  advice: string;
}

const percent = (value: number): string => `${round(value)} %`;
const gigabytes = (megabytes: number): string =>
  megabytes >= 1_000 ? `${round(megabytes / 1_000)} GB` : `${Math.round(megabytes)} MB`;

const WORDINGS: Record<RuleId, Wording> = {
  reconnecting: {
    what: 'the server is not reached',
    detail: ({ value }) =>
      `It has been trying to reach the streaming server for ${durationText(value)}. Viewers see nothing meanwhile.`,
    advice:
      'Check the internet connection of the computer that runs {place}, then the status page of the streaming service. It goes on trying by itself.',
  },
  flapping: {
    what: 'the server is lost again and again',
    detail: ({ value }) => `Within a minute the server was reached ${round(value)} times and lost again.`,
    advice:
      'If it has just been started: the stream key is probably wrong, or used somewhere else. Otherwise the line is unstable: use a cable instead of Wi-Fi.',
  },
  unexpectedStop: {
    what: 'it has stopped, and nobody asked for it',
    detail: ({ value }) => `It has been off for ${durationText(value)}. Viewers see nothing.`,
    advice: 'Look at {place} and start the stream again.',
  },
  startFailed: {
    what: 'it could not be started',
    detail: ({ value }) => `The start failed ${durationText(value)} ago, and it is not live.`,
    advice: 'Check server address, stream key and internet connection, then start it again.',
  },
  noData: {
    what: 'nothing is sent, although it is live',
    detail: ({ value }) => `No picture has gone out for ${durationText(value)}.`,
    advice:
      'Look whether {place} still moves. If it does, stop the stream and start it again; if not, restart {place}.',
  },
  bitrate: {
    what: 'the bitrate is too low',
    detail: ({ value, figure, base, setting }) =>
      setting.absolute
        ? `${round(value)} kbps go out.`
        : `${round(figure)} kbps go out, of ${round(base)} kbps (${percent(value)}).`,
    advice:
      'See who else uses the internet connection, and stop downloads and backups. If it stays, lower the bitrate in {place}.',
  },
  dropped: {
    what: 'frames are lost on the way to the server',
    detail: ({ value }) => `${percent(value)} of the frames are dropped because the line does not take them.`,
    advice: 'Use a cable instead of Wi-Fi, stop other uploads, or lower the bitrate in {place}.',
  },
  congestion: {
    what: 'the line to the server is congested',
    detail: ({ value }) =>
      `The line is ${percent(value * 100)} jammed. Frames will be dropped if it stays so.`,
    advice: 'Stop other uploads on this line, or lower the bitrate in {place}.',
  },
  skipped: {
    what: 'the encoder cannot keep up',
    detail: ({ value }) => `${percent(value)} of the frames are skipped. The picture jerks.`,
    advice:
      'Close other programs on the computer that runs {place}; then choose a faster encoder preset, or a smaller picture.',
  },
  missed: {
    what: 'the picture is drawn too slowly',
    detail: ({ value }) =>
      `${percent(value)} of the frames come too late from the graphics card. The picture jerks.`,
    advice:
      'Close whatever uses the graphics card of the computer that runs {place}, and switch off sources and filters that are not needed.',
  },
  fps: {
    what: 'there are too few frames per second',
    detail: ({ figure, base, setting }) =>
      setting.absolute || Number.isNaN(base)
        ? `${round(figure)} frames per second.`
        : `${round(figure)} of ${round(base)} frames per second.`,
    advice:
      'Close other programs on the computer that runs {place}, and switch off sources and filters that are not needed.',
  },
  cpu: {
    what: 'the processor is close to its limit',
    detail: ({ value }) => `{place} uses ${percent(value)} of the processor.`,
    advice: 'Close other programs on the computer that runs {place}; then choose a faster encoder preset.',
  },
  disk: {
    what: 'the disk for recordings is nearly full',
    detail: ({ value }) => `${gigabytes(value)} are free.`,
    advice: 'Delete or move old recordings on the computer that runs {place} before the disk is full.',
  },
  unreachable: {
    what: '{place} does not answer',
    detail: ({ value, level }) =>
      level === 2
        ? `There has been no answer for ${durationText(value)}, and a show was on. It has crashed, was closed, or its computer is off.`
        : `There has been no answer for ${durationText(value)}. The show may be going on: nobody can tell.`,
    advice:
      'Look at the computer that runs {place}: does it run, is it on the network, is {place} open? Then look at the stream itself as a viewer.',
  },
  black: {
    what: 'the picture is black',
    detail: ({ value }) => `${percent(value)} of the picture is dark.`,
    advice: 'Look at the program in {place}: is it the right scene, and does its camera give a picture?',
  },
  frozen: {
    what: 'the picture does not move',
    detail: ({ value }) => `Nothing in the picture has changed for ${durationText(value)}.`,
    advice: 'Look at the camera or source on air; switch to another scene until it moves again.',
  },
  silent: {
    what: 'nothing can be heard',
    detail: ({ value }) => `The loudest sound is ${round(value)} dB.`,
    advice:
      'Look at the audio mixer of {place}: is the input muted, or its fader down? Is the microphone on?',
  },
  clipped: {
    what: 'the sound is too loud and distorts',
    detail: ({ value }) => `${percent(value)} of the time the sound is at its limit.`,
    advice: 'Turn the loudest input down in the audio mixer of {place}, or at the mixing desk.',
  },
  mediaStalled: {
    what: 'it does not move on',
    detail: ({ value }) => `{subject} has been standing still for ${durationText(value)}.`,
    advice: 'Check where {subject} comes from; then restart it in {place}.',
  },
  mediaEnded: {
    what: 'it has ended',
    detail: ({ value }) => `{subject} has not been playing for ${durationText(value)}.`,
    advice: 'Start {subject} again in {place}, or switch to another scene.',
  },
  mediaMissing: {
    what: 'there is no such input',
    detail: ({ value }) => `{place} has had no input called {subject} for ${durationText(value)}.`,
    advice: 'Was {subject} renamed or deleted, or is another scene collection open in {place}?',
  },
};

const HEADS: Record<Incident['cause'], string> = {
  stream: 'Stream',
  computer: 'Computer',
  disk: 'Disk',
  connection: 'Connection',
  picture: 'Picture',
  sound: 'Sound',
  media: 'Media',
};
const WELL: Record<Incident['cause'], string> = {
  stream: 'The stream is well again',
  computer: 'The computer keeps up again',
  disk: 'There is enough room on the disk again',
  connection: '{place} answers again',
  picture: 'The picture is well again',
  sound: 'The sound is well again',
  media: '{subject} plays again',
};

/** How bad it is, in a word or a few. */
export const SEVERITY_WORDS: Record<Severity, string> = {
  critical: 'critical',
  degraded: 'degraded',
  unknown: 'nobody can tell what goes on',
};

/** "Stream", or `Stream "2"` where there are several. */
export function headOf({ subject }: Incident, cause: Incident['cause']): string {
  return subject === null ? HEADS[cause] : `${HEADS[cause]} "${subject}"`;
}

/** One sentence without its full stop: what is wrong. */
export function titleOf(incident: Incident, words: Words): string {
  const { rule, facts } = incident.lead().rule;
  // a stream that has stopped may belong to a connection that was lost
  return `${headOf(incident, facts.cause)}: ${fill(WORDINGS[rule].what, incident, words)}`;
}

/** How bad it is, with figures; all its rules, the worst first. */
export function detailOf(incident: Incident, words: Words): string {
  const lead = incident.lead();
  const others = [...incident.members.values()].filter(
    ({ rule }) => rule !== lead.rule && rule.incident === incident,
  );
  const also = others.map(({ rule }) => WORDINGS[rule.rule].what).join(', ');
  return fill(`${figuresOf(lead, words)}${also ? ` Also: ${also}.` : ''}`, incident, words);
}

/** What to try first. */
export function adviceOf(incident: Incident, words: Words): string {
  return fill(WORDINGS[incident.lead().rule.rule].advice, incident, words);
}

/** "The stream is well again", or how else it ended. */
export function endOf(incident: Incident, words: Words): string {
  const stopped = [...incident.members.keys()].some(({ rule }) => rule === 'unexpectedStop');
  switch (incident.endedBy) {
    case 'noShow':
      return `${headOf(incident, incident.cause)}: no longer watched, as nothing is live or recording`;
    case 'offAir':
      return `${headOf(incident, incident.cause)}: it is no longer on air`;
    case 'gone':
    case 'notLive':
      return `${headOf(incident, incident.cause)}: it ended with the stream`;
    default:
      return fill(
        incident.cause === 'connection' && stopped ? '{place} is live again' : WELL[incident.cause],
        incident,
        words,
      );
  }
}

function figuresOf({ rule, worstValue }: Member, words: Words): string {
  const { detail } = WORDINGS[rule.rule];
  if (!Number.isNaN(rule.value)) return detail(rule, words);
  return Number.isNaN(worstValue)
    ? 'There is no figure at the moment.'
    : `There is no figure at the moment. At worst it was ${round(worstValue)} ${rule.facts.unit}.`;
}

function fill(text: string, { subject }: Incident, { place }: Words): string {
  const filled = text.replaceAll('{place}', () => place).replaceAll('{subject}', () => `"${subject ?? ''}"`);
  // "the application" at the beginning of a sentence
  return filled.replace(/(^|\. )the application/g, '$1The application');
}

/** A figure as people read it: 3.4, 28, 5120. */
export function round(value: number): string {
  return Math.abs(value) >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}
