/** What commands of RTMP are made of, as far as a publisher says and hears it. Source: Action Message Format AMF 0, Adobe 2007. */
export type Amf = number | boolean | string | null | { [name: string]: Amf };

/** Values one behind the other. */
export function writeAmf(...values: Amf[]): Buffer {
  return Buffer.concat(values.map(written));
}

function written(value: Amf): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), text(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  const members = Object.entries(value).flatMap(([name, member]) => [text(name), written(member)]);
  return Buffer.concat([Buffer.from([3]), ...members, Buffer.from([0, 0, 9])]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  const size = Buffer.alloc(2);
  size.writeUInt16BE(bytes.length, 0);
  return Buffer.concat([size, bytes]);
}

/** The values of a message, as far as they can be read: numbers, flags, texts, objects of them. Never throws. */
export function readAmf(bytes: Buffer): Amf[] {
  const values: Amf[] = [];
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > bytes.length) throw new RangeError('cut off');
    return bytes.subarray(at, (at += count));
  };
  const name = () => take(take(2).readUInt16BE(0)).toString('utf8');
  const read = (depth: number): Amf => {
    const kind = take(1)[0]!;
    if (kind === 0) return take(8).readDoubleBE(0);
    if (kind === 1) return take(1)[0] !== 0;
    if (kind === 2) return name();
    if (kind === 5 || kind === 6) return null;
    if ((kind !== 3 && kind !== 8) || depth > 8) throw new RangeError('of no use here');
    if (kind === 8) take(4);
    const members = new Map<string, Amf>();
    for (;;) {
      const member = name();
      if (member === '' && bytes[at] === 9) {
        at++;
        return Object.fromEntries(members);
      }
      members.set(member, read(depth + 1));
    }
  };
  try {
    while (at < bytes.length) values.push(read(0));
  } catch {
    // what stands behind is not needed
  }
  return values;
}
