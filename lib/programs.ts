import { execFile } from 'node:child_process';

/** What came of asking a program of the system for its version. */
export type ProgramReading =
  { version: string } | { fault: 'missing' | 'forbidden' | 'silent' | 'broken'; detail: string | null };

const ASK_MS = 3_000;

/** Run `ffmpeg -version`: by the path a person set, else as PATH finds it. Always resolves, within `ms`; what hangs is ended. */
export function ffmpegVersion(path: string | null, ms = ASK_MS): Promise<ProgramReading> {
  return new Promise<ProgramReading>((resolve) => {
    execFile(
      path ?? 'ffmpeg',
      ['-hide_banner', '-version'],
      { timeout: ms, killSignal: 'SIGKILL', maxBuffer: 1_000_000, windowsHide: true },
      (error, stdout) => {
        const version = /^ffmpeg version (\S+)/m.exec(stdout)?.[1];
        if (version) return resolve({ version });
        const code = (error as NodeJS.ErrnoException | null)?.code;
        if (code === 'ENOENT') return resolve({ fault: 'missing', detail: null });
        if (code === 'EACCES' || code === 'EPERM') return resolve({ fault: 'forbidden', detail: null });
        if (error?.killed) return resolve({ fault: 'silent', detail: null });
        resolve({
          fault: 'broken',
          detail: typeof error?.code === 'number' ? `exit code ${error.code}` : null,
        });
      },
    );
    // some paths are refused before anything is started: one that leads through a file, or in a circle
  }).catch((): ProgramReading => ({ fault: 'missing', detail: null }));
}
