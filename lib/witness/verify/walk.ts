import type { LogFolder } from '../folder';
import { segmentName } from '../format';
import { lineBatches, type LineBatch, type Listed } from '../lines';
import type { Claims } from './claims';
import { Entries, type LineFault, type LinePlace } from './entries';
import { MOST_ASIDE_BYTES, checkSetAside } from './own';
import { isBeforeChanged, isSecondKnown, isStillThere } from './second-look';
import type { Findings, ProblemCode } from './problems';

/** One pass over the files of a log, in order, up to the first entry that is not. */
export class Walk {
  readonly entries: Entries;
  /** the first entry that is not in order */
  brokenAt: number | null = null;
  /** there is nothing more to be read, for whatever reason */
  private ended = false;
  /** where the last entry in order stands */
  private before: LinePlace | null = null;

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
      await this.segment(file, at === segments.length - 1);
    }
    for (const name of noFiles)
      this.findings.add('SEGMENT_NO_FILE', `${name} is no plain file, so it was not read`, { file: name });
    let left = MOST_ASIDE_BYTES;
    for (const aside of this.entries.aside)
      left -= await checkSetAside(this.folder, aside, this.findings, left);
  }

  private async segment(name: string, isLast: boolean): Promise<void> {
    const file = await this.folder.open(name);
    if (!file) {
      this.broken('SEGMENT_GAP', `${name} is not there any more`, { file: name, offset: null });
      return;
    }
    try {
      for await (const batch of lineBatches(file)) if (!(await this.batch(batch, name, isLast))) break;
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
      if (entries.size >= most) {
        this.ended = true;
        return false;
      }
      const place = { file, offset: start + shift };
      const fault = entries.take(bytes, start, end, place);
      if (fault) {
        await this.wrong(fault, bytes.subarray(start, end), place, isLast);
        return false;
      }
      this.before = place;
      if (entries.size === 1) await claims.begin(entries.key, entries.key?.name ?? null);
      if (entries.size === claims.nextSize) await claims.at(entries.size, entries.range.root(), entries.to);
    }
    if (rest && entries.size < most) this.unfinished({ file, offset: rest[0] + shift }, isLast);
    return true;
  }

  /** Tell what is wrong with a line. */
  private async wrong(fault: LineFault, line: Buffer, place: LinePlace, isLast: boolean): Promise<void> {
    const { folder, claims, findings } = this;
    const seq = this.entries.size;
    if (fault.code === 'FORMAT_UNKNOWN' && !(await isSecondKnown(folder))) {
      this.entries.newer = this.ended = true;
      findings.add(fault.code, fault.detail, { seq, ...place });
    } else if (
      isLast &&
      !claims.beyond(seq) &&
      (line.includes(0) || !(await isStillThere(folder, place.file, place.offset, line)))
    )
      this.torn(place);
    else {
      const next = claims.nextRoot();
      const signed = next && next.size > seq ? next : null;
      if (fault.follows === false && this.before && (await isBeforeChanged(folder, seq, signed))) {
        this.brokenAt = seq - 1;
        this.ended = true;
        const detail = 'it is another than the entry behind it was written for';
        findings.add('ENTRY_CHANGED', detail, { seq: seq - 1, ...this.before });
      } else {
        const code = fault.code === 'FORMAT_UNKNOWN' ? 'ENTRY_INVALID' : fault.code;
        this.broken(code, fault.detail, place);
      }
    }
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
