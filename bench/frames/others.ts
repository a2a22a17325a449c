// What takes pictures without us: ffmpeg as the program that this grew out of calls it, and the barest way to decode key frames.
import { spawn, type ChildProcess } from 'node:child_process';
import { follow } from '../support/children';
import type { Clip } from './clips';

const live = ({ file }: Clip): string[] => ['-re', '-stream_loop', '-1', '-i', file];
const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'error'];

/** One JPEG a second in full size, with the arguments of the program named in the README: sound decoded, threads as ffmpeg likes. */
export function asTheOriginal(clip: Clip): ChildProcess {
  return started([
    ...quiet,
    ...live(clip),
    '-f',
    'image2pipe',
    '-vcodec',
    'mjpeg',
    '-r',
    '1',
    '-q:v',
    '2',
    '-',
  ]);
}

/** A JPEG of each key frame, 1280 wide, and nothing else. */
export function bareKeyframes(clip: Clip): ChildProcess {
  const decode = ['-threads', '1', '-skip_frame', 'nokey', ...live(clip), '-an'];
  const picture = [
    '-vf',
    "scale='min(1280,iw)':-2",
    '-fps_mode',
    'passthrough',
    '-threads',
    '1',
    '-q:v',
    '5',
  ];
  return started([...quiet, ...decode, ...picture, '-f', 'mpjpeg', '-']);
}

/** Somebody who sends the clip for ever, in real time, as it is. */
export function publisher(clip: Clip, address: string): ChildProcess {
  return started([...quiet, ...live(clip), '-c', 'copy', '-f', 'flv', address]);
}

function started(args: string[]): ChildProcess {
  const child = follow(spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  child.stdout!.resume();
  return child;
}
