import { contentOf, folderAt, type LogFolder } from '../folder';
import { CHECKPOINT_FILE } from '../format';
import { listLog } from '../lines';
import { utf8Text } from '../text';
import { Claims } from './claims';
import { History } from './history';
import { knownOf, type Known } from './known';
import type { Entries } from './entries';
import { Findings } from './problems';
import type { Verdict, VerifyOptions, VerifyReport } from './report';
import { sentenceOf } from './sentence';
import { continuedIn } from './siblings';
import { MOST_NOTE_BYTES } from './signed';
import { checkNames } from './names';
import { Walk } from './walk';

/**
 * Whether a folder holds the log that was written. Only reads, in one pass and in memory that does not grow with the log; what stands in the folder
 * may be hostile. A log that is being written may be verified too: give the `size` of its newest checkpoint.
 * @throws LiveError WITNESS_KEY_INVALID; WITNESS_UNREADABLE where the disk fails or reading is not allowed
 */
export async function verifyFolder(
  place: string | LogFolder,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const folder = typeof place === 'string' ? folderAt(place) : place;
  const findings = new Findings();
  const known = knownOf(options, findings);
  // what is signed first, then the entries: those that are written meanwhile are more, never fewer
  const checkpoint = await contentOf(folder, CHECKPOINT_FILE, MOST_NOTE_BYTES);
  const history = await History.open(folder);
  try {
    const listed = await listLog(folder);
    const claims = new Claims(checkpoint && utf8Text(checkpoint), history, known, findings);
    // as far as a checkpoint from outside goes everything is looked at: it may know of more than the log does
    const most = Math.max(options.size ?? Infinity, ...known.trusted.map(({ checkpoint: { size } }) => size));
    const walk = new Walk(folder, listed ?? NOTHING, claims, findings, most);
    await walk.run();
    const { entries } = walk;
    if (entries.size === 0) await claims.begin(known.keys[0] ?? null, known.keys[0]?.name ?? null);
    if (!listed) findings.add('FOLDER_MISSING', `there is no folder ${folder.path}`);
    else checkNames(listed, findings);
    if (walk.whole && entries.size < most) await claims.end(entries.size);
    return await reportOf(folder, walk, claims, known, findings, options);
  } finally {
    await history?.close();
  }
}

const NOTHING = { segments: [], noFiles: [], others: [], more: 0 };

async function reportOf(
  folder: LogFolder,
  walk: Walk,
  claims: Claims,
  known: Known,
  findings: Findings,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const { entries } = walk;
  const { size, genesis } = entries;
  const signedSize = claims.newest?.checkpoint.size ?? 0;
  const trustedSize = claims.trustedSize;
  const cosignedSize = known.cosigners.length > 0 ? Math.min(size, cosignedBy(claims, known.quorum)) : null;
  const covered = Math.max(signedSize, trustedSize ?? 0);
  if (size === 0 && walk.whole) findings.add('NO_ENTRIES', 'the log has no entries');
  else if (walk.whole) {
    if (options.size !== undefined && size < options.size)
      findings.add('ENTRIES_MISSING', `${options.size} entries were expected, and here are ${size}`, {
        seq: size,
      });
    if (covered === 0) findings.add('NO_CHECKPOINT', 'no checkpoint vouches for the entries', { seq: 0 });
    else if (covered < size)
      findings.add('TAIL_UNSIGNED', `the entries from ${covered} on are not signed yet`, { seq: covered });
    // a checkpoint from outside vouches for the first entry, and that for the key
    if (known.keys.length === 0 && !trustedSize)
      findings.add(
        'KEY_NOT_GIVEN',
        "the log's key is only its own word: give the key that was noted when the log was made",
      );
    if (cosignedSize !== null && cosignedSize < size)
      findings.add(
        'COSIGNERS_MISSING',
        `${known.quorum} of the given cosigners have countersigned ${cosignedSize} of ${size} entries`,
        { seq: cosignedSize },
      );
    checkAge(entries, claims, findings, options);
  }
  if (genesis?.continues)
    findings.add(
      'CONTINUES',
      `it goes on from another log (${genesis.continues.logId}, ${genesis.continues.size} entries): ${REASONS[genesis.continues.reason]}`,
      { seq: 0 },
    );
  const verdict: Verdict = findings.has('tampered')
    ? 'tampered'
    : findings.has('unknown')
      ? 'unknown'
      : 'valid';
  const report: VerifyReport = {
    valid: verdict === 'valid',
    verdict,
    sentence: '',
    total_events: size,
    first_hash: entries.firstHash,
    last_hash: entries.lastHash,
    broken_at: walk.brokenAt,
    origin: genesis?.origin ?? null,
    log_id: genesis?.logId ?? null,
    vkey: genesis?.vkey ?? null,
    root: size === 0 ? null : entries.range.root().toString('base64'),
    checkpoint: claims.newest?.note ?? null,
    signed_size: signedSize,
    cosigned_size: cosignedSize,
    cosigned_by: claims.newest?.cosigned.map(({ by }) => by.name) ?? [],
    trusted_size: trustedSize,
    closed: entries.closed,
    from: entries.from,
    to: entries.to,
    counts: Object.fromEntries([...entries.counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    continued_in: genesis ? await continuedIn(folder, genesis.logId) : null,
    continues: genesis?.continues ?? null,
    problems: findings.sorted(),
  };
  report.broken_at ??= brokenBy(report);
  report.sentence = sentenceOf(report);
  return report;
}

const REASONS = {
  rollback: 'that had fewer entries than were signed, or others',
  damaged: 'that was damaged',
  removed: 'that was removed',
  key: 'its key was lost',
};

/** Entries that so many cosigners have countersigned: whoever countersigned more has these too. */
function cosignedBy(claims: Claims, quorum: number): number {
  const sizes = [...claims.cosigned.values()].map(({ size }) => size).sort((a, b) => b - a);
  return quorum < 1 ? Infinity : (sizes[quorum - 1] ?? 0);
}

function checkAge(
  entries: Entries,
  claims: Claims,
  findings: Findings,
  { maxAgeMs, now = Date.now }: VerifyOptions,
): void {
  if (maxAgeMs === undefined) return;
  const times = [...claims.cosigned.values()].map(({ at }) => at * 1000);
  const newest = Math.max(Date.parse(entries.to ?? ''), ...times);
  const age = now() - newest;
  if (age <= maxAgeMs) return;
  findings.add('STALE', `the newest entry is ${Math.round(age / 1000)} s old`, { seq: entries.size - 1 });
}

/** The first entry that is not as it was, where the entries themselves are in order. */
function brokenBy({ problems }: VerifyReport): number | null {
  const seqs = problems
    .filter(({ severity, seq }) => severity === 'tampered' && seq !== null)
    .map(({ seq }) => seq!);
  return seqs.length > 0 ? Math.min(...seqs) : null;
}
