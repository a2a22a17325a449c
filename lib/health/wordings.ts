import type { RuleState } from './judge';
import { durationText } from './time';
import type { RuleId } from './types';

/** One rule in plain words. `{place}` is the application, `{subject}` the input. */
interface Wording {
  /** what is wrong */
  what: string;
  /** the same, where nobody can know who did it */
  whatInDoubt?: string;
  /** how bad, with figures */
  detail: (rule: RuleState) => string;
  /** what to try first */
  advice: string;
}

const percent = (value: number): string => `${round(value)} %`;
const gigabytes = (megabytes: number): string =>
  megabytes >= 1_000 ? `${round(megabytes / 1_000)} GB` : `${Math.round(megabytes)} MB`;

export const WORDINGS: Record<RuleId, Wording> = {
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
    whatInDoubt: 'it went off, and {place} does not say who stopped it',
    detail: ({ value, note }) =>
      `It has been off for ${durationText(value)}.${because(note)} Viewers see nothing.`,
    advice: 'Look at {place} and start the stream again.',
  },
  startFailed: {
    what: 'it could not be started',
    detail: ({ value, note }) =>
      `The start failed ${durationText(value)} ago, and it is not live.${because(note)}`,
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
  keyframes: {
    what: 'its key frames are too far apart',
    detail: ({ value }) =>
      `${round(value)} s lie between two key frames. Whoever tunes in waits that long for a picture, and pictures are judged no oftener.`,
    advice:
      'Set the keyframe interval of the encoder to 2 s. In OBS it is in Settings, Output, Streaming; its 0 means 8 s.',
  },
  resolution: {
    what: 'its pictures have another size than at its start',
    detail: ({ value, note }) => `They changed ${note ?? ''} ${durationText(value)} ago.`,
    advice:
      'Look at the video settings of whoever sends it. Recordings and viewers may not follow such a change: stop the stream and start it again.',
  },
  notReceived: {
    what: 'the media server does not get the stream',
    detail: ({ value }) =>
      `{place} has been sending for ${durationText(value)}, and the server has no such stream. Viewers see nothing.`,
    advice:
      'Compare the address and the stream name in {place} with those in the health alert node. If they are right, stop the stream and start it again.',
  },
  received: {
    what: 'the media server gets less than is sent',
    detail: ({ value, figure, base, setting }) =>
      setting.absolute
        ? `${round(value)} kbps arrive.`
        : `{place} says ${round(base)} kbps, the server gets ${round(figure)} (${percent(value)}).`,
    advice:
      'The line between {place} and the server loses it: use a cable instead of Wi-Fi, stop other uploads, or lower the bitrate in {place}.',
  },
  recordingStopped: {
    what: 'it has stopped, and nobody asked for it',
    whatInDoubt: 'it went off, and {place} does not say who stopped it',
    detail: ({ value, note }) => `Nothing has been recorded for ${durationText(value)}.${because(note)}`,
    advice: 'Look at {place}: is the disk full, or gone? Then start the recording again.',
  },
  recordingStalled: {
    what: 'it does not grow, although it is on',
    detail: ({ value }) => `The recording has stood still for ${durationText(value)}.`,
    advice:
      'Look at {place} and at the disk it records to. If it stays, stop the recording and start it again.',
  },
  srtStopped: {
    what: 'it has stopped, and nobody asked for it',
    whatInDoubt: 'its SRT went off, and {place} does not say who stopped it',
    detail: ({ value, note }) =>
      `It has been off for ${durationText(value)}.${because(note)} Whoever receives it gets nothing.`,
    advice: 'Look at the SRT settings of this output in {place}, and start it again.',
  },
  outputStopped: {
    what: 'it has stopped, and nobody asked for it',
    whatInDoubt: 'it went off, and {place} does not say who stopped it',
    detail: ({ value, note }) => `It has been off for ${durationText(value)}.${because(note)}`,
    advice: 'Look at {place} and start it again.',
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
  restarted: {
    what: '{place} has been started anew while something ran',
    detail: () => 'Whatever ran has ended with it, or began anew.',
    advice: 'Look at {place}: start again what has to run, and find out why it went.',
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
  fadedOut: {
    what: 'it is faded to black',
    detail: ({ value }) => `It has been black for ${durationText(value)}, and viewers are there.`,
    advice: 'If nobody means it: switch off "fade to black" in {place}.',
  },
  silent: {
    what: 'nothing can be heard',
    detail: ({ value }) =>
      Number.isFinite(value) ? `The loudest sound is ${round(value)} dB.` : 'There is sound again.',
    advice:
      'Look at the audio mixer of {place}: is the input muted, or its fader down? Is the microphone on?',
  },
  muted: {
    what: 'the master is muted',
    detail: ({ value }) => `Nobody has heard anything for ${durationText(value)}.`,
    advice: 'If nobody means it: switch the master on again in the audio mixer of {place}.',
  },
  clipped: {
    what: 'the sound is too loud and distorts',
    detail: ({ value }) => `${percent(value)} of the time the sound is at its limit.`,
    advice: 'Turn the loudest input down in the audio mixer of {place}, or at the mixing desk.',
  },
  offline: {
    what: 'the source on air is missing',
    detail: ({ value, note }) => `${quoted(note)} has had no source for ${durationText(value)}.`,
    advice: 'Switch to another input; then look at the cable, the camera, or the file of this one.',
  },
  callDropped: {
    what: 'the caller on air has gone',
    detail: ({ value, note }) => `${quoted(note)} has been without its caller for ${durationText(value)}.`,
    advice: 'Switch to another input, and let the caller dial in again.',
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

/** Why it ended, where anybody said so. */
const because = (note: string | null): string => (note === null ? '' : ` ${note}`);
const quoted = (note: string | null): string => (note === null ? 'The input' : `"${note}"`);

/** What is wrong, in a sentence without its full stop. */
export function whatOf({ rule, doubtful }: RuleState): string {
  const { what, whatInDoubt } = WORDINGS[rule];
  return doubtful ? (whatInDoubt ?? what) : what;
}

/** A figure as people read it: 3.4, 28, 5120. */
export function round(value: number): string {
  return Math.abs(value) >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}
