/** Why a figure is not known, as a word; the sentence is made when somebody asks. */
export type Why =
  | 'first'
  | 'reset'
  | 'none'
  | 'given'
  | 'grace'
  | 'notLive'
  | 'notReceived'
  | 'noReceiver'
  | 'notRecording'
  | 'notRunning'
  | 'starting'
  | 'reconnecting'
  | 'streamUnknown'
  | 'noFrames'
  | 'noBaseline'
  | 'measuring'
  | 'noTarget'
  | 'noShow'
  | 'notWatched'
  | 'noPicture'
  | 'noSound'
  | 'noLevel'
  | 'notRead'
  | 'noCursor'
  | 'offAir'
  | 'unreachable'
  | 'gone';

const TEXTS: Record<Why, string> = {
  first: 'two readings are needed, and there has been one',
  reset: 'the application began to count anew',
  none: 'it was not read',
  given: 'the application gives no number',
  grace: 'it has only just begun, and is not judged yet',
  notLive: 'the stream is not live',
  notReceived: 'the media server does not get the stream',
  noReceiver: 'no media server is asked',
  notRecording: 'nothing is recorded',
  notRunning: 'it is not on',
  starting: 'the stream is starting',
  reconnecting: 'the stream is trying to reach its server',
  streamUnknown: 'whether it streams is not known yet',
  noFrames: 'no frames were counted in the last seconds',
  noBaseline: 'what the bitrate should be is not known',
  measuring: 'what is normal for this stream is still being measured (30 s)',
  noTarget: 'the frame rate it should have is not known',
  noShow: 'nothing is live or recording',
  notWatched: 'it is not watched',
  noPicture: 'there is no picture of the program',
  noSound: 'there is no reading of the sound',
  noLevel: 'there is sound, and nobody knows how loud',
  notRead: 'its state was not read',
  noCursor: 'it plays, and does not tell how far it is',
  offAir: 'it is not on air',
  unreachable: 'the application does not answer',
  gone: 'the application no longer lists it',
};

/** The sentence for a reason; `given` is the application's own, where it gave one. */
export function reasonText(why: Why, given?: string | null): string {
  return (why === 'given' || why === 'noPicture' || why === 'noSound' || why === 'notRead') && given
    ? given
    : TEXTS[why];
}
