// The lines of a log as the writer makes them, for whatever is measured without the log.
import { entryTypeOf } from '../../lib/witness/entry-type';
import { NO_HASH, encodeEntry, sourceText } from '../../lib/witness/entry';
import { projectMessage } from '../../lib/witness/project';
import { leafHash } from '../../lib/witness/tree';
import { SOURCE, sampleMessages } from './messages';

const STARTED = Date.parse('2026-11-20T19:00:00.000Z');

/** So many lines, chained, each with its line break. */
export function sampleLines(count: number): Buffer[] {
  const messages = sampleMessages();
  const src = sourceText(SOURCE);
  let prev = NO_HASH;
  return Array.from({ length: count }, (_, seq) => {
    const msg = messages[seq % messages.length];
    const t = new Date(STARTED + seq).toISOString();
    const type = entryTypeOf(msg);
    const line = encodeEntry({ seq, t, mono: seq * 1000, type, src, data: projectMessage(msg), prev });
    prev = leafHash(line).toString('hex');
    return Buffer.concat([line, Buffer.from('\n')]);
  });
}
