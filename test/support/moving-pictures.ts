// Pictures with sound that are never black and never still, published as a guest's encoder would.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, startProgram } from './programs';
import type { NginxRtmp } from './servers';
import { tempDir } from './temp';
import { waitFor } from './wait';

/** Two pictures that nobody takes for each other, at 640x360, each with a tone of its own. */
export type Look = 'light' | 'dark';

interface Shape {
  /** means over the whole picture, as `signalstats` gives them; 16 is black, 128 is no colour */
  luma: number;
  blue: number;
  red: number;
  /** over the test picture */
  filter: string;
  toneHz: number;
}

export const LOOKS: Record<Look, Shape> = {
  light: {
    luma: 152,
    blue: 102,
    red: 152,
    filter: 'lutyuv=y=90+val*0.5:u=128+(val-128)*0.3-25:v=128+(val-128)*0.3+25',
    toneHz: 440,
  },
  dark: {
    luma: 102,
    blue: 152,
    red: 102,
    filter: 'hflip,vflip,lutyuv=y=40+val*0.5:u=128+(val-128)*0.3+25:v=128+(val-128)*0.3-25',
    toneHz: 660,
  },
};

/** Of a film that is played in a loop. */
const FILM_SECONDS = 20;
const films = new Map<string, Promise<string>>();

/**
 * A film of this look: every frame differs from the one before in a counter and in moving patterns, one key frame a second. Made once for each
 * process, since encoding while OBS is measured would disturb it.
 * @param fps frames a second
 * @param seconds its length
 */
export function movingFilm(look: Look, fps: number, seconds = FILM_SECONDS): Promise<string> {
  const name = `${look}-${fps}-${seconds}.flv`;
  const made = films.get(name) ?? makeFilm(join(tempDir('film'), name), look, fps, seconds);
  films.set(name, made);
  return made;
}

async function makeFilm(file: string, look: Look, fps: number, seconds: number): Promise<string> {
  const { filter, toneHz } = LOOKS[look];
  const picture = `testsrc2=size=640x360:rate=${fps}:duration=${seconds},format=yuv420p,${filter}`;
  const tone = `sine=frequency=${toneHz}:sample_rate=48000:duration=${seconds}`;
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', String(fps)];
  const audio = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'];
  const from = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tone];
  const args = ['-v', 'error', '-nostdin', '-y', ...from, ...video, '-b:v', '1000k', ...audio, file];
  await promisify(execFile)(findProgram('ffmpeg') ?? 'ffmpeg', args, { timeout: 120_000 });
  return file;
}

export interface MovingPicture {
  readonly look: Look;
  readonly fps: number;
  /** where a player finds it */
  readonly address: string;
  readonly running: boolean;
  /** the publisher drops out at once, as when a line is cut */
  kill(): void;
  log(): string;
  close(): Promise<void>;
}

let published = 0;

/** Publishes a film of this look without end, at its own pace; resolves when the server has it. */
export async function publishMoving(server: NginxRtmp, look: Look, fps: number): Promise<MovingPicture> {
  const name = `moving-${look}-${fps}-${(published += 1)}`;
  const address = `${server.server}/${name}`;
  const from = ['-re', '-stream_loop', '-1', '-i', await movingFilm(look, fps)];
  const quiet = ['-v', 'warning', '-nostdin', '-nostats'];
  const program = await startProgram('ffmpeg', [...quiet, ...from, '-c', 'copy', '-f', 'flv', address]);
  await waitFor(
    async () =>
      !program.running ||
      (await server.publishers()).some((one) => one.name === name && one.bytesIn > 50_000),
    { intervalMs: 100, message: () => `the server to have ${look}; ffmpeg said:\n${program.log()}` },
  );
  if (!program.running) throw new Error(`ffmpeg did not publish ${look}:\n${program.log()}`);
  return {
    look,
    fps,
    address,
    get running() {
      return program.running;
    },
    kill: () => program.kill('SIGKILL'),
    log: () => program.log(),
    close: () => program.close('SIGKILL'),
  };
}
