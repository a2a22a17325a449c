import { resolve } from 'node:path';
import { withDeadline } from '../../connection/deadline';
import { Emitter } from '../../connection/emitter';
import { makeFolder, nodeFiles, reasonOf, type Files } from '../../durable/files';
import { lockFolder, type FolderLock } from '../../durable/lock';
import { removeLeftovers } from '../../durable/replace';
import { asLiveError, fail, type LiveError } from '../../errors';
import type { Release } from '../../production/application';
import { KEY_TYPES, type Signer, type Verifier } from '../keys';
import { parseNote, verifyNote } from '../note';
import { cosign, mergeCosignatures } from './cosignature';
import { CosignerMemory, originHash, type Cosigned } from './memory';
import { keysOf } from './logs';
import { parseAddCheckpoint, refusalOf, type AddCheckpoint } from './request';

/** A disk that takes longer is as good as gone for the log that waits, which asks again with its next checkpoint. */
const ANSWER_MS = 10_000;
/** A service that is closed waits this long for what is on its way to the disk. */
const CLOSE_MS = 1_000;
/** More than this many logs and retries at once are an attack. */
const MOST_WAITING = 64;
/** No checkpoint of this format is older: a clock before it (s since 1970) was never set. 1 January 2026. */
const EARLIEST = 1_767_225_600;

export interface CosignAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** What a cosigner tells its operator. Requests that carry no valid signature of a known log are not told. */
export type CosignNews =
  | { what: 'cosigned'; origin: string; size: number; at: number }
  /** its log is not the one that was cosigned: `note` and `known` are signed by it, and evidence, which is kept in `file` */
  | {
      what: 'refused';
      origin: string;
      size: number;
      reason: string;
      note: string;
      known: string | null;
      file: string | null;
    }
  | { what: 'failed'; origin: string; error: LiveError };

/** One log that may be countersigned, as a badge or a page shows it. */
export interface CosignedLog {
  origin: string;
  /** entries under the latest cosigned checkpoint; null: none yet, or not known */
  size: number | null;
  /** when it was cosigned, seconds since 1970 */
  at: number | null;
  error: LiveError | null;
}

export interface CosignerOptions {
  /** its key has type 0x04 */
  signer: Signer;
  /** keys of the logs that may be countersigned, `name+id+base64`; a log is told by the name */
  logs: readonly string[];
  /** a folder for nothing else; it is made where it is missing */
  stateFolder: string;
  /** ms since 1970 */
  now?: () => number;
  files?: Files;
  lock?: (folder: string) => Promise<FolderLock>;
}

interface Kept {
  latest: Cosigned | null;
  /** why `latest` is not known */
  error: LiveError | null;
  /** the failure that was told last */
  told: string | null;
  /** requests of this log, one after the other */
  lane: Promise<unknown>;
}

/** Folders of services that are just closing: the next one of the same folder waits for them. */
const closing = new Map<string, Promise<void>>();

/**
 * Countersigns checkpoints of known logs: only such as go on from the latest one it has signed, and only after that is on the disk.
 * Speaks C2SP tlog-witness; it knows nothing of HTTP but the numbers of its answers.
 */
export class CosignerService {
  private readonly news = new Emitter<CosignNews>();
  private readonly kept = new Map<string, Kept>();
  private waiting = 0;
  private ended: Promise<void> | null = null;

  private constructor(
    private readonly signer: Signer,
    private readonly keys: ReadonlyMap<string, readonly Verifier[]>,
    private readonly memory: CosignerMemory,
    private readonly now: () => number,
    private readonly folder: string,
    private readonly lock: FolderLock,
  ) {}

