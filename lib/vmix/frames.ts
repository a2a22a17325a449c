import { LARGEST_DOCUMENT_BYTES } from './document';

/** One message of the TCP port, as it is framed. */
export type Frame =
  /** `COMMAND OK text` or `COMMAND ER text`: an answer, or an event (`ACTS`, `TALLY`, and `VERSION` as the greeting) */
  | { kind: 'line'; command: string; ok: boolean; text: string }
  /** `COMMAND n` and n bytes: a document, without the line end that vMix counts among them */
  | { kind: 'body'; command: string; body: Buffer }
  /** a web server answers: this is the wrong port. Nothing follows */
  | { kind: 'http'; status: number }
  /** a line that means nothing; it is not quoted, since it may hold anything */
  | { kind: 'junk'; bytes: number }
  /** more than any vMix sends. Nothing follows */
  | { kind: 'overflow' };

/** A tally of a thousand inputs takes one kilobyte; a text out of a title can be long. */
const LONGEST_LINE = 256 * 1024;
const LF = 10;
const CR = 13;
/** `<command> <OK|ER|length> [text]`. Source: the TCP API page of the vMix help. */
const HEADER = /^([A-Za-z]\w{0,31}) +(OK|ER|\d{1,20})(?:$| +([^]*)$)/i;
const WEB_SERVER = /^HTTP\/\d(?:\.\d)? +(\d{3})\b/;

/**
 * Cuts what comes from the TCP port into messages, however it arrives. Documents are taken by their length in bytes,
 * since titles hold line ends. Keeps at most one document or one line in memory. Pure.
 */
export class FrameReader {
  private pieces: Buffer[] = [];
  private held = 0;
  private body: { command: string; bytes: number } | null = null;
  private done = false;

  /** Whether it takes nothing more: a web server, or too much. */
  get ended(): boolean {
    return this.done;
  }

  /** Whether it waits for the rest of a message. */
  get partial(): boolean {
    return this.held > 0 || this.body !== null;
  }

  /** The messages that this piece completes. */
  push(piece: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest = piece;
    while (rest.length > 0 && !this.done)
      rest = this.body ? this.takeBody(rest, frames) : this.takeLine(rest, frames);
    return frames;
  }

  private takeBody(piece: Buffer, frames: Frame[]): Buffer {
    const { command, bytes } = this.body!;
    const wanted = bytes - this.held;
    this.hold(piece.subarray(0, wanted));
    if (this.held < bytes) return piece.subarray(piece.length);
    this.body = null;
    const whole = this.release();
    const end = whole.at(-1) === LF ? (whole.at(-2) === CR ? 2 : 1) : 0;
    frames.push({ kind: 'body', command, body: whole.subarray(0, whole.length - end) });
    return piece.subarray(wanted);
  }

  private takeLine(piece: Buffer, frames: Frame[]): Buffer {
    const at = piece.indexOf(LF);
    this.hold(at === -1 ? piece : piece.subarray(0, at));
    if (this.held > LONGEST_LINE) {
      this.end(frames, { kind: 'overflow' });
      return piece;
    }
    if (at === -1) return piece.subarray(piece.length);
    const line = this.release();
    this.readLine(line.at(-1) === CR ? line.subarray(0, -1) : line, frames);
    return piece.subarray(at + 1);
  }

  private readLine(line: Buffer, frames: Frame[]): void {
    if (line.length === 0) return;
    const text = line.toString('utf8');
    const [, command = '', status = '', more = ''] = HEADER.exec(text) ?? [];
    const web = WEB_SERVER.exec(text);
    if (web) return this.end(frames, { kind: 'http', status: Number(web[1]) });
    if (command === '') frames.push({ kind: 'junk', bytes: line.length });
    else if (/^\d/.test(status)) this.expect(command.toUpperCase(), Number(status), frames);
    else
      frames.push({
        kind: 'line',
        command: command.toUpperCase(),
        ok: status.toUpperCase() === 'OK',
        text: more.trimEnd(),
      });
  }

  private expect(command: string, bytes: number, frames: Frame[]): void {
    if (bytes > LARGEST_DOCUMENT_BYTES) this.end(frames, { kind: 'overflow' });
    else if (bytes === 0) frames.push({ kind: 'body', command, body: Buffer.alloc(0) });
    else this.body = { command, bytes };
  }

  private end(frames: Frame[], frame: Frame): void {
    this.done = true;
    this.release();
    frames.push(frame);
  }

  private hold(piece: Buffer): void {
    if (piece.length === 0) return;
    this.pieces.push(piece);
    this.held += piece.length;
    // one byte at a time, a document would be a million objects
    if (this.pieces.length > 1024) this.pieces = [Buffer.concat(this.pieces)];
  }

  private release(): Buffer {
    const whole = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    this.pieces = [];
    this.held = 0;
    return whole;
  }
}
