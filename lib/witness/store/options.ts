import type { LiveError } from '../../errors';
import { type Files, nodeFiles } from '../../durable/files';
import { type FolderLock, lockFolder } from '../../durable/lock';
import type { CosignerStanding } from '../cosign/round';
import type { CosignerClient } from '../cosign/types';
import type { Signer } from '../keys';

/**
 * When an entry counts as recorded: on the disk (`group`: many share one sync), handed to the system (`os`: a power cut may lose the last
 * seconds), or at once (`async`).
 */
export type Durability = 'group' | 'os' | 'async';

export interface WitnessLogOptions {
  /** the log's name in its checkpoints; also the name of the signer's key */
  origin: string;
  signer: Signer;
  /** the second location: what this computer signed, outside the log's folder */
  stateFolder: string;
  /** package and version, for the first entry */
  software: string;
  durability?: Durability;
  /** bytes of one file, after which the next one begins; default 64 MiB */
  segmentBytes?: number;
  /** bytes of all files together, after which nothing more is recorded; default null: no limit */
  mostBytes?: number | null;
  /** sign after so many new entries, or so long (ms) after the first of them; default 1,000 and 10 s */
  checkpointEvery?: { entries: number; ms: number };
  /** a signature that takes longer than this (ms) is given up, and tried again later; default 20 s */
  signMs?: number;
  /** what may wait for the disk; default 10,000 entries, 32 MiB */
  mostWaiting?: { entries: number; bytes: number };
  cosigners?: readonly CosignerClient[];
  /** how long (ms) a checkpoint waits for them before it is told without; default 10 s */
  cosignWaitMs?: number;
  files?: Files;
  /** ms since 1970, by the clock of the wall */
  now?: () => number;
  /** ms that only rise */
  monotonic?: () => number;
  /** how long (ms) to wait before the log is opened anew after the `attempt`th failure, counted from 1 */
  reopenAfterMs?: (attempt: number) => number;
  lock?: (folder: string) => Promise<FolderLock>;
}

/** The options with every default in its place. */
export type Settings = Required<WitnessLogOptions>;

const MIB = 2 ** 20;

/** How long to wait before the `attempt`th try: 1 s, twice as long each time, up to 30 s. */
function backOff(attempt: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 30_000);
}

const DEFAULTS = {
  durability: 'group',
  segmentBytes: 64 * MIB,
  mostBytes: null,
  checkpointEvery: { entries: 1000, ms: 10_000 },
  signMs: 20_000,
  mostWaiting: { entries: 10_000, bytes: 32 * MIB },
  cosigners: [],
  cosignWaitMs: 10_000,
  files: nodeFiles,
  now: Date.now,
  monotonic: () => performance.now(),
  reopenAfterMs: backOff,
  lock: lockFolder,
} satisfies Partial<WitnessLogOptions>;

/** Fill in what was not said. */
export function settings(options: WitnessLogOptions): Settings {
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...options, ...DEFAULTS, ...(Object.fromEntries(said) as Partial<Settings>) };
}

/** An entry that was taken. */
export interface Appended {
  seq: number;
  /** in hexadecimal; known before it is written */
  hash: string;
  /** entries with this one */
  size: number;
  /** as recorded as `durability` says; rejects with a LiveError */
  done: Promise<void>;
}

/** A checkpoint, told once. */
export interface CheckpointTold {
  /** the signed text, with the cosignatures that came in time */
  note: string;
  size: number;
  cosignedBy: string[];
  /** cosigners that did not answer in time, or refused */
  missing: string[];
}

export interface LogState {
  /** `failed`: nothing can be written now; it is opened anew by itself, except after WITNESS_STOPPED and WITNESS_FORKED */
  state: 'open' | 'failed' | 'closed';
  folder: string;
  origin: string;
  logId: string;
  vkey: string;
  /** entries, those that wait for the disk included */
  size: number;
  /** entries under the newest checkpoint */
  signedSize: number;
  /** entries that could not be taken and that no `log.gap` tells yet */
  lost: number;
  /** why nothing is written (`failed`), signed, or taken */
  error: LiveError | null;
  cosigners: CosignerStanding[];
  /** what happened to the log: recovered, set back, begun anew, gaps; the newest hundred */
  notices: readonly LiveError[];
  /** how many there were in all: each is told once by whoever shows them */
  noticed: number;
}
