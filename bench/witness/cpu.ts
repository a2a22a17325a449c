// Processor time of an entry, as multiples of the bare hash of its bytes.
import { hash } from 'node:crypto';
import { AppendFile } from '../../lib/durable/append';
import { NO_HASH, encodeEntry, sourceText } from '../../lib/witness/entry';
import { entryTypeOf } from '../../lib/witness/entry-type';
import { projectMessage } from '../../lib/witness/project';
import { CompactRange, leafHash } from '../../lib/witness/tree';
import { figure, type Figure } from '../support/figures';
import { alternate, compare, median } from '../support/rounds';
import { cpuUs, freshPath } from './disk';
import { sampleLines } from './lines';
import { SOURCE, sampleMessages } from './messages';

const ROUNDS = 9;
const ENTRIES = 20_000;
/** entries that come in one turn of the event loop */
const AT_ONCE = 500;

export async function cpuFigures(): Promise<Figure[]> {
  const lines = sampleLines(2000);
  const messages = sampleMessages();
  const values = await alternate(ROUNDS, 2, {
    append: () => append(messages),
    project: () => each((at) => projectMessage(messages[at % messages.length])),
    // the quickest that Node.js has
    bare: () => each((at) => hash('sha256', lines[at % lines.length]!, 'hex')),
  });
  return [
    figure({
      name: 'CPU an entry appended, beside the bare SHA-256 of its bytes',
      unit: 'µs',
      ...compare(values.append, values.bare),
      goal: 'at most 13 times as much',
      isMet: ({ ratio }) => ratio !== null && ratio <= 13,
    }),
    figure({
      name: 'of it: the message as canonical text, without its secrets',
      unit: 'µs',
      ours: median(values.project),
    }),
  ];
}

/** Microseconds of processor time for each of many calls. */
function each(call: (at: number) => unknown): Promise<number> {
  const before = cpuUs();
  for (let at = 0; at < ENTRIES; at++) call(at);
  return Promise.resolve((cpuUs() - before) / ENTRIES);
}

async function append(messages: readonly object[]): Promise<number> {
  const file = await AppendFile.open(freshPath('cpu'));
  const range = new CompactRange();
  const src = sourceText(SOURCE);
  let prev = NO_HASH;
  const before = cpuUs();
  for (let seq = 0; seq < ENTRIES;) {
    const done: Promise<void>[] = [];
    for (let count = 0; count < AT_ONCE; count++, seq++) {
      const msg = messages[seq % messages.length];
      const t = new Date().toISOString();
      const line = encodeEntry({
        seq,
        t,
        mono: seq,
        type: entryTypeOf(msg),
        src,
        data: projectMessage(msg),
        prev,
      });
      const leaf = leafHash(line);
      prev = leaf.toString('hex');
      range.push(leaf);
      done.push(file.append(line));
    }
    await Promise.all(done);
  }
  await file.close();
  return (cpuUs() - before) / ENTRIES;
}
