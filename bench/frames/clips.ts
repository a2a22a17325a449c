// Clips as the pictures of a live stream are: much moves, some of it noise, a key frame every two seconds.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

export interface Clip {
  name: string;
  /** FLV: AVC with B-frames, AAC */
  file: string;
  seconds: number;
}

const SECONDS = 20;
const KINDS = [
  { name: '720p30', size: '1280x720', fps: 30, kbps: 2500 },
  { name: '1080p30', size: '1920x1080', fps: 30, kbps: 6000 },
  { name: '1080p60', size: '1920x1080', fps: 60, kbps: 8000 },
] as const;
export type ClipName = (typeof KINDS)[number]['name'];

const folder = join(__dirname, '..', '..', 'build', 'clips');

/** Made on first use by ffmpeg and x264, which takes as long as the clip or longer, and kept for the next run. */
export function clip(name: ClipName): Clip {
  const { size, fps, kbps } = KINDS.find((kind) => kind.name === name)!;
  const file = join(folder, `${name}.flv`);
  const clip = { name, file, seconds: SECONDS };
  if (existsSync(file)) return clip;
  mkdirSync(folder, { recursive: true });
  const picture = ['-f', 'lavfi', '-i', `mandelbrot=size=${size}:rate=${fps},noise=alls=12:allf=t`];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-profile:v',
    'high',
    '-bf',
    '2',
    '-g',
    `${2 * fps}`,
  ];
  const rate = [
    '-b:v',
    `${kbps}k`,
    '-maxrate',
    `${kbps}k`,
    '-bufsize',
    `${2 * kbps}k`,
    '-pix_fmt',
    'yuv420p',
  ];
  execFileSync(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-y', ...picture, ...sound, '-t', `${SECONDS}`],
      ...[...video, '-keyint_min', `${2 * fps}`, '-sc_threshold', '0', ...rate],
      ...['-c:a', 'aac', '-b:a', '160k', '-f', 'flv', `${file}.part`],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  renameSync(`${file}.part`, file);
  return clip;
}
