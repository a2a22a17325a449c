import { NO_HASH, parseEntry, type Entry } from '../entry';
import { isOwnType } from '../entry-type';
import type { LogFolder } from '../folder';
import { segmentName, type OwnEntries } from '../format';
import type { Verifier } from '../keys';
import { lineBatches, type Listed } from '../lines';
import { CompactRange, sha256 } from '../tree';
import type { Claims } from './claims';
import { Clocks } from './clock';
import { readGenesis } from './genesis';
import { checkOwn, checkSetAside, type SetAside } from './own';
import type { Findings } from './problems';

/** No entry of the log's own counts more types than fit in a line. */
const MOST_TYPES = 16_384;
/** Files of moved bytes that are looked at. */
const MOST_ASIDE = 1000;

/** One pass over the entries of a log, in order, up to the first that is not. */
export class Walk {
  readonly range = new CompactRange();
  readonly counts = new Map<string, number>();
  genesis: OwnEntries['log.genesis'] | null = null;
  key: Verifier | null = null;
  firstHash: string | null = null;
  lastHash: string | null = null;
  from: string | null = null;
  to: string | null = null;
  closed = false;
  brokenAt: number | null = null;
  /** there is nothing more to be read, for whatever reason */
  private ended = false;
  /** the genesis is of a newer format */
  unknownFormat = false;
  private typesLost = false;
  private readonly clocks = new Clocks();
  private readonly aside: SetAside[] = [];

  constructor(
    private readonly folder: LogFolder,
    private readonly listed: Listed,
    private readonly claims: Claims,
    private readonly findings: Findings,
    private readonly most: number,
  ) {}

  get size(): number {
    return this.range.size;
  }

  /** Whether every entry in sight is in order. */
  get whole(): boolean {
    return this.brokenAt === null && !this.unknownFormat;
  }

  /** @throws LiveError WITNESS_UNREADABLE */
  async run(): Promise<void> {
    const { segments, noFiles } = this.listed;
    for (const [at, start] of segments.entries()) {
      if (this.ended) break;
      const file = segmentName(start);
      if (start !== this.size) {
        const detail = `${file} begins with entry ${start}, and entry ${this.size} comes next`;
        this.broken(start > this.size ? 'SEGMENT_GAP' : 'SEGMENT_OVERLAP', detail, file, null);
        break;
      }
      await this.segment(file, at === segments.length - 1);
      // only the newest may be without entries: its writer was stopped before the first
      if (this.size === start && !this.ended && at < segments.length - 1)
        this.broken('SEGMENT_GAP', `${file} is empty, and it is not the last`, file, 0);
    }
    for (const name of noFiles)
      this.findings.add('SEGMENT_NO_FILE', `${name} is no plain file, so it was not read`, { file: name });
    for (const aside of this.aside) await checkSetAside(this.folder, aside, this.findings);
  }

  private async segment(name: string, isLast: boolean): Promise<void> {
    const file = await this.folder.open(name);
    if (!file) {
      this.broken('SEGMENT_GAP', `${name} was removed just now`, name, null);
      return;
    }
    try {
      for await (const { bytes, bounds, shift, rest } of lineBatches(file)) {
        for (let at = 0; at < bounds.length; at += 2) {
          if (this.size >= this.most) {
            this.ended = true;
            return;
          }
          const [start, end] = [bounds[at]!, bounds[at + 1]!];
          if (!this.line(bytes, start, end, name, start + shift, isLast)) return;
          if (this.size === 1) await this.claims.begin(this.key, this.genesis?.origin ?? null);
          if (this.size === this.claims.nextSize) await this.claims.at(this.size, this.range.root(), this.to);
        }
        if (rest && this.size < this.most) this.unfinished(name, rest[0] + shift, isLast);
      }
    } finally {
      await file.close();
    }
  }

