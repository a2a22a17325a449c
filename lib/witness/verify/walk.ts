import { parseEntry } from '../entry';
import type { LogFolder } from '../folder';
import { segmentName } from '../format';
import { lineBatches, type LineBatch, type Listed } from '../lines';
import type { Claims } from './claims';
import { leafHash } from '../tree';
import { Entries, type LineFault, type LinePlace } from './entries';
import { checkSetAside } from './own';
import type { Findings, ProblemCode } from './problems';

/** One pass over the files of a log, in order, up to the first entry that is not. */
export class Walk {
  readonly entries: Entries;
  /** the first entry that is not in order */
  brokenAt: number | null = null;
  /** there is nothing more to be read, for whatever reason */
  private ended = false;
  /** where the last entry in order stands, if in this file */
  private before: LinePlace | null = null;
  /** a line that is wrong, and the next one tells how */
  private doubt: { fault: LineFault; hash: string; place: LinePlace } | null = null;

  /** @param most look only at so many entries */
  constructor(
    private readonly folder: LogFolder,
    private readonly listed: Listed,
    private readonly claims: Claims,
    private readonly findings: Findings,
    private readonly most: number,
  ) {
    this.entries = new Entries(findings);
  }

  /** Whether every entry in sight is in order. */
  get whole(): boolean {
    return this.brokenAt === null && !this.entries.newer;
  }

  /** @throws LiveError WITNESS_UNREADABLE */
  async run(): Promise<void> {
    const { segments, noFiles } = this.listed;
    for (const [at, start] of segments.entries()) {
      if (this.ended) break;
      const file = segmentName(start);
      const { size } = this.entries;
      const place = { file, offset: null };
      if (start !== size) {
        const detail = `${file} begins with entry ${start}, and entry ${size} comes next`;
        this.broken(start > size ? 'SEGMENT_GAP' : 'SEGMENT_OVERLAP', detail, place);
        break;
      }
      const isLast = at === segments.length - 1;
      await this.segment(file, isLast);
      // only the newest may be without entries: its writer was stopped before the first
      if (this.entries.size === size && !this.ended && !isLast)
        this.broken('SEGMENT_GAP', `${file} is empty, and it is not the last`, place);
    }
    for (const name of noFiles)
      this.findings.add('SEGMENT_NO_FILE', `${name} is no plain file, so it was not read`, { file: name });
    for (const aside of this.entries.aside) await checkSetAside(this.folder, aside, this.findings);
  }

  private async segment(name: string, isLast: boolean): Promise<void> {
    const file = await this.folder.open(name);
    if (!file) {
      this.broken('SEGMENT_GAP', `${name} is not there any more`, { file: name, offset: null });
      return;
    }
    try {
      this.before = null;
      for await (const batch of lineBatches(file)) if (!(await this.batch(batch, name, isLast))) break;
      if (this.doubt) this.settle(null);
    } finally {
      await file.close();
    }
  }

  /** The lines of a batch; false where no more are wanted. */
  private async batch(
    { bytes, bounds, shift, rest }: LineBatch,
    file: string,
    isLast: boolean,
  ): Promise<boolean> {
    const { entries, claims, most } = this;
    for (let at = 0; at < bounds.length; at += 2) {
      const [start, end] = [bounds[at]!, bounds[at + 1]!];
      if (this.doubt) return this.settle(bytes.subarray(start, end));
      if (entries.size >= most) {
        this.ended = true;
        return false;
      }
      const place = { file, offset: start + shift };
      const fault = entries.take(bytes, start, end, place);
      if (fault) {
        if (!this.wrong(fault, bytes.subarray(start, end), place, isLast)) return false;
        continue;
      }
      this.before = place;
      if (entries.size === 1) await claims.begin(entries.key, entries.genesis?.origin ?? null);
      if (entries.size === claims.nextSize) await claims.at(entries.size, entries.range.root(), entries.to);
    }
    if (rest && !this.doubt && entries.size < most)
      this.unfinished({ file, offset: rest[0] + shift }, isLast);
    return true;
  }

  /** Tell what is wrong with a line; true where that needs the next one. */
  private wrong(fault: LineFault, line: Buffer, place: LinePlace, isLast: boolean): boolean {
    if (fault.code === 'FORMAT_UNKNOWN' || fault.code === 'ENTRY_CHANGED') {
      this.doubt = { fault, hash: leafHash(line).toString('hex'), place };
      return true;
    }
    if (line.includes(0) && isLast && !this.claims.beyond(this.entries.size)) this.torn(place);
    else this.broken(fault.code, fault.detail, place);
    return false;
  }

  /** What the line behind one in doubt says about it. */
  private settle(line: Buffer | null): false {
    const { fault, hash, place } = this.doubt!;
    const { entry } = line ? parseEntry(line) : { entry: null };
    const seq = this.entries.size;
    this.doubt = null;
    if (fault.code === 'FORMAT_UNKNOWN') {
      // a log of another version has no lines of this one
      if (entry) this.broken('ENTRY_INVALID', `version, ${fault.detail}`, place);
      else {
        this.entries.newer = this.ended = true;
        this.findings.add('FORMAT_UNKNOWN', fault.detail, { seq, ...place });
      }
      // the next one vouches for this one, and so for what this one says of the one before
    } else if (entry?.prev === hash && this.before) {
      this.brokenAt = seq - 1;
      this.ended = true;
      this.findings.add('ENTRY_CHANGED', fault.detail, { seq: seq - 1, ...this.before });
    } else
      this.broken(
        'ENTRY_ORDER',
        'it does not follow from the entry before: this one was changed, or that one',
        place,
      );
    return false;
  }

  /** The file ends inside a line. */
  private unfinished(place: LinePlace, isLast: boolean): void {
    if (isLast && !this.claims.beyond(this.entries.size)) this.torn(place);
    else this.broken('ENTRY_UNFINISHED', 'the line breaks off', place);
  }

  /** As a line is while it is written, and after a crash: bytes that never reached the disk are missing, or zero. */
  private torn(place: LinePlace): void {
    this.ended = true;
    this.findings.add(
      'TAIL_TORN',
      'behind the last signed entry the file ends with a line that is not whole, as while one is written and after a crash',
      { seq: this.entries.size, ...place },
    );
  }

  private broken(code: ProblemCode, detail: string, place: { file: string; offset: number | null }): void {
    this.brokenAt = this.entries.size;
    this.ended = true;
    this.findings.add(code, detail, { seq: this.brokenAt, ...place });
  }
}
