// Somebody who publishes a picture that is made for a test: with ffmpeg, as fast as it plays.
import { startProgram } from '../../support';

export interface Broadcast {
  close(): Promise<unknown>;
}

const TONE = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
/** Two scenes that take turns every 7 s, each of one colour. */
export const SCENES: readonly string[] = [
  ...['-re', '-f', 'lavfi', '-i'],
  `color=red:s=320x180:r=10[a];color=blue:s=320x180:r=10[b];[a][b]overlay=enable='gte(mod(t,14),7)'`,
  ...TONE,
];
/** Nothing to see, and nothing to hear. */
export const BLACK_AND_SILENT: readonly string[] = [
  ...['-re', '-f', 'lavfi', '-i', 'color=black:s=320x180:r=10'],
  ...['-f', 'lavfi', '-i', 'anullsrc=sample_rate=44100:channel_layout=stereo'],
];

/** Publish this to `address`, key included, until it is closed. */
export async function broadcast(what: readonly string[], address: string): Promise<Broadcast> {
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-pix_fmt',
    'yuv420p',
    '-g',
    '10',
  ];
  const program = await startProgram('ffmpeg', [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...what, ...video, '-b:v', '200k'],
    ...['-c:a', 'aac', '-b:a', '64k', '-f', 'flv', '-flvflags', 'no_duration_filesize', address],
  ]);
  return { close: () => program.close('SIGKILL') };
}