  /**
   * Read what was cosigned so far, and keep every other service from this folder.
   * A log whose record is damaged is refused until somebody has looked; the others go on.
   * @throws LiveError CONFIG_INVALID for a key that is none; DURABLE_LOCKED, DURABLE_LOCK_FAILED; WITNESS_COSIGN_STATE where the folder cannot be used
   */
  static async open(options: CosignerOptions): Promise<CosignerService> {
    const { signer, logs, now = Date.now, files = nodeFiles, lock = lockFolder } = options;
    if (signer.verifier.type !== KEY_TYPES.cosigner)
      throw fail('CONFIG_INVALID', { field: 'Key', reason: 'this is no key of a cosigner' });
    const keys = keysOf(logs);
    const folder = resolve(options.stateFolder);
    await withDeadline(closing.get(folder) ?? Promise.resolve(), ANSWER_MS, () => busy(folder));
    try {
      await makeFolder(folder, 0o700, files);
    } catch (error) {
      throw unusable(folder, error);
    }
    const locked = await lock(folder);
    const memory = new CosignerMemory(folder, signer.verifier, files);
    const service = new CosignerService(signer, keys, memory, now, folder, locked);
    try {
      await removeLeftovers(folder, files);
      // what a killed process has put in its place may not be on the disk yet
      await files.syncFolder(folder);
      for (const origin of keys.keys()) await service.remember(origin);
    } catch (error) {
      await locked.release();
      throw unusable(folder, error);
    }
    return service;
  }

  /** Every checkpoint that is cosigned, and every one that is not although its log is known. */
  onNews(hear: (news: CosignNews) => void): Release {
    return this.news.add(hear);
  }

  /** `name+id+base64`: what the operator of a log is given. */
  get vkey(): string {
    return this.signer.verifier.text;
  }

  /** The logs it knows, in the order of their keys. */
  logs(): CosignedLog[] {
    return [...this.kept].map(([origin, { latest, error }]) => ({
      origin,
      size: latest?.size ?? null,
      at: latest?.at ?? null,
      error,
    }));
  }

  /** The latest note cosigned of a log, with the cosignature. Source: C2SP tlog-witness, monitor retrieval. */
  checkpointOf(hash: string): string | null {
    for (const [origin, { latest }] of this.kept)
      if (latest && originHash(origin) === hash) return latest.note;
    return null;
  }

  /** Answer one request `add-checkpoint`. Never rejects, never longer than ten seconds. */
  async handle(body: Uint8Array | string): Promise<CosignAnswer> {
    const asked = parseAddCheckpoint(body);
    if (!asked) return plain(400, 'this is no add-checkpoint request');
    const { origin, size } = asked.checkpoint;
    const keys = this.keys.get(origin);
    const kept = this.kept.get(origin);
    if (!keys || !kept) return plain(404, 'unknown log: its key was not given to this cosigner');
    if (!verifyNote(asked.note, keys).note)
      return plain(403, 'invalid signature: the key of this log has not signed this checkpoint');
    if (this.ended || this.waiting >= MOST_WAITING) return plain(503, 'this cosigner is busy or stopping');
    this.waiting++;
    const work = kept.lane.then(() => this.answer(asked, kept));
    kept.lane = work.catch(() => undefined);
    void kept.lane.then(() => this.waiting--);
    try {
      // an answer that comes later is never given: the log asks again, and finds the size where it is
      return await withDeadline(work, ANSWER_MS, () => busy(this.folder));
    } catch (error) {
      this.failed(kept, origin, asLiveError(error));
      return plain(503, `nothing was signed for size ${size}: this cosigner cannot write its record`);
    }
  }

  /** Sign no more, and let the next service in. Waits a second at most for the disk; never rejects. */
  close(): Promise<void> {
    if (this.ended) return this.ended;
    // whoever comes next must not read before the last write has settled
    const over = Promise.all([...this.kept.values()].map(({ lane }) => lane))
      .then(() => this.lock.release())
      .finally(() => closing.get(this.folder) === over && closing.delete(this.folder));
    closing.set(this.folder, over);
    this.news.clear();
    this.ended = withDeadline(over, CLOSE_MS, () => new Error('late')).catch(() => undefined);
    return this.ended;
  }

