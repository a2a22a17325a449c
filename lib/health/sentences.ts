import type { Incident, Member } from './incident';
import type { RuleState } from './judge';
import type { Severity } from './types';
import { round, whatOf, WORDINGS } from './wordings';

/** What the sentences need beside the incident. */
export interface Words {
  /** how the application is called: "OBS", "the application" */
  place: string;
  clock: (atMs: number) => string;
  /** whether others send what is watched there */
  receives?: boolean;
}

const HEADS: Record<Incident['cause'], string> = {
  stream: 'Stream',
  receiver: 'Receiver',
  recording: 'Recording',
  output: 'Output',
  computer: 'Computer',
  disk: 'Disk',
  connection: 'Connection',
  picture: 'Picture',
  sound: 'Sound',
  program: 'Program',
  media: 'Media',
};
const WELL: Record<Incident['cause'], string> = {
  stream: 'The stream is well again',
  receiver: 'The media server gets the stream again',
  recording: 'The recording is well again',
  output: '{subject} is on again',
  computer: 'The computer{of} keeps up again',
  disk: 'There is enough room on the disk again',
  connection: '{place} answers again',
  picture: 'The picture{of} is well again',
  sound: 'The sound{of} is well again',
  program: 'What is on air is well again',
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
  const { rule } = incident.lead();
  // a stream that has stopped may belong to a connection that was lost
  const name = rule.facts.cause === incident.cause ? null : nameOf(rule);
  const head = name === null ? headOf(incident, rule.facts.cause) : `${HEADS[rule.facts.cause]} "${name}"`;
  return `${head}: ${fill(whatOf(rule), incident, words)}`;
}

/** What a rule is about, where it has a name of its own. */
const nameOf = ({ subject }: RuleState): string | null => (subject === 'stream' ? null : subject);

/** How bad it is, with figures; all its rules, the worst first. */
export function detailOf(incident: Incident, words: Words): string {
  const lead = incident.lead();
  const others = [...incident.members.values()].filter(
    ({ rule }) => rule !== lead.rule && rule.incident === incident,
  );
  const also = others
    .map(({ rule }) => {
      const { cause } = rule.facts;
      const name = cause === incident.cause ? null : (nameOf(rule) ?? (cause === 'recording' ? cause : null));
      return name === null ? whatOf(rule) : `${name}: ${whatOf(rule)}`;
    })
    .join(', ');
  return fill(`${figuresOf(lead)}${also ? ` Also: ${also}.` : ''}`, incident, words);
}

/** What to try first. */
export function adviceOf(incident: Incident, words: Words): string {
  const { cause, subject } = incident;
  // there is nothing to be done where somebody else's stream arrives
  const place =
    words.receives && subject !== null && cause !== 'receiver' ? `what sends "${subject}"` : words.place;
  return fill(WORDINGS[incident.lead().rule.rule].advice, incident, { ...words, place });
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
    case 'notRecording':
      return `${headOf(incident, incident.cause)}: it ended with the recording`;
    case 'notRunning':
      return `${headOf(incident, incident.cause)}: it was switched off`;
    default:
      return fill(
        incident.cause === 'connection' && stopped ? '{place} is live again' : WELL[incident.cause],
        incident,
        words,
      );
  }
}

function figuresOf({ rule, worstValue }: Member): string {
  const { detail } = WORDINGS[rule.rule];
  if (!Number.isNaN(rule.value)) return detail(rule);
  return Number.isNaN(worstValue)
    ? 'There is no figure at the moment.'
    : `There is no figure at the moment. At worst it was ${round(worstValue)} ${rule.facts.unit}.`;
}

function fill(text: string, { subject }: Incident, { place }: Words): string {
  const filled = text
    .replaceAll('{place}', () => place)
    .replaceAll('{subject}', () => `"${subject ?? ''}"`)
    .replaceAll('{of}', () => (subject === null ? '' : ` of "${subject}"`));
  // "the application" at the beginning of a sentence
  return filled.replace(/(^|\. )the application/g, '$1The application');
}
