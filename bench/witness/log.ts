// The witness log as a node writes it.
import { join } from 'node:path';
import { sourceText } from '../../lib/witness/entry';
import { entryTypeOf } from '../../lib/witness/entry-type';
import { generateSeed, signerOf, type Signer } from '../../lib/witness/keys';
import { projectMessage } from '../../lib/witness/project';
import { WitnessLog, type Appended } from '../../lib/witness/store/log';
import { freshPath } from './disk';
import { SOURCE } from './messages';

const ORIGIN = 'studio.example/live-witness/evening';
const src = sourceText(SOURCE);

export interface BenchLog {
  log: WitnessLog;
  folder: string;
  signer: Signer;
}

/** A new log in a folder of its own. */
export async function openLog(folder = freshPath('log')): Promise<BenchLog> {
  const signer = signerOf(ORIGIN, generateSeed());
  const stateFolder = join(folder, '..', 'state');
  const log = await WitnessLog.open(folder, { origin: ORIGIN, signer, stateFolder, software: 'bench' });
  return { log, folder, signer };
}

/** All that is done for one message before it goes on. */
export function record(log: WitnessLog, msg: unknown): Appended {
  return log.append(entryTypeOf(msg), projectMessage(msg), src);
}

/** Record so many messages, `atOnce` of them in one turn of the event loop, and wait until they are recorded. */
export async function recordAll(
  log: WitnessLog,
  messages: readonly object[],
  count: number,
  atOnce: number,
): Promise<void> {
  for (let seq = 0; seq < count;) {
    const done: Promise<void>[] = [];
    for (let some = 0; some < atOnce && seq < count; some++, seq++)
      done.push(record(log, messages[seq % messages.length]).done);
    await Promise.all(done);
  }
}
