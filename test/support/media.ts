// ffmpeg as the receiver of SRT and the reader of recordings.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freeUdpPort, udpBound } from './ports';
import { findProgram, startProgram } from './programs';
import { removeTempDir, tempDir } from './temp';
import { waitFor } from './wait';

export interface SrtListener {
  readonly port: number;
  readonly pid: number;
  /** what a caller is given as its server */
  readonly server: string;
  /** what it got, as a file */
  readonly file: string;
  /** the stream id of its caller; null: nobody called yet */
  streamId(): string | null;
  /** received so far; video frames and bytes of the transport stream */
  received(): { frames: number; bytes: number };
  readonly running: boolean;
  waitExit(timeoutMs?: number): Promise<unknown>;
  kill(signal?: NodeJS.Signals): void;
  log(): string;
  close(): Promise<void>;
}

/** ffmpeg waiting for one SRT caller. It ends when the caller leaves. */
export async function startSrtListener(
  options: { passphrase?: string; port?: number } = {},
): Promise<SrtListener> {
  const port = options.port ?? (await freeUdpPort());
  const folder = tempDir('srt');
  const progress = join(folder, 'progress.txt');
  const file = join(folder, 'received.ts');
  // as an option it is taken byte for byte, in an address it is not
  const phrase = options.passphrase ? ['-passphrase', options.passphrase] : [];
  const from = `srt://127.0.0.1:${port}?mode=listener`;
  // verbose: it says the stream id of its caller
  const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'verbose', '-nostats'];
  const probing = ['-probesize', '100000', '-analyzeduration', '500000'];
  const program = await startProgram('ffmpeg', [
    ...quiet,
    ...['-stats_period', '0.2', '-progress', progress, ...probing],
    ...[...phrase, '-i', from, '-map', '0', '-c', 'copy', '-flush_packets', '1', '-f', 'mpegts', file],
  ]);
  await waitFor(() => !program.running || udpBound(port), {
    message: () => `ffmpeg to listen for SRT; it said:\n${program.log()}`,
  });
  if (!program.running) throw new Error(`ffmpeg did not listen:\n${program.log()}`);
  return {
    port,
    pid: program.pid,
    server: `srt://127.0.0.1:${port}?mode=caller&latency=200000`,
    file,
    streamId: () => /accept streamid \[(.*)\], length/.exec(program.log())?.[1] ?? null,
    received() {
      try {
        const frames = [...readFileSync(progress, 'utf8').matchAll(/^frame=\s*(\d+)/gm)].at(-1)?.[1];
        return { frames: Number(frames ?? 0), bytes: statSync(file).size };
      } catch {
        return { frames: 0, bytes: 0 };
      }
    },
    get running() {
      return program.running;
    },
    waitExit: (timeoutMs) => program.waitExit(timeoutMs),
    kill: (signal) => program.kill(signal),
    log: () => program.log(),
    async close() {
      await program.close('SIGKILL');
      removeTempDir(folder);
    },
  };
}

export interface Probe {
  format: { format_name: string; duration?: string; size?: string };
  streams: { codec_type: string; codec_name: string; width?: number; height?: number }[];
  chapters: { tags?: { title?: string } }[];
}

/** What ffprobe reads in a media file. @throws Error when it is not one */
export async function ffprobe(file: string): Promise<Probe> {
  const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', '-show_chapters', file];
  const { stdout } = await promisify(execFile)(findProgram('ffprobe') ?? 'ffprobe', args, {
    timeout: 60_000,
  });
  return JSON.parse(stdout) as Probe;
}
