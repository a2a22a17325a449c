/** What ffmpeg's mpjpeg writes before a picture is about 80 bytes. */
const MOST_HEAD = 1_000;
/** 8K at the best quality stays below this. */
const MOST_PICTURE = 64 * 1024 * 1024;

/**
 * Cuts what ffmpeg writes as `mpjpeg` into pictures: by the length that stands before each of them, never by what is inside. Pieces may be of any
 * size. Throws an Error for anything that ffmpeg would not write; the reader is of no use then.
 */
export class MpjpegReader {
  private head = '';
  private picture: Buffer | null = null;
  private filled = 0;

  /** The pictures that became whole with this piece, oldest first. */
  push(piece: Buffer): Buffer[] {
    const pictures: Buffer[] = [];
    for (let at = 0; at < piece.length;) {
      if (!this.picture) {
        at = this.readHead(piece, at);
        continue;
      }
      const taken = piece.copy(this.picture, this.filled, at);
      at += taken;
      this.filled += taken;
      if (this.filled < this.picture.length) continue;
      pictures.push(this.picture);
      this.picture = null;
    }
    return pictures;
  }

  /** Reads lines up to the empty one behind the length; gives back where it stopped. */
  private readHead(piece: Buffer, from: number): number {
    const before = this.head.length;
    this.head += piece.toString('latin1', from, Math.min(piece.length, from + MOST_HEAD));
    // the line end behind the picture before stands in front of the boundary
    const start = this.head.startsWith('\r\n') ? 2 : 0;
    const end = this.head.indexOf('\r\n\r\n', start);
    if (end < 0 || end + 4 > MOST_HEAD) {
      if (this.head.length >= MOST_HEAD) throw new Error('no picture stands where one should');
      return piece.length;
    }
    const lines = this.head.slice(start, end).split('\r\n');
    const length = Number(/^content-length: *(\d{1,9})$/im.exec(lines.slice(1).join('\n'))?.[1] ?? 0);
    if (!lines[0]?.startsWith('--') || length < 4 || length > MOST_PICTURE)
      throw new Error('a picture without a length that can be');
    this.head = '';
    this.picture = Buffer.allocUnsafeSlow(length);
    this.filled = 0;
    return from + end + 4 - before;
  }
}
