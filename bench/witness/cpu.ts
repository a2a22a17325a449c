// Processor time of an entry, as multiples of the bare hash of its bytes.
import { hash } from 'node:crypto';
import { projectMessage } from '../../lib/witness/project';
import { verifyFolder } from '../../lib/witness/verify';
import { figure, type Figure } from '../support/figures';
import { alternate, compare } from '../support/rounds';
import { cpuUs, discard } from './disk';
import { sampleLines } from './lines';
import { openLog, recordAll } from './log';
import { sampleMessages } from './messages';

const ROUNDS = 9;
const ENTRIES = 20_000;
/** entries that come in one turn of the event loop */
const AT_ONCE = 500;

export async function cpuFigures(): Promise<Figure[]> {
  const lines = sampleLines(2000);
  const messages = sampleMessages();
  const written = await writeLog(messages);
  const values = await alternate(ROUNDS, 2, {
    append: () => append(messages),
    verify: () => verify(written.folder, written.vkey),
    stringify: () => each((at) => JSON.stringify(messages[at % messages.length])),
    project: () => each((at) => projectMessage(messages[at % messages.length])),
    // as bytes, as a tree needs it
    bare: () => each((at) => hash('sha256', lines[at % lines.length]!, 'buffer')),
    text: () => each((at) => hash('sha256', lines[at % lines.length]!, 'hex')),
  });
  return [
    figure({
      name: 'CPU an entry recorded, from the message to the disk and the signature, beside the bare SHA-256 of its bytes',
      unit: 'µs',
      ...compare(values.append, values.bare),
      goal: 'at most 13 times as much',
      isMet: ({ ratio }) => ratio !== null && ratio <= 13,
    }),
    figure({
      name: 'CPU an entry verified, beside the bare SHA-256 of its bytes',
      unit: 'µs',
      ...compare(values.verify, values.bare),
      goal: 'at most 10 times as much',
      isMet: ({ ratio }) => ratio !== null && ratio <= 10,
    }),
    figure({
      name: 'of what is recorded: the message as canonical text without its secrets, beside JSON.stringify of it',
      unit: 'µs',
      ...compare(values.project, values.stringify),
    }),
    figure({
      name: 'the bare SHA-256, beside the same given as text, the cheapest that Node.js has',
      unit: 'µs',
      ...compare(values.bare, values.text),
    }),
  ];
}

/** Microseconds of processor time for each of many calls. */
function each(call: (at: number) => unknown): Promise<number> {
  const before = cpuUs();
  for (let at = 0; at < ENTRIES; at++) call(at);
  return Promise.resolve((cpuUs() - before) / ENTRIES);
}

/** All of it, checkpoints included, of entries that come in bursts. */
async function append(messages: readonly object[]): Promise<number> {
  const { log, folder } = await openLog();
  const before = cpuUs();
  await recordAll(log, messages, ENTRIES, AT_ONCE);
  await log.checkpoint();
  const spent = cpuUs() - before;
  await log.close();
  discard(folder);
  return spent / ENTRIES;
}

async function writeLog(messages: readonly object[]): Promise<{ folder: string; vkey: string }> {
  const { log, folder, signer } = await openLog();
  await recordAll(log, messages, ENTRIES, AT_ONCE);
  await log.close();
  return { folder, vkey: signer.verifier.text };
}

async function verify(folder: string, vkey: string): Promise<number> {
  const before = cpuUs();
  const { verdict, sentence, total_events } = await verifyFolder(folder, { vkeys: [vkey] });
  const spent = cpuUs() - before;
  if (verdict !== 'valid') throw new Error(sentence);
  return spent / total_events;
}
