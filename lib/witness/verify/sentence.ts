import type { Problem, ProblemCode } from './problems';
import type { VerifyReport } from './report';

const KEEP =
  'Change nothing in the folder: copy it as it is, and compare it with checkpoints that were sent out of the house.';
const AGAIN = 'and verify again';

type Teller = (problem: Problem, report: VerifyReport) => string;

const changed: Teller = ({ seq, detail, ...problem }) =>
  `This log was changed: entry ${seq} is not as it was written${where(problem)}: ${detail}. ${before(seq)}`;
const COPIED =
  'Or it was copied while it was written: then stop Node-RED or let the log sign a checkpoint, copy it again, and verify the new copy.';
const cut: Teller = ({ detail }) =>
  `The end of this log was cut off, or an older copy was put in its place: ${detail}. ${COPIED}`;
/** A checkpoint from outside does not fit. After a new disk or a lost key it is, honestly, that of the log before. */
const trusted =
  (told: string): Teller =>
  ({ detail }, { continues }) =>
    continues
      ? `A trusted checkpoint does not fit this log: ${detail}. This log goes on from another one of ${continues.size} entries, and the checkpoint may be of the log before: verify the folder of that log with it. If it is of this log, this log was changed.`
      : `${told}: ${detail}.`;
const files: Teller = ({ seq, detail }) => `Entries are missing from this log: ${detail}. ${before(seq)}`;
const checkpoint: Teller = ({ detail }) =>
  `A checkpoint of this log was changed, or it was made without the log's key: ${detail}.`;
const own: Teller = ({ seq, detail }) =>
  `What this log says of itself in entry ${seq} is not so: ${detail}. Somebody wrote it anew, with its key.`;
const other: Teller = ({ detail }) =>
  `This is not the log you asked for: ${detail}. Either it was put in its place, or the question was about another one: check the key and the name.`;

/** What is told of the gravest finding. */
const TELLERS: Partial<Record<ProblemCode, Teller>> = {
  ENTRY_CHANGED: ({ seq, ...problem }) =>
    `Entry ${seq} of this log is not as it was written${where(problem)}: the entry behind it was made for another. Those before it are in order.`,
  ENTRY_INVALID: changed,
  ENTRY_ORDER: changed,
  ENTRY_UNFINISHED: (problem, report) => `${changed(problem, report)} ${COPIED}`,
  GENESIS_INVALID: changed,
  OWN_ENTRY_WRONG: own,
  STATS_WRONG: own,
  ENTRIES_MISSING: cut,
  TRUSTED_BEYOND: trusted('The end of this log was cut off, or an older copy was put in its place'),
  SEGMENT_GAP: files,
  SEGMENT_OVERLAP: files,
  SEGMENT_NO_FILE: files,
  RECOVERED_CHANGED: ({ detail }) => `Bytes that were moved aside after a crash were changed: ${detail}.`,
  CHECKPOINT_MALFORMED: checkpoint,
  CHECKPOINT_SIGNATURE: checkpoint,
  CHECKPOINT_ORIGIN: checkpoint,
  CHECKPOINT_ORDER: checkpoint,
  COSIGNATURE_WRONG: checkpoint,
  ROOT_OTHER: ({ detail }) => `This log was changed and its links made right again: ${detail}.`,
  TRUSTED_OTHER: trusted('This log was written anew'),
  EQUIVOCATION: () =>
    'This log tells two stories: two different checkpoints of the same size carry its signature. Somebody with its key wrote it anew.',
  ORIGIN_OTHER: other,
  KEY_OTHER: other,

  FOLDER_MISSING: ({ detail }) => `There is nothing to verify: ${detail}. Check the folder.`,
  NO_ENTRIES: ({ detail }) => `There is nothing to verify: ${detail}. Check the folder.`,
  FORMAT_UNKNOWN: ({ detail }) =>
    `This log is newer than this program: ${detail}. Install the newest version, ${AGAIN}.`,
  TAIL_TORN: ({ seq }) =>
    `${entries(seq)} in order, and behind them the last line is not whole: it is just being written, or the computer stopped then. Start Node-RED, which moves the rest aside and goes on, ${AGAIN}.`,
  TAIL_UNSIGNED: ({ seq }, { total_events }) =>
    `${entries(total_events)} in order, and those from ${seq} on are not signed: anybody could have put them there. If the log is being written, let it sign a checkpoint, ${AGAIN}.`,
  NO_CHECKPOINT: (_, { total_events }) =>
    `${entries(total_events)} in order, and nothing signed says that they are those that were written. If the log is being written, let it sign a checkpoint, ${AGAIN}; if it had one, it was taken away.`,
  KEY_NOT_GIVEN: (_, { total_events }) =>
    `${entries(total_events)} in order and signed, but the key is only the log's own word: whoever writes a whole new log signs that, too. Verify again with the key that was noted when the log was made, or with a checkpoint from a mail.`,
  COSIGNERS_MISSING: ({ detail }) =>
    `The log is in order and signed, but ${detail}. Look whether the cosigners run, let the log sign a checkpoint, ${AGAIN}.`,
  TRUSTED_UNREADABLE: ({ detail }) => sentence(detail),
  TRUSTED_UNSIGNED: ({ detail }) => sentence(detail),
  STALE: ({ detail }) =>
    `The log is in order and signed, but ${detail}: it may be an older copy, or nothing was recorded since. Look whether Node-RED writes it.`,
};

/** What a report says in plain words, and what to do. */
export function sentenceOf(report: VerifyReport): string {
  const { verdict, problems, total_events: total, cosigned_by, closed } = report;
  const [gravest] = problems;
  if (verdict !== 'valid' && gravest) {
    const told = (TELLERS[gravest.code]?.(gravest, report) ?? sentence(gravest.detail)).trim();
    return verdict === 'tampered' ? `${told} ${KEEP}` : told;
  }
  const missing = problems.some(({ code }) => code === 'GAP');
  return [
    `This is the log that was written: ${total === 1 ? '1 entry' : `${total} entries`}, all in order and signed.`,
    cosigned_by.length > 0 && `Countersigned by ${cosigned_by.join(', ')}.`,
    missing && 'It says itself that some messages could not be recorded.',
    !closed && 'It has no end: it is still being written, or was stopped by a crash.',
  ]
    .filter(Boolean)
    .join(' ');
}

function entries(count: number | null): string {
  return count === 1 ? '1 entry is' : `${count ?? 0} entries are`;
}

function before(seq: number | null): string {
  return seq ? `Those before entry ${seq} are in order.` : '';
}

function where({ file, offset }: Pick<Problem, 'file' | 'offset'>): string {
  return file === null ? '' : ` (${file}${offset === null ? '' : `, byte ${offset}`})`;
}

function sentence(detail: string): string {
  return `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`;
}
