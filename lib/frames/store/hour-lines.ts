/** From the bytes of an index to the pictures of its hour, piece by piece. Pure. */
import { hash } from 'node:crypto';
import { addLine } from './chain';
import { type HourContent, byTime, emptyHour, frameAt, noteBad, noteFrame, noteSeen } from './hour';
import { type Line, readLine } from './line';
import { quickLine } from './quick-line';
import type { KeptFrame } from './types';

const NEWLINE = 0x0a;
/** Bytes of a line: far more than any of ours, and still read at once. */
const LONGEST_LINE = 64 * 1024;

/** Reads the lines of an hour as their bytes come. Those that are none of ours are left out and told. Never throws. */
export class HourLines {
  readonly content: HourContent;
  private known: Map<string, KeptFrame> | null = null;
  private begun: Buffer[] = [];

  /** @param hashes whether to work out the runs of the chain */
  constructor(
    stream: string,
    hour: number,
    private readonly hashes = false,
  ) {
    this.content = emptyHour(stream, hour);
  }

  /** The next bytes of the file. A line that they only begin waits for the next ones; at the end of the file it is torn, and none. */
  add(piece: Buffer): void {
    this.content.size += piece.length;
    const end = piece.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const whole = piece.subarray(0, end);
      this.lines(this.begun.length ? Buffer.concat([...this.begun, whole]) : whole);
      this.begun = [];
    }
    if (end < piece.length) this.begun.push(piece.subarray(end));
  }

  private lines(bytes: Buffer): void {
    const { content } = this;
    const { stream, hour } = content;
    const text = bytes.toString('latin1');
    for (let from = 0, next; from < bytes.length; from = next) {
      const quick = quickLine(bytes, text, from, stream, hour);
      next = quick ? quick.next : bytes.indexOf(NEWLINE, from) + 1;
      content.lines++;
      const line = quick
        ? quick.line
        : next - from > LONGEST_LINE
          ? 'it is longer than any line'
          : readLine(bytes.toString('utf8', from, next - 1), stream, hour);
      const hashed = this.hashes ? hash('sha256', bytes.subarray(from, next - 1), 'hex') : '';
      const reason = typeof line === 'string' ? line : this.take(line, hashed);
      if (reason !== null) noteBad(content, content.lines, reason);
    }
    // looked up by their place while they come, so in their order at each end
    if (this.known) content.frames.sort(byTime);
  }

  private take(line: Line, sha256: string): string | null {
    const { content } = this;
    const { frames, runs } = content;
    if (this.hashes) addLine(runs, line.n, line.prev, sha256);
    if (line.kind === 'seen') {
      const frame = this.find(line);
      if (!frame) return 'it names no picture that is there';
      noteSeen(content, line);
      frame.until = Math.max(frame.until, line.until);
      frame.samples = Math.max(frame.samples, line.samples);
      return null;
    }
    const { frame } = line;
    if (this.find(frame)) return 'its picture is there twice';
    const last = frames.at(-1);
    // from the first one that is late on they are found by name
    if (last && byTime(last, frame) > 0) this.known ??= new Map(frames.map((one) => [nameOf(one), one]));
    this.known?.set(nameOf(frame), frame);
    noteFrame(content, frame);
    // one text for all of a connection
    if (last?.connectionId === frame.connectionId) frame.connectionId = last.connectionId;
    frames.push(frame);
    return null;
  }

  private find({ at, seq }: { at: number; seq: number }): KeptFrame | undefined {
    if (this.known) return this.known.get(nameOf({ at, seq }));
    const last = this.content.frames.at(-1);
    if (!last || last.at < at || (last.at === at && last.seq < seq)) return undefined;
    return frameAt(this.content.frames, at, seq);
  }
}

function nameOf({ at, seq }: { at: number; seq: number }): string {
  return `${at}-${seq}`;
}

/**
 * Read the lines of an hour. Those that are none of ours are left out and told. Never throws.
 * @param hashes whether to work out the runs of the chain
 */
export function readHour(bytes: Buffer, stream: string, hour: number, hashes = false): HourContent {
  const lines = new HourLines(stream, hour, hashes);
  lines.add(bytes);
  return lines.content;
}
