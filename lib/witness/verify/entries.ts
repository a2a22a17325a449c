import type { JsonValue } from '../canonical';
import { MOST_LINE_BYTES, NO_HASH, parseEntry, type Entry, type ParsedEntry } from '../entry';
import { isOwnType } from '../entry-type';
import { FORMAT, type OwnEntries } from '../format';
import type { Verifier } from '../keys';
import { scanEntry } from '../scan';
import { CompactRange, sha256 } from '../tree';
import { Clocks } from './clock';
import { readGenesis } from './genesis';
import { checkOwn, type SetAside } from './own';
import type { Findings, ProblemCode } from './problems';

/** No entry of the log's own counts more types than fit in a line. */
const MOST_TYPES = 16_384;
/** Files of moved bytes that are looked at. */
const MOST_ASIDE = 1000;
/** Stands before an entry when it is hashed. Source: RFC 6962 §2.1. */
const LEAF = 0;

/** Where a line stands. */
export interface LinePlace {
  file: string;
  offset: number;
}

/** Why a line is not the next entry. */
export interface LineFault {
  code: ProblemCode;
  detail: string;
  /** false: the entry itself is in order, and was written behind another one */
  follows?: false;
}

type ReadLine = Pick<Entry, 'seq' | 't' | 'mono' | 'type'> & { data: () => JsonValue };

/** The entries of a log, one line at a time: each has to be what comes next. */
export class Entries {
  readonly range = new CompactRange();
  readonly counts = new Map<string, number>();
  genesis: OwnEntries['log.genesis'] | null = null;
  key: Verifier | null = null;
  firstHash: string | null = null;
  lastHash: string | null = null;
  from: string | null = null;
  to: string | null = null;
  closed = false;
  /** it is of a format that this program does not know */
  newer = false;
  /** bytes that were moved aside */
  readonly aside: SetAside[] = [];
  private typesLost = false;
  private readonly clocks = new Clocks();

  constructor(private readonly findings: Findings) {}

  get size(): number {
    return this.range.size;
  }

  /**
   * Take the next line.
   * @param bytes with the line from `start` to `end`; the byte before `start` is overwritten
   * @returns what is wrong with it, or null
   */
  take(bytes: Buffer, start: number, end: number, { file, offset }: LinePlace): LineFault | null {
    const read = this.read(bytes, start, end);
    if ('code' in read) return read;
    const { seq, t, type } = read;
    if (seq === 0) {
      const fault = this.begin({ type, data: read.data() });
      if (fault) return fault;
    }
    if (isOwnType(type)) this.own({ type, data: read.data() }, seq);
    bytes[start - 1] = LEAF;
    const leaf = sha256(bytes.subarray(start - 1, end));
    this.range.push(leaf);
    this.lastHash = leaf.toString('hex');
    this.firstHash ??= this.lastHash;
    this.from ??= t;
    this.to = t;
    this.closed = type === 'log.close';
    this.count(type);
    const odd = this.clocks.next(read);
    if (odd) this.findings.add('CLOCK_JUMP', odd, { seq, file, offset });
    return null;
  }

  private read(bytes: Buffer, start: number, end: number): ReadLine | LineFault {
    const seq = this.size;
    const prev = this.lastHash ?? NO_HASH;
    if (end - start <= MOST_LINE_BYTES) {
      const scanned = scanEntry(bytes, start, end);
      if (scanned?.seq === seq && scanned.prev === prev) {
        const { dataStart, dataEnd } = scanned;
        return {
          ...scanned,
          data: () => JSON.parse(bytes.toString('utf8', dataStart, dataEnd)) as JsonValue,
        };
      }
    }
    // what is wrong with it, or whether it is only rare
    const parsed = parseEntry(bytes.subarray(start, end), { seq, prev });
    if (parsed.fault) return faultOf(parsed, seq);
    const { entry } = parsed;
    return { ...entry, data: () => entry.data };
  }

  private begin(entry: Pick<Entry, 'type' | 'data'>): LineFault | null {
    const genesis = readGenesis(entry);
    if (genesis.fault === 'format') {
      this.newer = true;
      this.key = genesis.key;
      this.findings.add('FORMAT_UNKNOWN', `${genesis.detail}, and this program knows format ${FORMAT}`, {
        seq: 0,
      });
      return null;
    }
    if (genesis.fault) return { code: 'GENESIS_INVALID', detail: genesis.detail };
    this.genesis = genesis.data;
    this.key = genesis.key;
    return null;
  }

  private own(entry: Pick<Entry, 'type' | 'data'>, seq: number): void {
    const root = () => this.range.root().toString('base64');
    const counts = this.typesLost ? null : this.counts;
    const aside = checkOwn(entry, { seq, root, counts }, this.findings);
    if (!aside) return;
    if (this.aside.length < MOST_ASIDE) this.aside.push(aside);
    else if (this.aside.length === MOST_ASIDE)
      this.findings.add('NOT_ALL_CHECKED', `only ${MOST_ASIDE} files of moved bytes are looked at`, { seq });
  }

  private count(type: string): void {
    const count = this.counts.get(type);
    if (count !== undefined || this.counts.size < MOST_TYPES) {
      this.counts.set(type, (count ?? 0) + 1);
      return;
    }
    if (!this.typesLost)
      this.findings.add(
        'NOT_ALL_CHECKED',
        `there are more than ${MOST_TYPES} types of entries: not all were counted`,
      );
    this.typesLost = true;
  }
}

function faultOf({ entry, fault, detail }: ParsedEntry, seq: number): LineFault {
  const why = [fault, detail].filter(Boolean).join(', ');
  if (fault === 'version' && seq === 0 && Number(detail) > 1)
    return {
      code: 'FORMAT_UNKNOWN',
      detail: `its lines are of version ${detail}, and this program knows version 1`,
    };
  if (fault === 'prev' && entry && seq > 0)
    return {
      code: 'ENTRY_ORDER',
      detail: 'it does not follow from the entry before: that one was changed, or this one',
      follows: false,
    };
  return { code: fault === 'seq' || fault === 'prev' ? 'ENTRY_ORDER' : 'ENTRY_INVALID', detail: why };
}