  private async remember(origin: string): Promise<void> {
    const kept: Kept = { latest: null, error: null, told: null, lane: Promise.resolve() };
    this.kept.set(origin, kept);
    await this.load(kept, origin);
  }

  private async answer(asked: AddCheckpoint, kept: Kept): Promise<CosignAnswer> {
    const { checkpoint, text } = asked;
    const { origin, size } = checkpoint;
    // somebody may have mended it
    if (kept.error) await this.load(kept, origin);
    if (kept.error) {
      this.failed(kept, origin, kept.error);
      return plain(
        500,
        'the record of this log is damaged here: its operator has to look. Nothing was signed',
      );
    }
    const refusal = refusalOf(asked, kept.latest);
    if (refusal?.status === 409)
      return { status: 409, contentType: 'text/x.tlog.size', body: `${kept.latest?.size ?? 0}\n` };
    if (refusal) {
      if (refusal.status === 422) await this.accuse(asked, kept, refusal.reason);
      return plain(refusal.status, refusal.reason);
    }
    const at = Math.floor(this.now() / 1000);
    if (!(at >= EARLIEST)) return plain(503, 'the clock of this cosigner is not set. Nothing was signed');
    const line = cosign(this.signer, text, at);
    await this.keep(kept, { ...checkpoint, note: mergeCosignatures(this.signedByLog(asked), line), at });
    kept.told = null;
    this.news.tell({ what: 'cosigned', origin, size, at });
    return { ...plain(200, ''), body: `${line}\n` };
  }

  /** Once, until something was cosigned again: a log asks every few seconds. */
  private failed(kept: Kept, origin: string, error: LiveError): void {
    if (kept.told !== error.message) this.news.tell({ what: 'failed', origin, error });
    kept.told = error.message;
  }

  private async accuse(
    { checkpoint, text, note }: AddCheckpoint,
    { latest }: Kept,
    reason: string,
  ): Promise<void> {
    const { origin, size } = checkpoint;
    const signed = this.signedByLog({ checkpoint, text, note });
    // where it cannot be kept it is told all the same
    const file = latest && (await this.memory.accuse(latest, signed, size).catch(() => null));
    this.news.tell({
      what: 'refused',
      origin,
      size,
      reason,
      note: signed,
      known: latest?.note ?? null,
      file,
    });
  }

  /** The record first, then the memory of this process: where the first fails, nothing was promised and nothing is remembered. */
  private async keep(kept: Kept, cosigned: Cosigned): Promise<void> {
    try {
      await this.memory.save(cosigned);
    } catch (error) {
      throw unusable(this.folder, error);
    }
    kept.latest = cosigned;
  }

  private async load(kept: Kept, origin: string): Promise<void> {
    try {
      kept.latest = await this.memory.load(origin);
      kept.error = null;
    } catch (error) {
      kept.error = asLiveError(error);
    }
  }

  /** The note with no signatures but those of the log's own keys. */
  private signedByLog({ note, text, checkpoint }: Omit<AddCheckpoint, 'oldSize' | 'proof'>): string {
    const { signatures } = parseNote(note)!;
    // the first of each key is the one that was verified
    const lines = this.keys
      .get(checkpoint.origin)!
      .map((key) => signatures.find(({ name, id }) => key.name === name && key.id.equals(id)))
      .map((found) => (found ? `${found.line}\n` : ''));
    return `${text}\n${[...new Set(lines)].join('')}`;
  }
}

function plain(status: number, sentence: string): CosignAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${sentence}\n` };
}

function unusable(path: string, error: unknown): LiveError {
  return fail('WITNESS_COSIGN_STATE', { path, reason: reasonOf(error) }, error);
}

function busy(path: string): LiveError {
  return fail('WITNESS_COSIGN_STATE', { path, reason: `the disk took ${ANSWER_MS / 1000} s` });
}
