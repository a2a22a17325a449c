import { AAC_CONFIG } from './aac';
import { H264Writer } from './h264';

/** The bodies of FLV tags, as RTMP carries them. Source: Adobe's FLV specification 10.1, E.4. */

/** The header of the pictures: both parameter sets as one record (ISO/IEC 14496-15 5.2.4.1). */
export function videoHeader(): Buffer {
  const [sps, pps] = [H264Writer.sps(), H264Writer.pps()];
  const record = [Buffer.from([1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe1]), sized(sps, 2)];
  return Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), ...record, Buffer.from([1]), sized(pps, 2)]);
}

/** One picture. */
export function videoTag(isKey: boolean, nal: Buffer): Buffer {
  return Buffer.concat([Buffer.from([isKey ? 0x17 : 0x27, 1, 0, 0, 0]), sized(nal, 4)]);
}

/** The header of the sound. */
export function audioHeader(): Buffer {
  return Buffer.concat([Buffer.from([0xaf, 0]), AAC_CONFIG]);
}

/** One frame of sound. */
export function audioTag(frame: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xaf, 1]), frame]);
}

function sized(bytes: Buffer, sizeBytes: 2 | 4): Buffer {
  const size = Buffer.alloc(sizeBytes);
  size.writeUIntBE(bytes.length, 0, sizeBytes);
  return Buffer.concat([size, bytes]);
}
