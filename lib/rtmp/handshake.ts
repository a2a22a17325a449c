import { RtmpFault } from './messages';

const VERSION = 3;
/** Time, zero, noise. Source: RTMP 1.0, 5.2. */
const SIZE = 1536;

/**
 * The server's side of the handshake. Those who sign theirs (Flash, and ffmpeg after it) are answered like everybody: a server that says
 * version 0 promises no signature, and they go without.
 */
export class Handshake {
  private readonly got = Buffer.alloc(1 + SIZE);
  private length = 0;
  /** of the client's last part, which holds nothing that is needed */
  private ignore = 0;

  /** @param noise gives so many bytes by chance */
  constructor(private readonly noise: (bytes: number) => Buffer) {}

  get done(): boolean {
    return this.length === this.got.length && this.ignore === 0;
  }

  /**
   * Take bytes, from `from` on.
   * @param send gets the answer, once
   * @returns how far they belong to the handshake
   * @throws RtmpFault for somebody who speaks no RTMP
   */
  read(data: Buffer, from: number, send: (bytes: Buffer) => void): number {
    let at = from;
    if (this.length < this.got.length) {
      at += data.copy(this.got, this.length, at);
      this.length = Math.min(this.got.length, this.length + (at - from));
      if (this.got[0] !== VERSION && this.length > 0) throw new RtmpFault('it speaks no RTMP');
      if (this.length < this.got.length) return at;
      this.ignore = SIZE;
      // version, our time and zero and noise, and what he sent back to him
      send(
        Buffer.concat([Buffer.from([VERSION]), Buffer.alloc(8), this.noise(SIZE - 8), this.got.subarray(1)]),
      );
    }
    const rest = Math.min(this.ignore, data.length - at);
    this.ignore -= rest;
    return at + rest;
  }
}