  /** One line; false where it is not in order, and nothing more can be said of those behind it. */
  private line(
    bytes: Buffer,
    start: number,
    end: number,
    file: string,
    offset: number,
    isLast: boolean,
  ): boolean {
    const seq = this.size;
    const line = bytes.subarray(start, end);
    const { entry, fault, detail } = parseEntry(line, { seq, prev: this.lastHash ?? NO_HASH });
    if (fault) {
      const why = [fault, detail].filter(Boolean).join(', ');
      if (fault === 'version' && seq === 0 && isNewer(line)) {
        this.unknownFormat = this.ended = true;
        this.findings.add(
          'FORMAT_UNKNOWN',
          `its lines are of a version this program does not know (${detail})`,
          {
            seq,
            file,
            offset,
          },
        );
      } else if (line.includes(0) && isLast && !this.claims.beyond(seq)) this.torn(file, offset);
      else
        this.broken(fault === 'seq' || fault === 'prev' ? 'ENTRY_ORDER' : 'ENTRY_INVALID', why, file, offset);
      return false;
    }
    if (seq === 0 && !this.begin(entry, file, offset)) return false;
    if (isOwnType(entry.type)) this.own(entry, seq);
    bytes[start - 1] = 0;
    const leaf = sha256(bytes.subarray(start - 1, end));
    this.range.push(leaf);
    this.lastHash = leaf.toString('hex');
    this.firstHash ??= this.lastHash;
    this.from ??= entry.t;
    this.to = entry.t;
    this.closed = entry.type === 'log.close';
    this.count(entry.type);
    const odd = this.clocks.next(entry);
    if (odd) this.findings.add('CLOCK_JUMP', odd, { seq, file, offset });
    return true;
  }

  private begin(entry: Entry, file: string, offset: number): boolean {
    const genesis = readGenesis(entry);
    if (genesis.fault === 'format') {
      this.unknownFormat = true;
      this.findings.add('FORMAT_UNKNOWN', `${genesis.detail}, and this program knows format 1`, {
        seq: 0,
        file,
        offset,
      });
      return true;
    }
    if (genesis.fault) {
      this.broken('GENESIS_INVALID', genesis.detail, file, offset);
      return false;
    }
    this.genesis = genesis.data;
    this.key = genesis.key;
    return true;
  }

  private own(entry: Entry, seq: number): void {
    const aside = checkOwn(
      entry,
      {
        seq,
        root: () => this.range.root().toString('base64'),
        counts: this.typesLost ? null : this.counts,
      },
      this.findings,
    );
    if (aside && this.aside.length < MOST_ASIDE) this.aside.push(aside);
  }

  private count(type: string): void {
    const count = this.counts.get(type);
    if (count === undefined && this.counts.size >= MOST_TYPES) {
      if (!this.typesLost)
        this.findings.add(
          'TYPES_UNCOUNTED',
          `there are more than ${MOST_TYPES} types of entries: not all were counted`,
        );
      this.typesLost = true;
    } else this.counts.set(type, (count ?? 0) + 1);
  }

  /** The file ends inside a line. */
  private unfinished(file: string, offset: number, isLast: boolean): void {
    if (isLast && !this.claims.beyond(this.size)) this.torn(file, offset);
    else this.broken('ENTRY_UNFINISHED', 'the line breaks off', file, offset);
  }

  private torn(file: string, offset: number): void {
    this.ended = true;
    this.findings.add(
      'TAIL_TORN',
      'behind the last signed entry the file ends with a line that is not whole, as it is while one is written and after a crash',
      { seq: this.size, file, offset },
    );
  }

  private broken(
    code:
      | 'SEGMENT_GAP'
      | 'SEGMENT_OVERLAP'
      | 'ENTRY_INVALID'
      | 'ENTRY_ORDER'
      | 'ENTRY_UNFINISHED'
      | 'GENESIS_INVALID',
    detail: string,
    file: string,
    offset: number | null,
  ): void {
    this.brokenAt = this.size;
    this.ended = true;
    this.findings.add(code, detail, { seq: this.size, file, offset });
  }
}

/** Whether a line says that it is of a version above 1. */
function isNewer(line: Buffer): boolean {
  const { v } = JSON.parse(line.toString()) as { v: unknown };
  return Number.isSafeInteger(v) && (v as number) > 1;
}
