import { basename } from 'node:path';
import type { Files } from '../../durable/files';
import { MOST_LINE_BYTES, NO_HASH, parseEntry, type Entry } from '../entry';
import { ownData } from '../format';
import { lineBatches } from '../lines';
import { CompactRange, sha256 } from '../tree';
import { Counts } from './chain';
import { type Segment, openToRead, segmentsIn } from './segment-files';

/** The end of each line, where its type stands. */
const TYPE = /"type":"([a-z][a-z0-9_.:-]{0,63})","v":1\}$/;
const TYPE_BYTES = 90;

/** A place in the files: `segment` counts them from 0. */
export interface Place {
  segment: number;
  /** bytes */
  offset: number;
}

/** Why the entries end before the files do. */
export interface ScanFault {
  /** `torn`: the last file ends in the middle of a line · `bad`: a line is no entry, or not the next one · `misplaced`: a file begins with another number */
  kind: 'torn' | 'bad' | 'misplaced';
  file: string;
  detail: string;
}

/** What the files of a folder hold, from the first entry on as long as each follows from the one before. */
export interface Scan {
  segments: Segment[];
  entries: number;
  /** hash of the last of them, in hexadecimal */
  last: string;
  counts: Counts;
  range: CompactRange;
  /** roots at the sizes that were asked for, in hexadecimal */
  roots: Map<number, string>;
  /** behind the last entry */
  end: Place;
  /** behind the entries that are signed */
  signedEnd: Place;
  /** bytes of the files before the one with the last entry */
  bytesBefore: number;
  lastType: string;
  /** files that `log.recovered` entries name */
  recovered: Set<string>;
  fault: ScanFault | null;
}

export interface ScanOptions {
  files: Files;
  /** entries that a signature covers: that they are entries is proved by the root over them, and not looked at one by one */
  signed: number;
  /** sizes at which the root is wanted */
  rootsAt: readonly number[];
  /** hash of an entry behind those, where somebody remembers it */
  hashOf?: (seq: number) => string | undefined;
}

/**
 * Read all entries of a folder; nothing is changed. Memory does not grow with the log.
 * @throws the file system's error
 */
export async function scan(folder: string, options: ScanOptions): Promise<Scan> {
  const segments = await segmentsIn(folder, options.files);
  const reading = new Reading(segments, options);
  for (const [at, segment] of segments.entries()) {
    if (!(await reading.file(at, segment))) break;
  }
  return { ...reading.scan, last: reading.last() };
}

/** One pass over the files. */
class Reading {
  readonly scan: Scan;
  private leaf: Buffer | null = null;

  constructor(
    segments: Segment[],
    private readonly options: ScanOptions,
  ) {
    this.scan = {
      segments,
      entries: 0,
      last: NO_HASH,
      counts: new Counts(),
      range: new CompactRange(),
      roots: new Map(),
      end: { segment: 0, offset: 0 },
      signedEnd: { segment: 0, offset: 0 },
      bytesBefore: 0,
      lastType: '',
      recovered: new Set(),
      fault: null,
    };
    this.atSize();
  }

  /** Gives whether the next file is to be read. */
  async file(at: number, { path, start }: Segment): Promise<boolean> {
    const { scan } = this;
    if (start !== scan.entries)
      return this.wrong('misplaced', path, `it should begin with entry ${scan.entries}`);
    scan.bytesBefore += scan.end.offset;
    scan.end = { segment: at, offset: 0 };
    this.atSize();
    const file = await openToRead(path, this.options.files);
    try {
      for await (const { bytes, bounds, rest } of lineBatches(file)) {
        for (let at = 0; at < bounds.length; at += 2)
          if (!this.line(bytes, bounds[at]!, bounds[at + 1]!, path)) return false;
        if (rest) return this.wrong('torn', path, `${rest[1] - rest[0]} bytes without a line break`);
      }
    } finally {
      await file.close();
    }
    return true;
  }

  private line(bytes: Buffer, start: number, end: number, path: string): boolean {
    const { scan } = this;
    const line = bytes.subarray(start, end);
    // the byte before a line is free: a leaf begins with 0
    bytes[start - 1] = 0;
    const leaf = sha256(bytes.subarray(start - 1, end));
    if (scan.entries >= this.options.signed) {
      const { fault, detail } = parseEntry(line, { seq: scan.entries, prev: this.last() });
      if (fault) return this.wrong('bad', path, `entry ${scan.entries}: ${fault} ${detail}`.trim());
      const known = this.options.hashOf?.(scan.entries);
      if (known !== undefined && known !== leaf.toString('hex'))
        return this.wrong('bad', path, `entry ${scan.entries} is not as it was written`);
    } else if (line.length > MOST_LINE_BYTES || line.length === 0)
      return this.wrong('bad', path, `entry ${scan.entries} has ${line.length} bytes`);
    this.leaf = leaf;
    scan.range.push(leaf);
    scan.entries += 1;
    scan.end.offset += line.length + 1;
    this.type(line);
    this.atSize();
    return true;
  }

  /** Hash of the last entry, in hexadecimal. */
  last(): string {
    return this.leaf?.toString('hex') ?? NO_HASH;
  }

  private type(line: Buffer): void {
    const { scan } = this;
    const end = line.toString('latin1', Math.max(0, line.length - TYPE_BYTES));
    scan.lastType = TYPE.exec(end)?.[1] ?? '';
    if (scan.lastType) scan.counts.add(scan.lastType);
    if (scan.lastType !== 'log.recovered') return;
    const { entry } = parseEntry(line);
    const told = entry && ownData(entry, 'log.recovered');
    if (typeof told?.file === 'string') scan.recovered.add(told.file);
  }

  private atSize(): void {
    const { scan } = this;
    if (scan.entries <= this.options.signed) scan.signedEnd = { ...scan.end };
    if (this.options.rootsAt.includes(scan.entries))
      scan.roots.set(scan.entries, scan.range.root().toString('hex'));
  }

  private wrong(kind: ScanFault['kind'], path: string, detail: string): false {
    this.scan.fault = { kind, file: basename(path), detail };
    return false;
  }
}

/** The first entry of a folder, or null where there is none to be read. @throws the file system's error */
export async function firstEntry(folder: string, files: Files): Promise<Entry | null> {
  const [first] = await segmentsIn(folder, files);
  if (first?.start !== 0) return null;
  const file = await openToRead(first.path, files);
  try {
    for await (const { bytes, bounds } of lineBatches(file)) {
      const [start, end] = bounds;
      if (start === undefined) return null;
      return parseEntry(bytes.subarray(start, end), { seq: 0, prev: NO_HASH }).entry;
    }
  } finally {
    await file.close();
  }
  return null;
}
