/**
 * The log that vMix keeps of each stream on its own machine (`C:\ProgramData\vMix\streaming`), as ffmpeg writes it. The only numbers
 * about a stream there are. Lines hold addresses and keys, so nothing here quotes one. Pure. Source: vMix knowledge base 140.
 */

/** What one line says. */
export type StreamLogLine =
  | {
      kind: 'progress';
      /** of the stream so far */
      frames: number | null;
      fps: number | null;
      sizeBytes: number | null;
      /** since the stream began */
      timeMs: number | null;
      bitrateKbps: number | null;
      /** frames that the encoder left out so far; null where this ffmpeg does not count them */
      dropped: number | null;
    }
  /** the machine or the network is too slow: vMix shows its Stream button in amber */
  | {
      kind: 'congested';
      /** frames that were dropped for it: the line says so, once for each */
      dropped: 0 | 1;
    }
  /** the server has gone, or the network */
  | { kind: 'disconnected' }
  /** the server took neither address nor key */
  | { kind: 'rejected' };

const LONGEST_LINE = 4096;
const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, kib: 1024, mb: 1024 ** 2, mib: 1024 ** 2 };

/** What a line says; null for every other one. */
export function readStreamLogLine(line: string): StreamLogLine | null {
  if (line.length > LONGEST_LINE) return null;
  if (/\bframe= *\d/.test(line)) return progressOf(line);
  if (/real-time buffer .*too full or near too full/i.test(line))
    return { kind: 'congested', dropped: /frame dropped/i.test(line) ? 1 : 0 };
  if (/av_interleaved_write_frame\(\):/.test(line)) return { kind: 'disconnected' };
  if (/Server error:/i.test(line)) return { kind: 'rejected' };
  return null;
}

/** The lines in a piece of a log, and the rest that is none yet. ffmpeg ends a progress line with a carriage return. */
export function splitStreamLog(text: string): { lines: string[]; rest: string } {
  const lines = text.split(/\r\n|\r|\n/);
  const rest = lines.pop() ?? '';
  return { lines: lines.filter((line) => line !== ''), rest: rest.length > LONGEST_LINE ? '' : rest };
}

function progressOf(line: string): StreamLogLine {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(line)?.[1];
    return found === undefined ? null : Number(found);
  };
  const [, size, unit = ''] = /\bL?size= *(\d+)([a-zA-Z]+)/.exec(line) ?? [];
  const [, hours, minutes, seconds] = /\btime=(\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(line) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return {
    kind: 'progress',
    frames: number(/\bframe= *(\d+)/),
    fps: number(/\bfps= *(\d+(?:\.\d+)?)/),
    sizeBytes: size === undefined || factor === undefined ? null : Number(size) * factor,
    timeMs:
      seconds === undefined
        ? null
        : Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000),
    dropped: number(/\bdrop= *(\d+)/),
    bitrateKbps: number(/\bbitrate= *(\d+(?:\.\d+)?) *kbits\/s/),
  };
}
